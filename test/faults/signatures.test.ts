import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { assumeRole, callAs, callAsAdmin, createRole, createUser, keysOf } from './principals.ts';
import {
  converseCall,
  errorOf,
  iamCall,
  jsonCall,
  type Keys,
  type RawRequest,
  send,
  sendHttp2,
  signed,
  stsCall,
  type WireError,
} from './raw-client.ts';
import { expectNoSecrets, noteSecret, watch } from './secret-watch.ts';

const MINUTE_MS = 60_000;
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const INVALID_TOKEN = 'The security token included in the request is invalid.';

/** One operation of each protocol, with how that protocol words the faults of authentication (AWS's common errors). */
const PROTOCOLS = [
  {
    protocol: 'query',
    service: 'sts',
    skewMinutes: 15,
    request: stsCall('GetCallerIdentity'),
    addition: '&More=1',
    otherType: 'application/x-www-form-urlencoded; charset=utf-8',
    missing: [403, 'MissingAuthenticationToken'],
    incomplete: [400, 'IncompleteSignature'],
    invalid: [403, 'SignatureDoesNotMatch'],
    unknown: [403, 'InvalidClientTokenId'],
    expired: [403, 'ExpiredToken'],
  },
  {
    protocol: 'json',
    service: 'ce',
    skewMinutes: 15,
    request: jsonCall('AWSInsightsIndexService.ListCostAllocationTags', {}),
    addition: ' ',
    otherType: 'application/x-amz-json-1.0',
    missing: [400, 'MissingAuthenticationTokenException'],
    incomplete: [400, 'IncompleteSignatureException'],
    invalid: [400, 'InvalidSignatureException'],
    unknown: [400, 'UnrecognizedClientException'],
    expired: [400, 'ExpiredTokenException'],
  },
  {
    protocol: 'rest',
    service: 'bedrock',
    skewMinutes: 5,
    request: converseCall({ inputTokens: 1, outputTokens: 1 }),
    addition: ' ',
    otherType: 'application/json; charset=utf-8',
    missing: [403, 'MissingAuthenticationTokenException'],
    incomplete: [403, 'IncompleteSignatureException'],
    invalid: [403, 'InvalidSignatureException'],
    unknown: [403, 'UnrecognizedClientException'],
    expired: [403, 'ExpiredTokenException'],
  },
] as const;

let server: TestServer;
let admin: Keys;
let alice: Keys;
let roleArn: string;
let session: Keys;

beforeAll(async () => {
  server = watch(await startServer({ config: { logLevel: 'debug' } }));
  admin = server.admin.credentials;
  alice = await createUser(server, 'alice');
  roleArn = await createRole(server, 'reader');
  session = await assumeRole(server, roleArn);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  expectNoSecrets();
  removeFolders();
});

async function refusal(request: RawRequest): Promise<WireError> {
  return errorOf(await send(server.url, request));
}

function withHeader(request: RawRequest, name: string, change: (value: string) => string): RawRequest {
  return { ...request, headers: { ...request.headers, [name]: change(request.headers[name] ?? '') } };
}

function withoutHeader(request: RawRequest, name: string): RawRequest {
  const { [name]: _, ...headers } = request.headers;
  return { ...request, headers };
}

