import { describe, expect, test } from 'vitest';
import { type PolicyInFile, readCases, textOf } from '../../test/vectors/policy/vectors.ts';
import { type PolicyKind, parsePolicyDocument } from './policy-document.ts';

interface DocumentCase {
  readonly name: string;
  readonly kind: PolicyKind;
  /** One of the two; a text where it matters how the JSON is written. */
  readonly document?: PolicyInFile;
  readonly text?: string;
  /** Absent: the document is well-formed. */
  readonly message?: string;
}

describe.each(['identity-documents.json', 'trust-documents.json'])('%s', (fileName) => {
  test.each(readCases<DocumentCase>(fileName))('$name', ({ kind, document, text, message }) => {
    const parse = () => parsePolicyDocument(kind, text ?? textOf(document!));
    if (message === undefined) expect(parse().statements.length).toBeGreaterThan(0);
    else expect(parse).toThrow(expect.objectContaining({ code: 'MalformedPolicyDocumentException', message }));
  });
});

test('a document comes back in one form, however it was written', () => {
  const text = JSON.stringify({
    Id: 'example',
    Statement: {
      Sid: 'One',
      Effect: 'Deny',
      NotPrincipal: { AWS: '111122223333' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': ['a', 'b'] }, Bool: { 'aws:SecureTransport': false } },
    },
  });
  expect(parsePolicyDocument('trust', text)).toEqual({
    version: '2008-10-17',
    id: 'example',
    statements: [
      {
        sid: 'One',
        effect: 'Deny',
        principals: { isNegated: true, ids: new Map([['AWS', ['111122223333']]]) },
        actions: { isNegated: false, values: ['sts:AssumeRole'] },
        conditions: [
          { operator: 'StringEquals', key: 'sts:ExternalId', values: ['a', 'b'] },
          { operator: 'Bool', key: 'aws:SecureTransport', values: ['false'] },
        ],
      },
    ],
  });
});

test('a text longer than IAM takes is not read', () => {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: [] }) + ' '.repeat(131_072);
  expect(() => parsePolicyDocument('identity', text)).toThrow('Syntax errors in policy.');
});

test('other resource-based policies need resources', () => {
  const statement = { Effect: 'Allow', Principal: '*', Action: 'bedrock:InvokeModel' };
  const parse = (Statement: object) => () => parsePolicyDocument('resource', JSON.stringify({ Statement }));
  expect(parse(statement)).toThrow('Missing required field Resource');
  expect(parse({ ...statement, Resource: '*' })).not.toThrow();
});
