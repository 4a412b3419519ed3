import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { USERS } from '../../examples/demo/announcement.ts';
import { activateTags, deliverExport } from '../../examples/demo/billing.ts';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { longTermKey, shortTermKey } from './bearer-keys.ts';
import { deliveredRows, monthStart } from './delivered-rows.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';
import { allow, newUser } from './principals.ts';
import { SCENARIO_1_ROWS } from './user-announcement.ts';

const KEYS = [
  {
    kind: 'long-term',
    keyOf: async (admin: ClientConfig, userName: string) => (await longTermKey(admin, userName)).key,
  },
  {
    kind: 'short-term',
    keyOf: (_: ClientConfig, __: string, user: ClientConfig) => shortTermKey(user.credentials),
  },
];

describe.each(KEYS)("AWS's announcement, scenario 1, with $kind Bedrock API keys", ({ keyOf }) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer();
    const statements = [allow(['bedrock:CallWithBearerToken', 'bedrock:InvokeModel'])];
    for (const { userName, tags, calls } of USERS) {
      const user = await newUser(server.admin, userName, { statements, tags });
      const token = { token: await keyOf(server.admin, userName, user) };
      const { endpoint, region } = server.admin;
      // Without any AWS credentials: the key is all that says who calls.
      const bedrock = new BedrockRuntimeClient({ endpoint, region, token, authSchemePreference: ['httpBearerAuth'] });
      for (const { modelId, ...simulate } of calls) {
        const messages = [{ role: 'user' as const, content: [{ text: 'Summarise the quarterly report.' }] }];
        await bedrock.send(
          new ConverseCommand({ modelId, messages, additionalModelRequestFields: { simulate: { ...simulate } } }),
        );
      }
      bedrock.destroy();
    }
    const calls = USERS.flatMap((user) => user.calls).length;
    await vi.waitFor(async () => expect(await billedCalls(server)).toBe(calls), ARRIVAL);
    await activateTags(server.admin, monthStart(), ['iamPrincipal/team', 'iamPrincipal/cost-center']);
    await deliverExport(server.admin);
  });
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
    removeFolders();
  });

  it('comes out of the delivered CUR 2.0 file exactly', async () => {
    expect(await deliveredRows(server)).toEqual(SCENARIO_1_ROWS);
  });
});