describe.each(PROTOCOLS)('a signature on the $protocol protocol', (p) => {
  const sign = (keys: Keys = admin, changes: { region?: string; service?: string; atMs?: number } = {}) =>
    signed(server.url, p.request, { service: p.service, keys, ...changes });
  const fault = ([status, code]: readonly [number, string], message: unknown) => ({ status, code, message });

  it('is accepted from the administrator, a user and a session, over HTTP/1.1 and HTTP/2', async () => {
    for (const keys of [admin, alice, session]) {
      expect((await send(server.url, sign(keys))).status).toBe(200);
      expect((await sendHttp2(server.url, sign(keys))).status).toBe(200);
    }
  });

  it('is accepted again within its window: two requests, two request ids', async () => {
    const request = sign();
    const [first, second] = [await send(server.url, request), await send(server.url, request)];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.headers['x-amzn-requestid']).not.toBe(second.headers['x-amzn-requestid']);
  });

  it('must be there', async () => {
    const expected = fault(p.missing, 'Request is missing Authentication Token');
    expect(await refusal({ ...p.request, headers: { ...p.request.headers, host: new URL(server.url).host } })).toEqual(
      expected,
    );
    expect(await refusal(withoutHeader(sign(), 'authorization'))).toEqual(expected);
  });

  it('must be complete', async () => {
    const bare = withHeader(withoutHeader(sign(), 'x-amz-date'), 'authorization', () => 'AWS4-HMAC-SHA256');
    const message =
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
      "Authorization header requires 'SignedHeaders' parameter. " +
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256";
    expect(await refusal(bare)).toEqual(fault(p.incomplete, message));
    noteSecret('a bearer token', 'of-another-scheme-altogether');
    const bearer = withHeader(sign(), 'authorization', () => 'Bearer of-another-scheme-altogether');
    // Bedrock takes bearer tokens, of its own kind.
    const refused = p.protocol === 'rest' ? 'AccessDeniedException' : p.incomplete[1];
    expect((await refusal(bearer)).code).toBe(refused);
    const day = withHeader(sign(), 'x-amz-date', () => '2026-11-22');
    const wanted =
      "Date must be in ISO-8601 'basic format'. Got '2026-11-22'. See http://en.wikipedia.org/wiki/ISO_8601";
    expect(await refusal(day)).toEqual(fault(p.incomplete, wanted));
    const algorithm = withHeader(sign(), 'authorization', (value) =>
      value.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-MD5'),
    );
    expect(await refusal(algorithm)).toEqual(fault(p.incomplete, "Unsupported AWS 'algorithm': 'AWS4-HMAC-MD5'."));
    const short = withHeader(sign(), 'authorization', (value) => value.replace('/aws4_request', ''));
    const parts =
      /^Credential must have exactly 5 slash-delimited elements, e\.g\. keyid\/date\/region\/service\/term, got '[^']*'$/;
    expect(await refusal(short)).toEqual(fault(p.incomplete, expect.stringMatching(parts)));
  });

  it('must not come in two forms at once', async () => {
    const message = "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.";
    expect(await refusal({ ...sign(), query: 'X-Amz-Algorithm=AWS4-HMAC-SHA256' })).toEqual(fault(p.invalid, message));
  });

  it('must be made with the right secret', async () => {
    const wrong = { ...admin, secretAccessKey: alice.secretAccessKey };
    expect(await refusal(sign(wrong))).toEqual(fault(p.invalid, MISMATCH));
    expect(await refusal(sign({ ...session, secretAccessKey: alice.secretAccessKey }))).toEqual(
      fault(p.invalid, MISMATCH),
    );
    expect(await refusal(withHeader(sign(), 'authorization', (value) => value.slice(0, -1)))).toEqual(
      fault(p.invalid, MISMATCH),
    );
  });

  it('covers body, path, query and headers', async () => {
    const request = sign();
    const tampered: RawRequest[] = [
      { ...request, body: `${request.body}${p.addition}` },
      withoutHeader({ ...request, body: `${request.body}${p.addition}` }, 'x-amz-content-sha256'),
      { ...request, query: 'more=1' },
      withHeader(request, 'content-type', () => p.otherType),
      withHeader(request, 'host', () => 'bedrock.example'),
      withHeader(request, 'x-amz-date', (value) =>
        value.replace(/\d\dZ$/, (seconds) => (seconds === '00Z' ? '01Z' : '00Z')),
      ),
    ];
    if (p.protocol === 'rest') tampered.push({ ...request, path: request.path.replace('sonnet', 'opus') });
    for (const one of tampered) expect(await refusal(one)).toEqual(fault(p.invalid, MISMATCH));
  });

  it('must cover every header that steers the service', async () => {
    const added = withHeader(sign(), 'x-amz-meta', () => 'x');
    expect(await refusal(added)).toEqual(
      fault(p.invalid, "'x-amz-meta' must be a 'SignedHeader' in the AWS Authorization."),
    );
    const metadata = withHeader(sign(), 'x-amzn-bedrock-request-metadata', () => '{"team":"theirs"}');
    expect((await refusal(metadata)).code).toBe(p.invalid[1]);
    const token = withHeader(sign(), 'x-amz-security-token', () => session.sessionToken!);
    expect((await refusal(token)).code).toBe(p.invalid[1]);
    const noHost = withHeader(sign(), 'authorization', (value) => value.replace(';host', ''));
    expect(await refusal(noHost)).toEqual(
      fault(p.invalid, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."),
    );
  });

  it('is good for one region and service', async () => {
    const region = 'Credential should be scoped to a valid region. ';
    const service = `Credential should be scoped to correct service: '${p.service}'. `;
    expect(await refusal(sign(admin, { region: 'us-nowhere-9' }))).toEqual(fault(p.invalid, region));
    expect(await refusal(sign(admin, { service: 's3' }))).toEqual(fault(p.invalid, service));
    expect(await refusal(sign(admin, { region: 'x', service: 's3' }))).toEqual(fault(p.invalid, region + service));
    const terminator = withHeader(sign(), 'authorization', (value) => value.replace('/aws4_request', '/aws5_request'));
    const wanted = "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. ";
    expect(await refusal(terminator)).toEqual(fault(p.invalid, wanted));
    const day = withHeader(sign(), 'authorization', (value) => value.replace(/\/\d{8}\//, '/20200101/'));
    expect((await refusal(day)).message).toMatch(
      /^Date in Credential scope does not match YYYYMMDD .*: '20200101' != '\d{8}', from '\d{8}T\d{6}Z'\. $/,
    );
  });

  it(`is good for ${p.skewMinutes} minutes either way`, async () => {
    const at = (minutes: number) => sign(admin, { atMs: Date.now() + minutes * MINUTE_MS });
    const stamp = String.raw`\d{8}T\d{6}Z`;
    const late = new RegExp(
      `^Signature expired: ${stamp} is now earlier than ${stamp} \\(${stamp} - ${p.skewMinutes} min\\.\\)$`,
    );
    const early = new RegExp(
      `^Signature not yet current: ${stamp} is still later than ${stamp} \\(${stamp} \\+ ${p.skewMinutes} min\\.\\)$`,
    );
    for (const minutes of [6, 16]) {
      if (minutes < p.skewMinutes) {
        expect((await send(server.url, at(-minutes))).status).toBe(200);
        expect((await send(server.url, at(minutes))).status).toBe(200);
      } else {
        expect(await refusal(at(-minutes))).toEqual(fault(p.invalid, expect.stringMatching(late)));
        expect(await refusal(at(minutes))).toEqual(fault(p.invalid, expect.stringMatching(early)));
      }
    }
  });

  it('must be made with a key that exists, and its own session token', async () => {
    const other = await assumeRole(server, roleArn);
    const token = session.sessionToken!;
    const middle = Math.floor(token.length / 2);
    const flipped = `${token.slice(0, middle)}${token[middle] === 'A' ? 'B' : 'A'}${token.slice(middle + 1)}`;
    const { sessionToken: _, ...withoutToken } = session;
    const unknown: Keys[] = [
      { ...admin, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' },
      { ...admin, accessKeyId: '__proto__' },
      { ...admin, sessionToken: token },
      withoutToken,
      { ...session, sessionToken: other.sessionToken! },
      { ...session, sessionToken: flipped },
      { ...session, sessionToken: token.slice(0, -10) },
      { ...session, sessionToken: `${token}A` },
      { ...session, sessionToken: 'x' },
      { ...session, sessionToken: 'A'.repeat(30_000) },
    ];
    for (const keys of unknown) expect(await refusal(sign(keys))).toEqual(fault(p.unknown, INVALID_TOKEN));
  });

  it('of a key that was switched off is not accepted until it is switched on', async () => {
    const userName = `switched-${p.protocol}`;
    const keys = await createUser(server, userName);
    const status = (Status: string) =>
      iamCall('UpdateAccessKey', { UserName: userName, AccessKeyId: keys.accessKeyId, Status });
    await callAsAdmin(server, 'iam', status('Inactive'));
    expect(await refusal(sign(keys))).toEqual(fault(p.unknown, INVALID_TOKEN));
    await callAsAdmin(server, 'iam', status('Active'));
    expect((await send(server.url, sign(keys))).status).toBe(200);
  });

  it('of a user or a role that was deleted is not accepted, nor after one was made anew under the name', async () => {
    const userName = `deleted-${p.protocol}`;
    const keys = await createUser(server, userName);
    const userSession = keysOf(await callAs(server, keys, 'sts', stsCall('GetSessionToken')));
    expect((await send(server.url, sign(userSession))).status).toBe(200);
    const deletions = [
      iamCall('DeleteAccessKey', { UserName: userName, AccessKeyId: keys.accessKeyId }),
      iamCall('DeleteUserPolicy', { UserName: userName, PolicyName: 'invoke' }),
      iamCall('DeleteUser', { UserName: userName }),
    ];
    for (const deletion of deletions) await callAsAdmin(server, 'iam', deletion);
    const roleName = `deleted-${p.protocol}`;
    const roleSession = await assumeRole(server, await createRole(server, roleName));
    expect((await send(server.url, sign(roleSession))).status).toBe(200);
    await callAsAdmin(server, 'iam', iamCall('DeleteRolePolicy', { RoleName: roleName, PolicyName: 'invoke' }));
    await callAsAdmin(server, 'iam', iamCall('DeleteRole', { RoleName: roleName }));
    const gone = [keys, userSession, roleSession];
    for (const one of gone) expect(await refusal(sign(one))).toEqual(fault(p.unknown, INVALID_TOKEN));
    await createUser(server, userName);
    await createRole(server, roleName);
    for (const one of gone) expect(await refusal(sign(one))).toEqual(fault(p.unknown, INVALID_TOKEN));
  });
});

describe('a signed URL', () => {
  it('is good from its date until it expires, and for itself alone', async () => {
    const now = Date.now();
    const headers = { host: new URL(server.url).host };
    const get = (query: string) => send(server.url, { method: 'GET', path: '/', query, headers, body: '' });
    const url = (atMs: number, expires: string, keys: Keys = admin) => signedUrl(server.url, keys, atMs, expires);
    expect((await get(url(now, '60'))).text).toContain(':user/admin</Arn>');
    expect((await get(url(now, '60', session))).text).toContain(':assumed-role/reader/session</Arn>');
    expect((await get(url(now - 100 * MINUTE_MS, '6060'))).status).toBe(200);

    const invalid = async (query: string) => {
      const { status, code, message } = errorOf(await get(query));
      expect([status, code]).toEqual([403, 'SignatureDoesNotMatch']);
      return message;
    };
    expect(await invalid(url(now - 2 * MINUTE_MS, '60'))).toMatch(/^Signature expired: .* - 1 min\.\)$/);
    expect(await invalid(url(now - 2 * MINUTE_MS, '90'))).toMatch(/^Signature expired: .* - 90 sec\.\)$/);
    expect(await invalid(url(now + 16 * MINUTE_MS, '60'))).toMatch(/^Signature not yet current: .* \+ 15 min\.\)$/);
    expect(await invalid(url(now, '60').replace('GetCallerIdentity', 'GetSessionToken'))).toBe(MISMATCH);
    expect(await invalid(url(now, '60').replace('X-Amz-Expires=60', 'X-Amz-Expires=61'))).toBe(MISMATCH);
    expect(await invalid(`${url(now, '60')}&DurationSeconds=900`)).toBe(MISMATCH);

    for (const expires of ['0', '604801', '-1', 'never', '1e3']) {
      const { status, code, message } = errorOf(await get(url(now, expires)));
      expect([status, code, message]).toEqual([
        400,
        'IncompleteSignature',
        'X-Amz-Expires must be between 1 and 604800 seconds',
      ]);
    }
    const cut = errorOf(await get(url(now, '60').replace(/&X-Amz-SignedHeaders=host/, '')));
    const message =
      "AWS query-string parameters must include 'X-Amz-SignedHeaders'. Re-examine the query-string parameters.";
    expect(cut).toEqual({ status: 400, code: 'IncompleteSignature', message });
  });
});

