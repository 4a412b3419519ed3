import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenIdProvider } from '../identity/openid-provider.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ACCOUNT, newRole } from '../wire/principals.ts';
import { registerProvider, trustProvider } from '../wire/web-identity.ts';

const CALLBACK = '/api/v1/sign-in/oidc/callback';

let provider: OpenIdProvider;
let server: TestServer;

beforeAll(async () => {
  provider = await OpenIdProvider.start();
  server = await startServer({
    config: {
      federation: { caFile: provider.caFile },
      console: { oidc: { issuer: provider.issuer, clientId: provider.clientId, scopes: ['openid'] } },
      gateway: {
        oidc: [
          {
            provider: provider.issuer,
            role: `arn:aws:iam::${ACCOUNT}:role/Analyst`,
            sessionName: '{claims.sub}',
            tags: { team: '{claims.team}' },
          },
        ],
      },
    },
  });
  const providerArn = await registerProvider(server, provider);
  const read = { Effect: 'Allow', Action: ['tallyline:GetTeamReport', 'tallyline:GetOwnReport'], Resource: '*' };
  await newRole(server.admin, 'Analyst', { trust: [trustProvider(providerArn)], statements: [read] });
  await provider.expectBrowser(server.url + CALLBACK, 'alice@example.com', { team: 'search' });
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  await provider.close();
  removeFolders();
});

const get = (path: string, cookie = '') => fetch(server.url + path, { redirect: 'manual', headers: { cookie } });
const cookieOf = (answer: Response) => answer.headers.get('set-cookie')!.split(';')[0]!;

/** From the sign-in page to the provider's page and back, as far as the callback's address. */
async function lead(returnTo = '/console/explorer?range=7d'): Promise<{ cookie: string; callback: URL }> {
  const begun = await get(`/api/v1/sign-in/oidc?${new URLSearchParams({ returnTo })}`);
  expect(begun.status).toBe(302);
  const callback = await provider.follow(begun.headers.get('location')!);
  return { cookie: cookieOf(begun), callback };
}

describe('signing in with an identity provider', () => {
  it('leads to the provider and back to the page that was asked for, as the mapped session', async () => {
    expect(await (await get('/api/v1/sign-in/options')).json()).toEqual({ oidc: true });
    const { cookie, callback } = await lead();
    const answer = await get(callback.pathname + callback.search, cookie);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/console/explorer?range=7d']);
    const session = cookieOf(answer);
    const { csrfToken } = (await (await get('/api/v1/session', session)).json()) as { readonly csrfToken: string };
    const who = await fetch(`${server.url}/api/v1/tallyline/GetConsoleSession`, {
      method: 'POST',
      headers: { cookie: session, 'x-tallyline-csrf': csrfToken },
      body: '{}',
    });
    expect(await who.json()).toMatchObject({
      Principal: `arn:aws:sts::${ACCOUNT}:assumed-role/Analyst/alice@example.com`,
      Name: 'alice@example.com',
      Role: 'member',
      Scopes: ['TEAM', 'OWN'],
      Team: 'search',
    });
  });

  it('takes nobody whose sign-in was begun elsewhere, and says so on the sign-in page', async () => {
    const { cookie, callback } = await lead();
    const { cookie: another } = await lead();
    const forged = new URL(callback);
    forged.searchParams.set('state', 'forged');
    const attempts = [
      get(callback.pathname + callback.search),
      get(callback.pathname + callback.search, another),
      get(forged.pathname + forged.search, cookie),
      get(`${CALLBACK}?error=access_denied`, cookie),
      get(`${CALLBACK}?code=made-up&state=${callback.searchParams.get('state')}`, cookie),
    ];
    for (const attempt of attempts) {
      const answer = await attempt;
      expect(answer.headers.get('location')).toMatch(/^\/console\/sign-in\?error=/);
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
  });

  it('takes a code once', async () => {
    const { cookie, callback } = await lead();
    const path = callback.pathname + callback.search;
    expect((await get(path, cookie)).headers.get('location')).toBe('/console/explorer?range=7d');
    expect((await get(path, cookie)).headers.get('location')).toMatch(/error=.*invalid_grant/);
  });

  it('leads to no other site', async () => {
    for (const returnTo of ['https://evil.example.com/', '//evil.example.com', '/\\evil.example.com', '/other']) {
      const { cookie, callback } = await lead(returnTo);
      const answer = await get(callback.pathname + callback.search, cookie);
      expect([returnTo, answer.headers.get('location')]).toEqual([returnTo, '/console/']);
    }
  });
});
