import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Fault } from '../kernel/fault.ts';
import { MINUTE_MS } from '../kernel/time.ts';
import type { WireRequest } from './exchange.ts';
import { type OutgoingRequest, signRequest } from './sign-request.ts';
import { sdkSigned } from './sigv4/sdk-signer.fixture.ts';
import {
  type Authorization,
  type ExpectedScope,
  hasAuthorization,
  readAuthorization,
  SigningKeyCache,
  verifySignature,
} from './sigv4.ts';
import { wireRequest } from './wire-request.fixture.ts';

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

const NOW_MS = Date.parse('2026-05-23T07:31:28Z');
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const IDENTITY = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: SECRET,
  region: 'us-east-1',
  service: 'bedrock',
};
const BEDROCK: ExpectedScope = {
  service: 'bedrock',
  regions: new Set(['us-east-1', 'eu-west-1']),
  skewMs: 5 * MINUTE_MS,
};
const STS: ExpectedScope = { service: 'sts', regions: new Set(['us-east-1', 'eu-west-1']), skewMs: 15 * MINUTE_MS };

function signed(
  over: Partial<OutgoingRequest> = {},
  identity: Parameters<typeof signRequest>[1] = IDENTITY,
): WireRequest {
  const outgoing: OutgoingRequest = {
    method: 'POST',
    path: '/model/us.anthropic.x-v1%3A0/converse',
    headers: { host: '127.0.0.1:4600', 'content-type': 'application/json' },
    body: '{"messages":[]}',
    ...over,
  };
  return wireRequest({
    method: outgoing.method,
    path: outgoing.path,
    query: outgoing.query ?? '',
    headers: signRequest(outgoing, identity, NOW_MS),
    body: Buffer.from(outgoing.body),
  });
}

function verify(request: WireRequest, expected = BEDROCK, nowMs = NOW_MS): Authorization {
  const authorization = readAuthorization(request, expected, nowMs);
  verifySignature(authorization, request, SECRET, new SigningKeyCache());
  return authorization;
}