describe('a session that has run out', () => {
  it('is told so, also by a server that only reads its token and its own clock', async () => {
    const short = await assumeRole(server, roleArn, { DurationSeconds: '900' });
    const ahead = 901_000;
    expect(await server.stop()).toBe(0);
    const lateClock = `const now = Date.now; Date.now = () => now() + ${ahead};`;
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(lateClock)}`;
    const late = watch(await startServer({ data: server.data, environment: { NODE_OPTIONS } }));
    try {
      for (const { request, service, expired, unknown } of PROTOCOLS) {
        const ask = async (keys: Keys) =>
          errorOf(await send(late.url, signed(late.url, request, { service, keys, atMs: Date.now() + ahead })));
        const [status, code] = expired;
        expect(await ask(short)).toEqual({
          status,
          code,
          message: 'The security token included in the request is expired',
        });
        expect((await ask({ ...short, accessKeyId: session.accessKeyId })).code).toBe(unknown[1]);
      }
    } finally {
      expect(await late.stop()).toBe(0);
      server = watch(await startServer({ data: server.data }));
    }
  });
});

/** A query string for GetCallerIdentity, signed as botocore's `generate_presigned_url` does. */
function signedUrl(url: string, keys: Keys, atMs: number, expires: string): string {
  const date = `${new Date(atMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const scope = `${date.slice(0, 8)}/us-east-1/sts/aws4_request`;
  const parameters = {
    Action: 'GetCallerIdentity',
    Version: '2011-06-15',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${keys.accessKeyId}/${scope}`,
    'X-Amz-Date': date,
    'X-Amz-Expires': expires,
    ...(keys.sessionToken && { 'X-Amz-Security-Token': keys.sessionToken }),
    'X-Amz-SignedHeaders': 'host',
  };
  const query = Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const canonical = ['GET', '/', query, `host:${new URL(url).host}\n`, 'host', sha256('')].join('\n');
  const mac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const signingKey = scope.split('/').reduce<string | Buffer>(mac, `AWS4${keys.secretAccessKey}`);
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  return `${query}&X-Amz-Signature=${mac(signingKey, text).toString('hex')}`;
}
