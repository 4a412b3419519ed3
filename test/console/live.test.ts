import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bucketStartMs, HOUR_MS } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL } from '../wire/ledger.ts';
import { ACCOUNT, INVOKE, newUser } from '../wire/principals.ts';
import { type BrowserSession, signIn } from './browser-session.ts';

const MODEL = 'amazon.nova-lite-v1:0';
const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
const OWN = { Effect: 'Allow', Action: ['tallyline:GetOwnReport', 'tallyline:GetTeamReport'], Resource: '*' };

interface Sums {
  readonly Calls: number;
  readonly Refused: number;
  readonly CostUsd: string;
  readonly Tokens: string;
}
interface Live extends Sums {
  readonly InFlight: number;
  readonly Minutes: readonly Sums[];
  readonly Principals: readonly (Sums & { readonly Principal: string })[];
  readonly Latest: readonly { readonly Principal: string; readonly Status: string; readonly Reason?: string }[];
}

let server: TestServer;
let admin: BrowserSession;
let anaSession: BrowserSession;
let ana: BedrockRuntimeClient;
let bob: BedrockRuntimeClient;

beforeAll(async () => {
  server = await startServer();
  admin = await signIn(server.url, server.admin.credentials);
  const member = async (name: string, team: string) =>
    newUser(server.admin, name, { statements: [INVOKE, OWN], tags: { team } });
  const anaConfig = await member('ana', 'blue');
  anaSession = await signIn(server.url, anaConfig.credentials);
  ana = new BedrockRuntimeClient({ ...anaConfig, maxAttempts: 1 });
  bob = new BedrockRuntimeClient({ ...(await member('bob', 'red')), maxAttempts: 1 });
});
afterAll(async () => {
  ana.destroy();
  bob.destroy();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

const call = (client: BedrockRuntimeClient) => client.send(new ConverseCommand({ modelId: MODEL, messages }));
const principal = (name: string) => `arn:aws:iam::${ACCOUNT}:user/${name}`;
const live = (session: BrowserSession, Scope: string) => session.call('tallyline', 'GetLive', { Scope });

describe('what goes on', () => {
  it('has the figures of the ledger', async () => {
    for (const client of [ana, ana, bob]) await call(client);
    const seen = (await live(admin, 'ALL')) as unknown as Live;
    expect(seen).toMatchObject({ Calls: 3, Refused: 0, InFlight: 0 });
    expect(seen.Minutes).toHaveLength(60);
    expect(seen.Principals.map(({ Principal }) => Principal)).toEqual([principal('ana'), principal('bob')]);
    const startMs = bucketStartMs(Date.now()) - HOUR_MS;
    await vi.waitFor(async () => {
      const { Rows } = (await admin.call('tallyline', 'GetReport', {
        Start: new Date(startMs).toISOString(),
        End: new Date(startMs + 2 * HOUR_MS).toISOString(),
        Granularity: 'TOTAL',
        GroupBy: [{ Type: 'DIMENSION', Key: 'principal' }],
      })) as { Rows: { Keys: string[]; CostUsd: string; Tokens: string }[] };
      const figures = ({ CostUsd, Tokens }: { CostUsd: string; Tokens: string }) => [CostUsd, Tokens];
      expect(Rows.map((row) => [row.Keys[0], ...figures(row)])).toEqual(
        seen.Principals.map((one) => [one.Principal, ...figures(one)]),
      );
    }, ARRIVAL);
  });

  it('shows members what is theirs', async () => {
    const own = (await live(anaSession, 'OWN')) as unknown as Live;
    expect([own.Calls, own.Principals.map(({ Principal }) => Principal)]).toEqual([2, [principal('ana')]]);
    expect(((await live(anaSession, 'TEAM')) as unknown as Live).Calls).toBe(2);
    await expect(live(anaSession, 'ALL')).rejects.toThrow('403');
  });

  it('says beforehand whom a stop would hit, and shows the refusals at once', async () => {
    const Scope = { Tags: [{ Key: 'team', Value: 'bl*' }], Models: ['amazon.*'] };
    const before = await admin.call('tallyline', 'PreviewInferenceStop', { Scope });
    expect(before).toMatchObject({
      Calls: 2,
      PrincipalCount: 1,
      Principals: [{ Principal: principal('ana'), Calls: 2 }],
    });
    expect(await admin.call('tallyline', 'PreviewInferenceStop', { Scope: { Models: ['meta.*'] } })).toMatchObject({
      ...{ Calls: 0, CostUsd: '0', PrincipalCount: 0, Principals: [] },
    });
    const { InferenceStop } = await admin.call('tallyline', 'StopInference', { Scope, Reason: 'a loop' });
    await expect(call(ana)).rejects.toThrow('a loop');
    await call(bob);
    await vi.waitFor(async () => {
      const { Refused, Latest } = (await live(admin, 'ALL')) as unknown as Live;
      expect([Refused, Latest.length]).toEqual([1, 5]);
      expect(Latest[1]).toMatchObject({
        ...{ Status: 'refused', Principal: principal('ana') },
        Reason: 'Inference is stopped until this is lifted: a loop',
      });
    }, ARRIVAL);
    await admin.call('tallyline', 'ResumeInference', { StopId: (InferenceStop as { StopId: string }).StopId });
    await call(ana);
  });
});

describe('how a budget would have gone', () => {
  const preview = (input: object) =>
    admin.call('tallyline', 'PreviewHardBudget', { Unit: 'requests', Limit: '2', Window: { Unit: 'day' }, ...input });

  it('is asked of the ledger, in the words of the budget', async () => {
    await vi.waitFor(async () => {
      expect(await preview({ Each: 'tag:team', Windows: 3 })).toMatchObject({
        Windows: [
          { Values: [], ValueCount: 0, OverLimit: 0 },
          { Values: [] },
          {
            Values: [
              { Value: 'blue', Used: '3' },
              { Value: 'red', Used: '2' },
            ],
            ...{ ValueCount: 2, OverLimit: 1 },
          },
        ],
      });
    }, ARRIVAL);
    const rolling = {
      Window: { Unit: 'rolling', Hours: 24 },
      Scope: { Tags: [{ Key: 'team', Value: 'red' }] },
      Windows: 2,
    };
    const { Windows } = (await preview(rolling)) as { Windows: { Start: string; End: string }[] };
    expect(Windows[0]!.End).toBe(Windows[1]!.Start);
    await expect(preview({ Scope: { Keys: ['AKIA*'] } })).rejects.toThrow('does not know the keys');
    await expect(preview({ Unit: 'concurrency', Window: undefined })).rejects.toThrow('under way at once');
  });

  it('equals what the budget has counted, which is listed with it', async () => {
    const definition = { Name: 'blue', Unit: 'USD', Limit: '5', Window: { Unit: 'month' }, Each: 'principal' };
    await admin.call('tallyline', 'CreateHardBudget', definition);
    const { HardBudgets } = (await admin.call('tallyline', 'ListHardBudgets', {})) as {
      HardBudgets: { Fullest: { Value: string; Spent: string; Held: string; Limit: string }; CounterCount: number }[];
    };
    const { Windows } = (await preview({ ...definition, Name: undefined, Windows: 1 })) as {
      Windows: { Values: { Value: string; Used: string }[] }[];
    };
    const [{ Fullest, CounterCount }] = HardBudgets as [(typeof HardBudgets)[number]];
    expect(Fullest).toMatchObject({ Value: principal('ana'), Held: '0', Limit: '5' });
    expect([Fullest.Spent, CounterCount]).toEqual([Windows[0]!.Values[0]!.Used, 2]);
  });
});
