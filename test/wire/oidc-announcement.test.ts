import { afterAll, beforeAll, expect, it } from 'vitest';
import { FEDERATED } from '../../examples/demo/announcement.ts';
import { AWS_TAGS, OpenIdProvider, tagsClaim } from '../identity/openid-provider.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { billScenario3, SCENARIO_3 } from './federated-announcement.ts';
import { INVOKE, newRole } from './principals.ts';
import { registerProvider, sessionWithToken, trustProvider } from './web-identity.ts';

let provider: OpenIdProvider;
let server: TestServer;

beforeAll(async () => {
  provider = await OpenIdProvider.start();
  server = await startServer({ config: { federation: { caFile: provider.caFile } } });
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  await provider.close();
  removeFolders();
});

it("comes out of AWS's announcement, scenario 3, with an OpenID provider that signs the tags", async () => {
  // The person's address is the subject, and the only session name that the role takes.
  const pinned = { StringEquals: { 'sts:RoleSessionName': `\${${provider.url}:sub}` } };
  const role = await newRole(server.admin, FEDERATED.roleName, {
    trust: [trustProvider(await registerProvider(server, provider), pinned)],
    statements: [INVOKE],
  });
  const rows = await billScenario3(server, async ({ sessionName, tags }) => {
    const token = await provider.signIn(sessionName, { [AWS_TAGS]: tagsClaim(tags) });
    return sessionWithToken(server, role, sessionName, token);
  });
  expect(rows).toEqual(SCENARIO_3);
});
