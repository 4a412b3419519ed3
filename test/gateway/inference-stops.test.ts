import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DAY_MS } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { tallyline } from '../wire/gateway-keys.ts';
import { ARRIVAL } from '../wire/ledger.ts';
import { ACCOUNT, INVOKE, newUser } from '../wire/principals.ts';
import { ScriptedUpstream } from '../wire/scripted-upstream.ts';

const SCRIPTED = 'openai.gpt-oss-20b-1:0';
const SIMULATED = 'amazon.nova-lite-v1:0';
const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];

const upstream = new ScriptedUpstream();
let server: TestServer;
let ana: BedrockRuntimeClient;
let bob: BedrockRuntimeClient;

beforeAll(async () => {
  const url = await upstream.listen();
  server = await startServer({
    config: {
      upstreams: [
        { name: 'scripted', type: 'openai', url, models: { [SCRIPTED]: 'm' } },
        { name: 'simulated', type: 'simulated' },
      ],
    },
  });
  const user = async (name: string, tags: Record<string, string>) =>
    new BedrockRuntimeClient({
      ...(await newUser(server.admin, name, { statements: [INVOKE], tags })),
      maxAttempts: 1,
    });
  ana = await user('ana', { team: 'blue' });
  bob = await user('bob', { team: 'red' });
});
afterAll(async () => {
  ana.destroy();
  bob.destroy();
  upstream.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

const call = (client: BedrockRuntimeClient) => client.send(new ConverseCommand({ modelId: SIMULATED, messages }));

interface WireStop {
  readonly InferenceStop: { readonly StopId: string; readonly CreatedBy: string };
}
const stop = (input: object) => tallyline<WireStop>(server, 'StopInference', input);
const resume = (id: string) => tallyline(server, 'ResumeInference', { StopId: id });

describe('the kill switch', () => {
  it('refuses whom it is about, with the reason, and nobody else, until it is lifted', async () => {
    const scopes = [
      { Principals: [`arn:aws:iam::${ACCOUNT}:user/ana`] },
      { Tags: [{ Key: 'team', Value: 'blue' }] },
      { Tags: [{ Key: 'team', Value: 'bl*' }], Models: ['amazon.*'], Accounts: [ACCOUNT] },
    ];
    for (const Scope of scopes) {
      const { InferenceStop } = await stop({ Scope, Reason: 'a loop in the importer' });
      await expect(call(ana)).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: 'Inference is stopped until this is lifted: a loop in the importer',
      });
      await call(bob);
      await resume(InferenceStop.StopId);
      await call(ana);
    }
  });

  it('stops everybody where no scope is named, and ends by itself', async () => {
    const expiresAt = new Date(Date.now() + 1_500);
    await stop({ Reason: 'too much', ExpiresAt: expiresAt });
    await expect(call(bob)).rejects.toThrow('Inference is stopped until 20');
    const { InferenceStops } = await tallyline<{ InferenceStops: object[] }>(server, 'ListInferenceStops', {});
    expect(InferenceStops).toMatchObject([{ Reason: 'too much', Scope: {}, CutStreams: false }]);
    await vi.waitFor(() => call(bob), { timeout: 5_000, interval: 100 });
    expect(await tallyline(server, 'ListInferenceStops', {})).toEqual({ InferenceStops: [] });
  });

  it('cuts streams under way when it is told to, and counts what had been written', async () => {
    const reply = upstream.nextReply();
    const asked = ana.send(new ConverseStreamCommand({ modelId: SCRIPTED, messages }));
    await (await reply).say('Once upon a time, ');
    const { stream, $metadata } = await asked;
    const events = stream![Symbol.asyncIterator]();
    await events.next();
    const { InferenceStop } = await stop({ Scope: { Models: [SCRIPTED] }, Reason: 'enough', CutStreams: true });
    const rest = async () => {
      for (;;) if ((await events.next()).done) return;
    };
    await expect(rest()).rejects.toThrow('enough');
    await resume(InferenceStop.StopId);
    await vi.waitFor(async () => {
      const { Requests } = await tallyline<{ Requests: { RequestId: string }[] }>(server, 'ListRequests', {
        ModelId: SCRIPTED,
      });
      const found = Requests.find(({ RequestId }) => RequestId === $metadata.requestId);
      expect(found).toMatchObject({ Status: 'cut', IsEstimated: true, ErrorCode: 'AccessDeniedException' });
    }, ARRIVAL);
  });

  it('is in the audit log with who used it, and is the management account’s alone', async () => {
    const cloudTrail = new CloudTrailClient(server.admin);
    const { Events } = await cloudTrail.send(
      new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'StopInference' }] }),
    );
    cloudTrail.destroy();
    expect(Events!.length).toBeGreaterThan(3);
    expect(Events![0]!.CloudTrailEvent).toContain('"reason":"enough"');
    await expect(stop({ Scope: { Models: [] }, Reason: 'x' })).rejects.toThrow('1 to 50 values');
    await expect(stop({ Reason: 'x', ExpiresAt: new Date(Date.now() - DAY_MS) })).rejects.toThrow('in the future');
  });
});

describe('a temporary increase', () => {
  it('makes room at once, is listed with who gave it, and ends; what is read back was created whole (peers row 77)', async () => {
    const budget = {
      Name: 'ana',
      Scope: { Principals: [`arn:aws:iam::${ACCOUNT}:user/ana`] },
      Unit: 'requests',
      Limit: '1',
    };
    const window = { Unit: 'rolling', Hours: 5 };
    const made = await tallyline(server, 'CreateHardBudget', { ...budget, Window: window, Mode: 'enforce' });
    // What is read back is what was created, whole.
    const read = await tallyline<Record<string, unknown>>(server, 'GetHardBudget', { Name: 'ana' });
    expect(read).toMatchObject(made as object);
    expect(read.HardBudget).toMatchObject({ ...budget, Window: window, WarnAtPercent: [80, 100], Unpriced: 'allow' });
    // The ledger knows of calls before.
    await expect(call(ana)).rejects.toMatchObject({ name: 'ThrottlingException' });
    const increase = { Name: 'ana', Amount: '1000', Reason: 'release week', ExpiresAt: new Date(Date.now() + DAY_MS) };
    const { HardBudget } = await tallyline<{ HardBudget: { Increases: { IncreaseId: string }[] } }>(
      server,
      'IncreaseHardBudget',
      increase,
    );
    expect(HardBudget).toMatchObject({
      EffectiveLimit: '1001',
      Increases: [{ Amount: '1000', Reason: 'release week', CreatedBy: expect.stringContaining('arn:aws:iam') }],
    });
    await call(ana);
    await tallyline(server, 'EndHardBudgetIncrease', { Name: 'ana', IncreaseId: HardBudget.Increases[0]!.IncreaseId });
    await expect(call(ana)).rejects.toMatchObject({ name: 'ThrottlingException' });
    await tallyline(server, 'DeleteHardBudget', { Name: 'ana' });
    await call(ana);
  });

  it.each(['0', '-1', 'NaN', '1e3', '', 'Infinity', '0.0000000000001'])(
    'refuses the amount `%s` (peers row 76)',
    async (amount) => {
      const budget = { Name: 'bad', Unit: 'USD', Limit: amount, Window: { Unit: 'day', TimeZone: 'UTC' } };
      await expect(tallyline(server, 'CreateHardBudget', budget)).rejects.toThrow();
      expect(await tallyline(server, 'ListHardBudgets', {})).toEqual({ HardBudgets: [] });
    },
  );
});
