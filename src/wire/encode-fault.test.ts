import { describe, expect, it } from 'vitest';
import { Fault } from '../kernel/fault.ts';
import { encodeFault } from './encode-fault.ts';
import type { Dialect } from './operation.ts';

const STS: Dialect = { protocol: 'awsQuery', service: 'sts' };
const IAM: Dialect = { protocol: 'awsQuery', service: 'iam' };
const CE: Dialect = { protocol: 'awsJson', service: 'ce' };
const EXPORTS: Dialect = { protocol: 'awsJson', service: 'bcm-data-exports' };
const RUNTIME: Dialect = { protocol: 'restJson', service: 'bedrock-runtime' };

describe('awsQuery', () => {
  it('is printed as STS does', () => {
    expect(encodeFault(STS, new Fault('AccessDeniedException', 'User: <a> is not authorized'), 'id-1')).toEqual({
      status: 403,
      headers: { 'content-type': 'text/xml', 'x-amzn-requestid': 'id-1' },
      body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>Sender</Type>
    <Code>AccessDenied</Code>
    <Message>User: &lt;a&gt; is not authorized</Message>
  </Error>
  <RequestId>id-1</RequestId>
</ErrorResponse>
`,
    });
  });

  it.each<[Dialect, Fault, number, string]>([
    [IAM, new Fault('NoSuchEntityException', 'x'), 404, 'NoSuchEntity'],
    [IAM, new Fault('EntityAlreadyExistsException', 'x'), 409, 'EntityAlreadyExists'],
    [IAM, new Fault('LimitExceededException', 'x'), 409, 'LimitExceeded'],
    [IAM, new Fault('DeleteConflictException', 'x'), 409, 'DeleteConflict'],
    [IAM, new Fault('MalformedPolicyDocumentException', 'x'), 400, 'MalformedPolicyDocument'],
    [STS, new Fault('ValidationException', 'x'), 400, 'ValidationError'],
    [STS, new Fault('InvalidParameterValueException', 'x'), 400, 'InvalidParameterValue'],
    [STS, new Fault('SerializationException', 'x'), 400, 'MalformedInput'],
    [STS, new Fault('PackedPolicyTooLargeException', 'x'), 400, 'PackedPolicyTooLarge'],
    [STS, new Fault('MissingAuthenticationTokenException', 'x'), 403, 'MissingAuthenticationToken'],
    [STS, new Fault('IncompleteSignatureException', 'x'), 400, 'IncompleteSignature'],
    [STS, new Fault('InvalidSignatureException', 'x'), 403, 'SignatureDoesNotMatch'],
    [STS, new Fault('UnrecognizedClientException', 'x'), 403, 'InvalidClientTokenId'],
    [STS, new Fault('ThrottlingException', 'Rate exceeded'), 400, 'Throttling'],
    [STS, new Fault('ExpiredTokenException', 'session'), 403, 'ExpiredToken'],
    [STS, new Fault('ExpiredIdentityTokenException', 'token'), 400, 'ExpiredTokenException'],
  ])('%o words %s as %i %s', (dialect, fault, status, code) => {
    const { body, ...response } = encodeFault(dialect, fault, 'id-1');
    expect(response.status).toBe(status);
    expect(body).toContain(`<Code>${code}</Code>`);
  });

  it('leaves out an empty message, and has another namespace before an operation is found', () => {
    expect(encodeFault(STS, new Fault('SerializationException', ''), 'id-1').body).not.toContain('Message');
    const unknown = new Fault('UnknownOperationException', 'Could not find operation X for version Y');
    for (const dialect of [STS, { protocol: 'awsQuery' } as const]) {
      const { status, body } = encodeFault(dialect, unknown, 'id-1');
      expect(status).toBe(400);
      expect(body).toContain('<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09">');
      expect(body).toContain('<Code>InvalidAction</Code>');
    }
  });

  it('blames the receiver for its own faults', () => {
    expect(encodeFault(IAM, new Fault('ServiceUnavailableException', 'x'), 'id-1').body).toContain(
      '<Type>Receiver</Type>',
    );
  });
});

describe('JSON', () => {
  it('names the code in header and body, and the message as the model does', () => {
    expect(encodeFault(CE, new Fault('BillExpirationException', 'gone'), 'id-1')).toEqual({
      status: 400,
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amzn-requestid': 'id-1',
        'x-amzn-errortype': 'BillExpirationException',
      },
      body: '{"__type":"BillExpirationException","Message":"gone"}',
    });
    expect(encodeFault(RUNTIME, new Fault('ThrottlingException', 'slow'), 'id-1')).toEqual({
      status: 429,
      headers: {
        'content-type': 'application/json',
        'x-amzn-requestid': 'id-1',
        'x-amzn-errortype': 'ThrottlingException',
      },
      body: '{"message":"slow"}',
    });
  });

  it('adds the members of the model and nothing else', () => {
    const fields = { ResourceId: 'x', ResourceType: 'export', secret: 'y' };
    const { status, body } = encodeFault(EXPORTS, new Fault('ResourceNotFoundException', 'none', fields), 'id-1');
    expect(status).toBe(404);
    expect(JSON.parse(body as string)).toEqual({
      __type: 'ResourceNotFoundException',
      Message: 'none',
      ResourceId: 'x',
      ResourceType: 'export',
    });
  });

  it.each<[Dialect, Fault, number]>([
    [CE, new Fault('AccessDeniedException', 'x'), 400],
    [RUNTIME, new Fault('AccessDeniedException', 'x'), 403],
    [CE, new Fault('UnrecognizedClientException', 'x'), 400],
    [RUNTIME, new Fault('UnrecognizedClientException', 'x'), 403],
    [CE, new Fault('ExpiredTokenException', 'x'), 400],
    [CE, new Fault('RequestEntityTooLargeException', 'x'), 413],
    [CE, new Fault('ServiceUnavailableException', 'x'), 503],
    [EXPORTS, new Fault('ServiceQuotaExceededException', 'x'), 402],
    [RUNTIME, new Fault('ServiceQuotaExceededException', 'x'), 400],
    [RUNTIME, new Fault('ModelTimeoutException', 'x'), 408],
    [{ protocol: 'restJson' }, new Fault('UnknownOperationException', ''), 404],
    [{ protocol: 'awsJson' }, new Fault('UnknownOperationException', ''), 400],
  ])('%o answers %s with %i', (dialect, fault, status) => {
    expect(encodeFault(dialect, fault, 'id-1')).toMatchObject({ status, headers: { 'x-amzn-errortype': fault.code } });
  });
});

describe('what must not leave', () => {
  const errors = [new Error('secret'), 'secret', undefined, new Fault('DataFolderUnusable', 'secret')];

  it.each([STS, CE, RUNTIME, { protocol: 'restJson' } as const])('%o', (dialect) => {
    for (const error of errors) {
      const { status, headers, body } = encodeFault(dialect, error, 'id-1');
      expect(status).toBe(500);
      expect(body).not.toContain('secret');
      expect(Object.values(headers).every((value) => typeof value === 'string')).toBe(true);
      expect(`${headers['x-amzn-errortype'] ?? ''}${String(body)}`).toContain('InternalFailure');
    }
  });

  it('but a code that our own service models may', () => {
    const { status, body } = encodeFault(
      { protocol: 'awsJson', service: 'tallyline' },
      new Fault('QueryInvalid', 'no'),
      'id-1',
    );
    expect(status).toBe(400);
    expect(JSON.parse(body as string)).toEqual({ __type: 'QueryInvalid', message: 'no' });
  });
});
