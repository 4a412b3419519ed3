import { describe, expect, test } from 'vitest';
import { callerNamed, contextOf, type PoliciesInFile, policySetOf } from '../../test/vectors/policy/vectors.ts';
import type { SecretBox } from '../kernel/secret-box.ts';
import type { Denial } from './access-denied.ts';
import { AuthorizationMessages } from './authorization-message.ts';
import { authorize } from './authorize.ts';

/** Shows what would be sealed. */
const OPEN_BOX: SecretBox = {
  seal: (purpose, text) => Buffer.from(`${purpose}:${text}`).toString('base64url'),
  open: (purpose, sealed) => {
    const text = Buffer.from(sealed, 'base64url').toString();
    if (!text.startsWith(`${purpose}:`)) throw new Error('not sealed');
    return text.slice(purpose.length + 1);
  },
};
const messages = new AuthorizationMessages(OPEN_BOX);
const ACCOUNT = '111122223333';
const MODEL = 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6';

function denialOf(callerName: string, policies: PoliciesInFile, tags?: ReadonlyMap<string, string>): Denial {
  const named = callerNamed(callerName);
  const caller = tags ? { ...named, tags } : named;
  const context = contextOf(caller, { 'bedrock:ServiceTier': ['flex'] });
  const request = { caller, action: 'bedrock:InvokeModel', resource: MODEL, context };
  const policySet = policySetOf(policies);
  const decision = authorize(request, policySet);
  return { ...request, decision, policies: policySet, operationKeys: ['bedrock:ServiceTier'] };
}

const decode = (denial: Denial) => JSON.parse(messages.decode(messages.encode(denial), ACCOUNT)!);
const allow = { Effect: 'Allow', Action: '*', Resource: '*' };

describe('an encoded authorization message', () => {
  test('has the shape of AWS: an explicit deny with its statements', () => {
    const deny = {
      Sid: 'NoFlex',
      Effect: 'Deny',
      Action: ['bedrock:Invoke*'],
      Resource: '*',
      Condition: { StringEquals: { 'bedrock:ServiceTier': ['flex', 'priority'] } },
    };
    const { context, ...verdict } = decode(denialOf('alice', { identity: [{ Statement: [allow, deny] }] }));
    expect(verdict).toEqual({
      allowed: false,
      explicitDeny: true,
      matchedStatements: {
        items: [
          {
            statementId: 'NoFlex',
            effect: 'DENY',
            principals: { items: [{ value: 'AIDAALICEEXAMPLE00001' }] },
            principalGroups: { items: [] },
            actions: { items: [{ value: 'bedrock:Invoke*' }] },
            resources: { items: [{ value: '*' }] },
            conditions: {
              items: [{ key: 'bedrock:ServiceTier', values: { items: [{ value: 'flex' }, { value: 'priority' }] } }],
            },
          },
        ],
      },
      failures: { items: [] },
    });
    expect(context).toMatchObject({
      principal: {
        id: 'AIDAALICEEXAMPLE00001',
        name: 'alice',
        arn: 'arn:aws:iam::111122223333:user/engineering/alice',
      },
      action: 'bedrock:InvokeModel',
      resource: MODEL,
    });
    const values = Object.fromEntries(
      context.conditions.items.map(({ key, values }: { key: string; values: { items: { value: string }[] } }) => [
        key,
        values.items.map(({ value }) => value),
      ]),
    );
    expect(values).toMatchObject({
      'bedrock:ServiceTier': ['flex'],
      'aws:Service': ['bedrock'],
      'aws:Region': ['us-east-1'],
      'aws:Type': ['foundation-model'],
      'aws:ARN': [MODEL],
      'aws:SourceIp': ['203.0.113.25'],
      'aws:PrincipalTag/team': ['red'],
    });
  });

  test('of an implicit deny matches nothing, and a session has no name', () => {
    const { explicitDeny, matchedStatements, context } = decode(denialOf('role-session', { identity: [] }));
    expect({ explicitDeny, matchedStatements }).toEqual({ explicitDeny: false, matchedStatements: { items: [] } });
    expect(context.principal).toEqual({
      id: 'AROAINFERENCEEXAMPLE1:alice@example.com',
      arn: 'arn:aws:sts::111122223333:assumed-role/InferenceRole/alice@example.com',
    });
  });

  test('keeps the policies of the organization to itself', () => {
    const serviceControl = [[{ Statement: { ...allow, Effect: 'Deny' } }]];
    const { explicitDeny, matchedStatements } = decode(denialOf('alice', { identity: [], serviceControl }));
    expect({ explicitDeny, matchedStatements }).toEqual({ explicitDeny: true, matchedStatements: { items: [] } });
  });

  test('is no longer than DecodeAuthorizationMessage takes, and still opens', () => {
    const statements = Array.from({ length: 200 }, (_, index) => ({
      Sid: `Deny${index}`,
      Effect: 'Deny',
      Action: 'bedrock:*',
      Resource: `arn:aws:bedrock:*::foundation-model/${'*'.repeat(index)}`,
    }));
    const tags = new Map(Array.from({ length: 50 }, (_, n) => [`${'ключ'.repeat(20)}${n}`, 'é'.repeat(256)]));
    const denial = denialOf('role-session', { identity: [{ Statement: statements }] }, tags);
    const encoded = messages.encode(denial);
    expect(encoded.length).toBeLessThanOrEqual(10_240);
    expect(decode(denial).matchedStatements.items.length).toBeGreaterThan(10);
  });

  test('is of one of three lengths, so that it says little by itself', () => {
    const deny = { Sid: 'No', Effect: 'Deny', Action: '*', Resource: '*' };
    const lengthOf = (Statement: object[]) => messages.encode(denialOf('bob', { identity: [{ Statement }] })).length;
    const lengths = Array.from({ length: 100 }, (_, n) => lengthOf(Array(n + 1).fill({ ...deny, Sid: undefined })));
    expect(new Set(lengths).size).toBeLessThanOrEqual(3);
    expect(lengthOf([deny])).toBe(lengthOf([{ ...deny, Resource: 'arn:aws:s3:::*' }]));
  });

  test('opens for its account alone, and only when it is one', () => {
    const encoded = messages.encode(denialOf('alice', { identity: [] }));
    expect(messages.decode(encoded, '444455556666')).toBeUndefined();
    expect(messages.decode('not a message', ACCOUNT)).toBeUndefined();
    expect(messages.decode(OPEN_BOX.seal('session-token', `${ACCOUNT}{}`), ACCOUNT)).toBeUndefined();
    expect(messages.decode('x'.repeat(20_000), ACCOUNT)).toBeUndefined();
  });
});
