import { randomUUID } from 'node:crypto';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signRequest } from '../../src/wire/sign-request.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { type BrowserSession, signIn } from './browser-session.ts';

let server: TestServer;
let admin: BrowserSession;

beforeAll(async () => {
  server = await startServer();
  admin = await signIn(server.url, server.admin.credentials);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

interface Refusal {
  readonly code: string;
}

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(server.url + path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });

describe('the API as a browser uses it', () => {
  it('answers operations of any service as JSON, to whoever signed in', async () => {
    const user = await admin.call('iam', 'CreateUser', {
      UserName: 'api-user',
      Tags: [{ Key: 'team', Value: 'search' }],
    });
    expect(user.User).toMatchObject({ UserName: 'api-user', Path: '/' });
    expect(await admin.call('sts', 'GetCallerIdentity', {})).toMatchObject({ Account: '123456789012' });
    expect(await admin.call('ce', 'ListCostAllocationTags', {})).toEqual({ CostAllocationTags: [] });
    const { Role, Scopes, AllowedActions } = await admin.call('tallyline', 'GetConsoleSession', {
      Actions: ['iam:CreateUser', 'tallyline:GetReport'],
    });
    expect([Role, Scopes, AllowedActions]).toEqual([
      'admin',
      ['ALL', 'OWN'],
      ['iam:CreateUser', 'tallyline:GetReport'],
    ]);
  });

  it('meters a call of a model', async () => {
    const answer = await admin.call('bedrock-runtime', 'Converse', {
      modelId: 'us.anthropic.claude-sonnet-4-6',
      messages: [{ role: 'user', content: [{ text: 'hello' }] }],
    });
    expect(answer.usage).toMatchObject({ inputTokens: expect.any(Number), outputTokens: expect.any(Number) });
  });

  it('says what is wrong under the same names, whatever the service calls them', async () => {
    const cases = [
      ['iam', 'GetUser', { UserName: 'nobody' }, 404, 'NoSuchEntityException'],
      ['ce', 'GetCostAndUsage', {}, 400, 'ValidationException'],
      ['tallyline', 'GetReport', { Start: 0, End: 0, Granularity: 'DAILY' }, 400, 'QueryInvalid'],
      ['iam', 'NoSuchOperation', {}, 404, 'UnknownOperationException'],
      ['nobody', 'GetUser', {}, 404, 'UnknownOperationException'],
      ['sts', 'AssumeRoleWithSAML', {}, 404, 'UnknownOperationException'],
      ['bedrock-runtime', 'ConverseStream', {}, 404, 'UnknownOperationException'],
    ] as const;
    for (const [service, operation, input, status, code] of cases) {
      const answer = await admin.post(`/api/v1/${service}/${operation}`, input);
      expect([service, operation, answer.status, ((await answer.json()) as Refusal).code]).toEqual([
        service,
        operation,
        status,
        code,
      ]);
    }
  });

  it('takes a SigV4 signature as well', async () => {
    const url = new URL(`${server.url}/api/v1/tallyline/GetConsoleSession`);
    for (const service of ['tallyline', 'iam']) {
      const body = Buffer.from('{}');
      const signed = signRequest(
        { method: 'POST', path: url.pathname, headers: { host: url.host }, body },
        { ...server.admin.credentials, service, region: 'us-east-1' },
        Date.now(),
      );
      const answer = await fetch(url, { method: 'POST', body, headers: signed });
      // Signed for another service, it is for this one no more than it would be elsewhere.
      expect([service, answer.status]).toEqual([service, service === 'tallyline' ? 200 : 403]);
    }
  });

  it('is described by OpenAPI, operation by operation', async () => {
    const document = (await (await fetch(`${server.url}/api/v1/openapi.json`)).json()) as {
      readonly openapi: string;
      readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
      readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
    };
    expect(document.openapi).toBe('3.1.0');
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(ids).toEqual(
      expect.arrayContaining(['tallyline.GetReport', 'iam.CreateUser', 'ce.GetCostAndUsage', 'console.SignIn']),
    );
    expect(new Set(ids).size).toBe(ids.length);
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name]) => name!,
    );
    expect(references.filter((name) => !document.components.schemas[name])).toEqual([]);
  });
});

