import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { TallylineClient } from '../../src/cli/client.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { ARRIVAL } from '../wire/ledger.ts';
import { ACCOUNT, allow, INVOKE, newUser } from '../wire/principals.ts';

const SONNET = 'us.anthropic.claude-sonnet-4-6';
const DANA = `arn:aws:iam::${ACCOUNT}:user/dana`;
/** Users are made before time moves. */
const START_MS = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;
const USUAL_HOURS = 32;
const CALLS_AN_HOUR = 5;
const LOOP_CALLS = 60;

interface Finding {
  readonly FindingId: string;
  readonly Kind: string;
  readonly Severity: string;
  readonly Subject: { readonly Key: string; readonly Value: string };
  readonly Since: string;
  readonly DetectedAt: string;
  readonly EndedAt?: string;
  readonly Evidence: readonly string[];
  readonly Causes: readonly { readonly Principal: string; readonly Reason: string }[];
}

const folder = temporaryFolder('clock');
const clockFile = join(folder, 'clock');
let server: TestServer;
let dana: ClientConfig;
let emil: ClientConfig;
let offsetMs = 0;

/** Moves the server's clock and that of all callers. */
async function moveTo(atMs: number): Promise<void> {
  writeFileSync(clockFile, String(atMs));
  offsetMs = atMs - Date.now();
  server.process.kill('SIGUSR2');
  const seen = () => expect(readFileSync(`${clockFile}.seen`, 'utf8')).toBe(String(atMs));
  await vi.waitFor(seen, { timeout: 30_000, interval: 5 });
}

const nowMs = () => Date.now() + offsetMs;

async function callModel(caller: ClientConfig, texts: readonly string[]): Promise<void> {
  const bedrock = new BedrockRuntimeClient(caller);
  const simulate = { inputTokens: 2_000, outputTokens: 2_000 };
  for (const text of texts) {
    const messages = [{ role: 'user' as const, content: [{ text }] }];
    // The SDK sets its clock by the Date header, which the server does not move.
    bedrock.config.systemClockOffset = offsetMs;
    await bedrock.send(new ConverseCommand({ modelId: SONNET, messages, additionalModelRequestFields: { simulate } }));
  }
  bedrock.destroy();
}

function ask<Answer>(caller: ClientConfig, operation: string, input: object): Promise<Answer> {
  const credentials = caller.credentials as { accessKeyId: string; secretAccessKey: string };
  const profile = { endpoint: server.url, region: 'us-east-1', ...credentials };
  return new TallylineClient(profile, nowMs).call(operation, input);
}

async function findings(caller = server.admin, input: object = {}): Promise<readonly Finding[]> {
  return (await ask<{ Findings: Finding[] }>(caller, 'ListFindings', input)).Findings;
}

/** Calls in the store of the hour that begins there or before. */
async function callsSince(fromMs: number): Promise<number> {
  const startMs = Math.floor(fromMs / HOUR_MS) * HOUR_MS;
  const { Rows } = await ask<{ Rows: { Requests: string }[] }>(server.admin, 'GetReport', {
    Start: new Date(startMs).toISOString(),
    End: new Date(startMs + HOUR_MS).toISOString(),
    Granularity: 'TOTAL',
  });
  return Rows.reduce((sum, { Requests }) => sum + Number(Requests), 0);
}

const subjects = async (): Promise<string[]> => {
  const { Notices } = await ask<{ Notices: { Subject: string }[] }>(server.admin, 'ListNotices', {});
  return Notices.map(({ Subject }) => Subject).sort();
};