function faultOf(action: () => unknown): Pick<Fault, 'code' | 'message'> {
  try {
    action();
  } catch (error) {
    if (error instanceof Fault) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('nothing was thrown');
}

function withHeaders(request: WireRequest, headers: Readonly<Record<string, string | undefined>>): WireRequest {
  const merged = Object.entries({ ...request.headers, ...headers }).filter(([, value]) => value !== undefined);
  return { ...request, headers: Object.fromEntries(merged) as Record<string, string> };
}

describe('verification', () => {
  it('returns who signed, for what and when', () => {
    const request = signed({}, { ...IDENTITY, sessionToken: 'token==' });
    expect(verify(request)).toMatchObject({
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      sessionToken: 'token==',
      date: '20260523',
      region: 'us-east-1',
      service: 'bedrock',
      timestamp: '20260523T073128Z',
    });
  });

  it('takes a body hash that was signed but not sent, as botocore signs', () => {
    const parts = signed();
    const host = { host: '127.0.0.1:4600', 'x-amz-date': '20260523T073128Z' };
    const canonical = `POST\n/model/us.anthropic.x-v1%253A0/converse\n\nhost:127.0.0.1:4600\nx-amz-date:20260523T073128Z\n\nhost;x-amz-date\n${createHash('sha256').update(parts.body).digest('hex')}`;
    const signature = signByHand(canonical);
    const authorization = `AWS4-HMAC-SHA256 Credential=${IDENTITY.accessKeyId}/20260523/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`;
    expect(verify({ ...parts, headers: { ...host, authorization } }).accessKeyId).toBe(IDENTITY.accessKeyId);
    expect(() => verify({ ...parts, body: Buffer.from('{}'), headers: { ...host, authorization } })).toThrow(MISMATCH);
  });

  it('takes host for :authority and the other way round, as clients of HTTP/2 sign either', () => {
    const overHttp2 = signed({ headers: { ':authority': '127.0.0.1:4600' } });
    expect(overHttp2.headers.authorization).toContain('SignedHeaders=:authority;');
    verify(overHttp2);
    verify(withHeaders(overHttp2, { ':authority': undefined, host: '127.0.0.1:4600' }));
    verify(withHeaders(signed(), { host: undefined, ':authority': '127.0.0.1:4600' }));
    expect(() => verify(withHeaders(overHttp2, { ':authority': 'evil.example' }))).toThrow(MISMATCH);
  });

  it('takes an unsigned payload only when that was signed', () => {
    const request = withHeaders(signed(), { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' });
    expect(() => verify(request)).toThrow(MISMATCH);
    const canonical =
      'POST\n/\n\nhost:h\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:20260523T073128Z\n\nhost;x-amz-content-sha256;x-amz-date\nUNSIGNED-PAYLOAD';
    const headers = {
      host: 'h',
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
      'x-amz-date': '20260523T073128Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${IDENTITY.accessKeyId}/20260523/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signByHand(canonical)}`,
    };
    verify(wireRequest({ headers, body: Buffer.from('anything') }));
  });

  it.each([
    ['STREAMING-AWS4-HMAC-SHA256-EVENTS', 'application/vnd.amazon.eventstream', true],
    ['STREAMING-AWS4-HMAC-SHA256-EVENTS', 'application/json', false],
    ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'application/vnd.amazon.eventstream', false],
    ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'application/json', false],
  ])('takes %s with %s: %s', (literal, contentType, isTaken) => {
    const canonical = `POST\n/\n\ncontent-type:${contentType}\nhost:h\nx-amz-content-sha256:${literal}\nx-amz-date:20260523T073128Z\n\ncontent-type;host;x-amz-content-sha256;x-amz-date\n${literal}`;
    const headers = {
      host: 'h',
      'content-type': contentType,
      'x-amz-content-sha256': literal,
      'x-amz-date': '20260523T073128Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${IDENTITY.accessKeyId}/20260523/us-east-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, Signature=${signByHand(canonical)}`,
    };
    const request = wireRequest({ headers });
    if (isTaken) verify(request);
    else expect(() => verify(request)).toThrow(MISMATCH);
  });

  const request = signed({ query: 'a=1&b=2' }, { ...IDENTITY, sessionToken: 'token' });
  const { authorization = '' } = request.headers;
  const flipped = (hex: string) => (hex.endsWith('0') ? `${hex.slice(0, -1)}1` : `${hex.slice(0, -1)}0`);
  it.each<[string, WireRequest]>([
    ['method', { ...request, method: 'PUT' }],
    ['path', { ...request, path: '/model/us.anthropic.y-v1%3A0/converse' }],
    ['path encoding', { ...request, path: '/model/us.anthropic.x-v1:0/converse' }],
    ['query value', { ...request, query: 'a=1&b=3' }],
    ['query parameter', { ...request, query: 'a=1&b=2&c' }],
    ['body', { ...request, body: Buffer.from('{"messages":[1]}') }],
    ['empty body', { ...request, body: Buffer.alloc(0) }],
    ['host', withHeaders(request, { host: 'evil.example' })],
    ['content-type', withHeaders(request, { 'content-type': 'text/plain' })],
    ['signed header taken away', withHeaders(request, { 'content-type': undefined })],
    ['session token', withHeaders(request, { 'x-amz-security-token': 'other' })],
    ['body hash', withHeaders(request, { 'x-amz-content-sha256': createHash('sha256').update('x').digest('hex') })],
    ['date', withHeaders(request, { 'x-amz-date': '20260523T073129Z' })],
    ['signature', withHeaders(request, { authorization: flipped(authorization) })],
    ['signature cut short', withHeaders(request, { authorization: authorization.slice(0, -2) })],
    [
      'signature in upper case',
      withHeaders(request, { authorization: authorization.replace(/[0-9a-f]{64}$/, (hex) => hex.toUpperCase()) }),
    ],
    ['region', withHeaders(request, { authorization: authorization.replace('us-east-1', 'eu-west-1') })],
    [
      'order of signed headers',
      withHeaders(request, { authorization: authorization.replace('content-type;host', 'host;content-type') }),
    ],
  ])('notices a changed %s', (_, tampered) => {
    verify(request);
    expect(faultOf(() => verify(tampered))).toEqual({ code: 'InvalidSignatureException', message: MISMATCH });
  });

  it('takes repeated fields, which the signer joins with a bare comma and the server with a space', () => {
    const joined = signed({ headers: { host: 'h', 'x-note': 'a,b' } });
    verify(withHeaders(joined, { 'x-note': 'a, b' }));
    verify(signed({ headers: { host: 'h', 'x-note': 'a, b' } }));
  });
});

describe('signed URLs', () => {
  const base = signed({ method: 'GET', path: '/', body: '' });
  const credentials = { accessKeyId: 'AKID', secretAccessKey: SECRET };
  const presigned = (expiresIn: number, query: Record<string, string> = {}) =>
    sdkSigned(
      { method: 'GET', path: '/', query, headers: { host: 'h' }, body: '' },
      { credentials, service: 'sts', nowMs: NOW_MS, expiresIn },
    );

  it('are valid until they expire, whatever the skew', async () => {
    const request = await presigned(3600, { Action: 'GetCallerIdentity', Version: '2011-06-15' });
    verify(request, STS, NOW_MS);
    verify(request, STS, NOW_MS + 3_600_000);
    expect(faultOf(() => verify(request, STS, NOW_MS + 3_601_000))).toEqual({
      code: 'InvalidSignatureException',
      message: 'Signature expired: 20260523T073128Z is now earlier than 20260523T073129Z (20260523T083129Z - 60 min.)',
    });
    expect(faultOf(() => verify(request, STS, NOW_MS - 16 * MINUTE_MS)).message).toContain('Signature not yet current');
  });

  it('say what is missing', () => {
    const request = { ...base, headers: { host: 'h' }, query: 'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=x' };
    expect(faultOf(() => verify(request, STS))).toEqual({
      code: 'IncompleteSignatureException',
      message:
        "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. Re-examine the query-string parameters.",
    });
  });

  it('must not come with an Authorization header', async () => {
    const request = withHeaders(await presigned(60), { authorization: 'AWS4-HMAC-SHA256 Credential=a' });
    expect(faultOf(() => verify(request, STS))).toEqual({
      code: 'InvalidSignatureException',
      message: "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    });
  });

  it.each(['0', '604801', '-1', 'x', '9999999'])('must not live for %s seconds', async (expires) => {
    const request = await presigned(60);
    const query = request.query.replace('X-Amz-Expires=60', `X-Amz-Expires=${expires}`);
    expect(faultOf(() => verify({ ...request, query }, STS)).code).toBe('IncompleteSignatureException');
  });

  it('notice another expiry, parameter or token', async () => {
    const request = await presigned(60);
    const tampered = [request.query.replace('Expires=60', 'Expires=61'), `${request.query}&a=b`];
    for (const query of tampered) expect(() => verify({ ...request, query }, STS)).toThrow(MISMATCH);
  });
});

describe('errors, in the order of the checks', () => {
  const good = signed({}, { ...IDENTITY, service: 'sts' });
  const rewrite = (from: string | RegExp, to: string) =>
    withHeaders(good, { authorization: good.headers.authorization!.replace(from, to) });

  it.each<[string, WireRequest, string, string]>([
    [
      'no authorization',
      withHeaders(good, { authorization: undefined }),
      'MissingAuthenticationTokenException',
      'Request is missing Authentication Token',
    ],
    [
      'no parameters and no date',
      withHeaders(good, { authorization: 'AWS4-HMAC-SHA256', 'x-amz-date': undefined }),
      'IncompleteSignatureException',
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256",
    ],
    [
      'another scheme, of which nothing is repeated',
      withHeaders(good, { authorization: 'Bearer secret' }),
      'IncompleteSignatureException',
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.",
    ],
    [
      'a date in another format',
      withHeaders(good, { 'x-amz-date': '2026-05-23T07:31:28Z' }),
      'IncompleteSignatureException',
      "Date must be in ISO-8601 'basic format'. Got '2026-05-23T07:31:28Z'. See http://en.wikipedia.org/wiki/ISO_8601",
    ],
    [
      'a day that does not exist',
      withHeaders(good, { 'x-amz-date': '20260230T073128Z' }),
      'IncompleteSignatureException',
      "Date must be in ISO-8601 'basic format'. Got '20260230T073128Z'. See http://en.wikipedia.org/wiki/ISO_8601",
    ],
    [
      'an unsigned host',
      rewrite(';host', ''),
      'InvalidSignatureException',
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    ],
    [
      'an added x-amz header',
      withHeaders(good, { 'x-amz-target': 'AWSInsightsIndexService.GetTags' }),
      'InvalidSignatureException',
      "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
    ],
    [
      'added request metadata',
      withHeaders(good, { 'x-amzn-bedrock-request-metadata': '{"team":"other"}' }),
      'InvalidSignatureException',
      "'x-amzn-bedrock-request-metadata' must be a 'SignedHeader' in the AWS Authorization.",
    ],
    [
      'another algorithm',
      rewrite('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'),
      'IncompleteSignatureException',
      "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.",
    ],
    [
      'a credential in four parts',
      rewrite('/aws4_request', ''),
      'IncompleteSignatureException',
      "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIAIOSFODNN7EXAMPLE/20260523/us-east-1/sts'",
    ],
    [
      'another region',
      rewrite('us-east-1', 'us-west-9'),
      'InvalidSignatureException',
      'Credential should be scoped to a valid region. ',
    ],
    [
      'another service',
      rewrite('/sts/', '/s3/'),
      'InvalidSignatureException',
      "Credential should be scoped to correct service: 'sts'. ",
    ],
    [
      'region and service',
      rewrite('us-east-1/sts', 'us-west-9/s3'),
      'InvalidSignatureException',
      "Credential should be scoped to a valid region. Credential should be scoped to correct service: 'sts'. ",
    ],
    [
      'another terminator',
      rewrite('aws4_request', 'aws3_request'),
      'InvalidSignatureException',
      "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws3_request'. ",
    ],
    [
      'another day',
      rewrite('/20260523/', '/20260522/'),
      'InvalidSignatureException',
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260522' != '20260523', from '20260523T073128Z'. ",
    ],
  ])('%s', (_, request, code, message) => {
    expect(faultOf(() => readAuthorization(request, STS, NOW_MS))).toEqual({ code, message });
  });

  it.each([
    [STS, 15, 'Signature expired: 20260523T073128Z is now earlier than 20260523T073129Z (20260523T074629Z - 15 min.)'],
    [
      BEDROCK,
      5,
      'Signature expired: 20260523T073128Z is now earlier than 20260523T073129Z (20260523T073629Z - 5 min.)',
    ],
  ])('a signature past the skew of %o', (expected, minutes, message) => {
    const request = signed({}, { ...IDENTITY, service: expected.service });
    const edgeMs = NOW_MS + minutes * MINUTE_MS;
    verify(request, expected, edgeMs);
    expect(faultOf(() => verify(request, expected, edgeMs + 1000))).toEqual({
      code: 'InvalidSignatureException',
      message,
    });
  });

  it('a signature from the future', () => {
    const edgeMs = NOW_MS - 15 * MINUTE_MS;
    verify(good, STS, edgeMs);
    expect(faultOf(() => verify(good, STS, edgeMs - 1000))).toEqual({
      code: 'InvalidSignatureException',
      message:
        'Signature not yet current: 20260523T073128Z is still later than 20260523T073127Z (20260523T071627Z + 15 min.)',
    });
  });

  it('accepts any region where none are listed, and parameters in any order without spaces', () => {
    const request = signed({}, { ...IDENTITY, region: 'mars-1', service: 'iam' });
    const [algorithm, credential, headers, signature] = request.headers.authorization!.split(/,? /);
    const authorization = `${algorithm} ${signature},${credential},${headers}`;
    verify(withHeaders(request, { authorization }), { service: 'iam', skewMs: 15 * MINUTE_MS });
  });
});

describe('anonymous requests', () => {
  it('are told apart from signed ones', async () => {
    expect(hasAuthorization(wireRequest())).toBe(false);
    expect(hasAuthorization(signed())).toBe(true);
    expect(hasAuthorization(wireRequest({ headers: { authorization: 'Bearer x' } }))).toBe(true);
    expect(hasAuthorization(wireRequest({ query: 'Action=x&X-Amz-Signature=y' }))).toBe(true);
    expect(hasAuthorization(wireRequest({ query: 'NotX-Amz-Signature=y' }))).toBe(false);
  });
});

/** The HMAC chain written out, so that the code under test does not check itself. */
function signByHand(canonical: string): string {
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const key = hmac(hmac(hmac(hmac(`AWS4${SECRET}`, '20260523'), 'us-east-1'), 'bedrock'), 'aws4_request');
  const digest = createHash('sha256').update(canonical).digest('hex');
  const text = `AWS4-HMAC-SHA256\n20260523T073128Z\n20260523/us-east-1/bedrock/aws4_request\n${digest}`;
  return hmac(key, text).toString('hex');
}
