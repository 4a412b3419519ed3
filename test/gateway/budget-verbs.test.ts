import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MAIN, removeFolders, startServer, type TestServer } from '../server.ts';
import { gatewayKey, tallyline } from '../wire/gateway-keys.ts';
import { ACCOUNT, INVOKE, newUser } from '../wire/principals.ts';
import { run } from '../wire/program.ts';

const MODEL = 'amazon.nova-lite-v1:0';
const ANA = `arn:aws:iam::${ACCOUNT}:user/ana`;

let server: TestServer;
let ana: BedrockRuntimeClient;
let bob: BedrockRuntimeClient;

beforeAll(async () => {
  server = await startServer({
    config: {
      hardBudgets: {
        budgets: [{ name: 'everyone', unit: 'requests', limit: '20', window: { rollingHours: 3 }, each: 'principal' }],
      },
      runawayGuard: { requestsPerMinute: 10, action: 'hold', holdSeconds: 600 },
    },
  });
  const user = async (name: string) =>
    new BedrockRuntimeClient({
      ...(await newUser(server.admin, name, { statements: [INVOKE], tags: { team: 'blue' } })),
      maxAttempts: 1,
    });
  ana = await user('ana');
  bob = await user('bob');
});
afterAll(async () => {
  ana.destroy();
  bob.destroy();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

const call = (client: BedrockRuntimeClient) =>
  client.send(new ConverseCommand({ modelId: MODEL, messages: [{ role: 'user', content: [{ text: 'hello' }] }] }));

async function printed(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(process.execPath, [...MAIN, ...args, '--data', server.data], {});
  expect(status, stderr).toBe(0);
  return stdout;
}

describe('tallyline budget', () => {
  it('makes a budget, shows what is spent, and gives more for a while', async () => {
    await call(ana);
    const scope = ['--principal', `arn:aws:iam::${ACCOUNT}:user/a*`, '--tag', 'team=blue'];
    const window = ['--unit', 'tokens', '--window', 'day', '--time-zone', 'Asia/Kathmandu'];
    const created = await printed('budget', 'create', 'ana', '--limit', '100000', ...window, ...scope);
    expect(created).toContain(`ana   100000 tokens  day Asia/Kathmandu  arn:aws:iam::${ACCOUNT}:user/a*, team=blue`);
    await printed('budget', 'increase', 'ana', '50000', '--reason', 'demo day', '--for', '8h');
    const shown = await printed('budget', 'show', 'ana');
    expect(shown).toMatch(/^ana {3}150000 tokens/m);
    // The call before is known from the ledger; the window ends with the day in Nepal, at a quarter past six in the evening.
    expect(shown).toMatch(/^all +[1-9]\d+ +0 +150000 +\S+T18:15:00Z$/m);
    expect(shown).toMatch(new RegExp(` 50000  \\S+Z  demo day  arn:aws:iam::${ACCOUNT}:`));
    const listed = await printed('budget', 'list');
    expect(listed).toMatch(/^everyone +20 requests +3h +everybody +principal +enforce, declared$/m);
    const refused = await run(process.execPath, [...MAIN, 'budget', 'delete', 'everyone', '--data', server.data], {});
    expect(refused).toMatchObject({
      status: 1,
      stderr: 'tallyline: the configuration declares `everyone`: change it there\n',
    });
    await printed('budget', 'delete', 'ana');
  });

  it('is what the caller is told about itself', async () => {
    const { Secret } = await gatewayKey(server, { UserName: 'ana' });
    const headers = { authorization: `Bearer ${Secret}` };
    const { budgets } = (await (await fetch(`${server.url}/gateway/v1/me/budgets`, { headers })).json()) as {
      budgets: object;
    };
    expect(budgets).toEqual([
      { name: 'everyone', kind: 'hard', unit: 'requests', limit: '20', used: '1', resetsAt: expect.any(String) },
    ]);
  });
});

describe('tallyline stop', () => {
  it('stops whom it names, never everybody by mistake, and is lifted again', async () => {
    const careless = await run(process.execPath, [...MAIN, 'stop', '--reason', 'x', '--data', server.data], {});
    expect(careless).toMatchObject({ status: 1, stderr: 'tallyline: say whom to stop, or --everybody\n' });
    const stopped = await printed('stop', '--principal', ANA, '--reason', 'a loop', '--for', '2h');
    await expect(call(ana)).rejects.toThrow('a loop');
    await call(bob);
    const stop = /^([0-9a-f]{8}-[0-9a-f-]{27}) {2}/m.exec(stopped)![1]!;
    expect(await printed('stops')).toContain(stop);
    await printed('resume', stop);
    await call(ana);
    expect(await printed('stops')).toBe('nothing is stopped\n');
  });
});

describe('the runaway guard', () => {
  it('holds a caller that makes too many requests in a minute, and nobody else', async () => {
    await vi.waitFor(async () => {
      // A minute may have turned in between.
      await Promise.allSettled(Array.from({ length: 11 }, () => call(bob)));
      await expect(call(bob)).rejects.toThrow('runaway guard: more than 10 requests in a minute');
    }, 20_000);
    await call(ana);
    const { InferenceStops } = await tallyline<{ InferenceStops: object[] }>(server, 'ListInferenceStops', {});
    expect(InferenceStops).toMatchObject([
      { CreatedBy: 'tallyline', Scope: { Principals: [`${ANA.slice(0, -3)}bob`] } },
    ]);
  });
});