describe('signing in', () => {
  it('keeps the session from scripts and from other sites', async () => {
    const { accessKeyId, secretAccessKey } = server.admin.credentials;
    const answer = await post('/api/v1/sign-in', { accessKeyId, secretAccessKey });
    const cookie = answer.headers.get('set-cookie')!;
    expect(cookie).toMatch(/^tallyline_session=[^;]+; Path=\/api\/v1; Max-Age=28800; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(secretAccessKey);
    expect(await answer.json()).toEqual({ csrfToken: expect.any(String), expiresAt: expect.any(String) });
  });

  it('says the same of an unknown key and of a wrong secret', async () => {
    const { accessKeyId } = server.admin.credentials;
    const wrong = await post('/api/v1/sign-in', { accessKeyId, secretAccessKey: randomUUID() });
    const unknown = await post('/api/v1/sign-in', {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: randomUUID(),
    });
    expect([wrong.status, unknown.status]).toEqual([403, 403]);
    expect(await wrong.json()).toEqual(await unknown.json());
    expect(wrong.headers.get('set-cookie')).toBeNull();
  });

  it('refuses what comes from no page of the console', async () => {
    const path = '/api/v1/sts/GetCallerIdentity';
    const { cookie, csrfToken } = admin;
    const cases = [
      [{}, 401],
      [{ cookie }, 403],
      [{ cookie, 'x-tallyline-csrf': randomUUID() }, 403],
      [{ cookie, 'x-tallyline-csrf': csrfToken, 'sec-fetch-site': 'cross-site' }, 403],
      [{ cookie, 'x-tallyline-csrf': csrfToken, 'sec-fetch-site': 'same-site' }, 403],
      [{ cookie: `${cookie.slice(0, -6)}AAAAAA`, 'x-tallyline-csrf': csrfToken }, 401],
      [{ cookie, 'x-tallyline-csrf': csrfToken, 'sec-fetch-site': 'same-origin' }, 200],
    ] as const;
    for (const [headers, status] of cases)
      expect([headers, (await post(path, {}, headers)).status]).toEqual([headers, status]);
  });

  it("signs nobody in or out for another site's page", async () => {
    const { accessKeyId, secretAccessKey } = server.admin.credentials;
    const credentials = { accessKeyId, secretAccessKey };
    // What a form of any site can send without being asked by the browser: text that happens to be JSON.
    const cases = [
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/x-www-form-urlencoded' },
      { 'content-type': 'text/plain; a=application/json' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of cases) {
      for (const [path, body] of [['/api/v1/sign-in', credentials] as const, ['/api/v1/sign-out', {}] as const]) {
        const answer = await post(path, body, headers as Record<string, string>);
        expect([headers, path, answer.status, answer.headers.get('set-cookie')]).toEqual([headers, path, 403, null]);
      }
    }
  });

  it('has one address for an operation', async () => {
    const paths = [
      ...['/api/v1//sts/GetCallerIdentity', '/api/v1/sts//GetCallerIdentity', '/api/v1/sts/x/GetCallerIdentity'],
      ...['/api/v1/sts/GetCallerIdentity/', '/api/v1/STS/GetCallerIdentity', '/API/v1/sts/GetCallerIdentity'],
      ...['/api/v1/sts/%47etCallerIdentity', '/api/v1/tallyline%2f../sts/GetCallerIdentity', '/api/v1/sts/constructor'],
      ...['/api/v1/console/GetSession', '/api/v1/gateway/GetMe', '/api/v1/__proto__/GetCallerIdentity'],
    ];
    for (const path of paths) expect([path, (await admin.post(path, {})).ok]).toEqual([path, false]);
  });

  it('answers what no cache keeps and no browser takes for a page', async () => {
    const { cookie, csrfToken } = admin;
    const session = await fetch(`${server.url}/api/v1/session`, { headers: { cookie } });
    const answer = await post('/api/v1/sts/GetCallerIdentity', {}, { cookie, 'x-tallyline-csrf': csrfToken });
    const refusal = await post('/api/v1/sts/GetCallerIdentity', {});
    for (const { headers } of [session, answer, refusal]) {
      expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff']);
    }
  });

  it('opens no door but the API', async () => {
    const { cookie, csrfToken } = admin;
    const headers = { cookie, 'x-tallyline-csrf': csrfToken };
    const target = await post('/', {}, { ...headers, 'x-amz-target': 'Tallyline.GetConsoleSession' });
    expect(target.status).toBe(400);
    const me = await fetch(`${server.url}/gateway/v1/me`, { headers });
    expect(me.status).toBe(403);
  });

  it('ends with the key, and with signing out', async () => {
    const iam = new IAMClient(server.admin);
    const UserName = 'short-lived';
    await iam.send(new CreateUserCommand({ UserName }));
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const session = await signIn(server.url, {
      accessKeyId: AccessKey!.AccessKeyId!,
      secretAccessKey: AccessKey!.SecretAccessKey!,
    });
    expect((await session.post('/api/v1/sts/GetCallerIdentity', {})).status).toBe(200);
    await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: AccessKey!.AccessKeyId!, Status: 'Inactive' }));
    iam.destroy();
    const after = await session.post('/api/v1/sts/GetCallerIdentity', {});
    expect([after.status, ((await after.json()) as Refusal).code]).toEqual([401, 'NotSignedInException']);
    const out = await post('/api/v1/sign-out', {});
    expect(out.headers.get('set-cookie')).toMatch(/^tallyline_session=; .*Max-Age=0/);
  });
});

describe('the audit log', () => {
  it('has who signed in, without the secret', async () => {
    const { Events } = (await admin.call('cloudtrail', 'LookupEvents', {
      LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'SignIn' }],
    })) as { Events: { readonly CloudTrailEvent: string }[] };
    const records = Events.map((event) => JSON.parse(event.CloudTrailEvent));
    expect(records.some(({ userIdentity, errorCode }) => errorCode === undefined && userIdentity.arn)).toBe(true);
    expect(JSON.stringify(records)).not.toContain(server.admin.credentials.secretAccessKey);
  });
});