beforeAll(async () => {
  writeFileSync(clockFile, String(Date.now()));
  server = await startServer({
    config: {
      detection: { subscribers: [{ type: 'EMAIL', address: 'finops@example.com' }] },
      notices: { smtp: { host: '127.0.0.1', port: 9, security: 'none', from: 'tallyline@example.com' } },
    },
    environment: {
      NODE_OPTIONS: `--import=${join(import.meta.dirname, '..', 'stepped-clock.ts')}`,
      CLOCK_FILE: clockFile,
    },
  });
  const statements = [INVOKE, allow('tallyline:GetOwnReport')];
  dana = await newUser(server.admin, 'dana', { statements });
  emil = await newUser(server.admin, 'emil', { statements });
  for (let hour = 1; hour <= USUAL_HOURS; hour += 1) {
    await moveTo(START_MS + hour * HOUR_MS);
    const texts = Array.from({ length: CALLS_AN_HOUR }, (_, index) => `question ${index} of hour ${hour}`);
    await Promise.all([callModel(dana, texts), callModel(emil, texts)]);
  }
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

describe('the standing watch', () => {
  const loopMs = START_MS + (USUAL_HOURS + 1) * HOUR_MS + 2 * MINUTE_MS;

  it('says nothing of what is usual', async () => {
    expect(await findings()).toEqual([]);
    expect(await subjects()).toEqual([]);
  });

  it('names who calls in a loop within five minutes of the first call, once', async () => {
    await moveTo(loopMs);
    await callModel(
      dana,
      Array.from({ length: LOOP_CALLS }, () => 'try again'),
    );
    // A round that comes before the calls have reached the store finds nothing.
    await vi.waitFor(async () => expect(await callsSince(loopMs)).toBe(LOOP_CALLS), ARRIVAL);
    await moveTo(loopMs + 3 * MINUTE_MS);
    await vi.waitFor(async () => expect(await findings()).toHaveLength(1), ARRIVAL);
    const [finding] = await findings();
    expect(finding).toMatchObject({ Kind: 'runaway_loop', Subject: { Key: 'principal', Value: DANA } });
    expect(finding!.Causes[0]).toMatchObject({ Principal: DANA, Reason: 'calls' });
    expect(finding!.Evidence.join()).toMatch(/the same prompt came \d+ times among \d+ calls/);
    expect(Date.parse(finding!.DetectedAt) - loopMs).toBeLessThanOrEqual(5 * MINUTE_MS);
    expect(Date.parse(finding!.Since)).toBeLessThanOrEqual(loopMs);
    await vi.waitFor(async () => expect(await subjects()).toEqual([`Spend: ${DANA} calls in a loop`]), ARRIVAL);
  });

  it('shows it beside what was expected, to whom it may concern', async () => {
    const [finding] = await findings();
    interface Shown {
      readonly Series: { readonly CostUsd: string; readonly ExpectedUsd?: string }[];
      readonly Change: { readonly ChangeUsd: string };
    }
    const show = () => ask<Shown>(server.admin, 'GetFinding', { FindingId: finding!.FindingId });
    // Calls are seen before their cost is in the store.
    await vi.waitFor(async () => expect(Number((await show()).Change.ChangeUsd)).toBeGreaterThan(1), ARRIVAL);
    expect((await show()).Series.some(({ ExpectedUsd }) => ExpectedUsd !== undefined)).toBe(true);
    expect(await findings(dana, { Scope: 'OWN' })).toHaveLength(1);
    expect(await findings(emil, { Scope: 'OWN' })).toEqual([]);
    await expect(findings(emil)).rejects.toThrow(/not authorized to perform: tallyline:ListFindings/);
  });

  it('ends it when it is over, and says so once', async () => {
    await moveTo(loopMs + 2 * HOUR_MS);
    await callModel(emil, ['as ever']);
    await vi.waitFor(async () => expect((await findings())[0]).toHaveProperty('EndedAt'), ARRIVAL);
    const told = [`Over: ${DANA} calls in a loop`, `Spend: ${DANA} calls in a loop`];
    await vi.waitFor(async () => expect(await subjects()).toEqual(told), ARRIVAL);
    expect(await findings()).toHaveLength(1);
  });

  it('takes what people say of it', async () => {
    const [finding] = await findings();
    await ask(server.admin, 'PutFindingFeedback', { FindingId: finding!.FindingId, Feedback: 'false_alarm' });
    expect(await findings()).toMatchObject([{ Feedback: { Says: 'false_alarm' } }]);
    await expect(
      ask(server.admin, 'PutFindingFeedback', { FindingId: '0'.repeat(36), Feedback: 'fixed' }),
    ).rejects.toThrow(/there is no finding/);
  });
});
