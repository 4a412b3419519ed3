import { readdirSync, readFileSync } from 'node:fs';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { TallylineClient } from '../../src/cli/client.ts';
import { readProfile } from '../../src/cli/profile.ts';
import { formatUsd } from '../../src/kernel/money.ts';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { ARRIVAL } from '../wire/ledger.ts';

/** Set SIMULATION_SEED to replay a run, SIMULATION_KILLS to lengthen it. */
const SEED = Number(process.env.SIMULATION_SEED ?? 20_261_122);
const KILLS = Number(process.env.SIMULATION_KILLS ?? 12);
const CLIENTS = 4;
/** Fewer calls than one ListRequests answers, so that every round can be checked id by id. */
const CALLS_PER_ROUND_MAX = 60;
const MODEL = 'anthropic.claude-sonnet-4-6';
/** Regional prices per token of the model, in pico-USD: 3.30 and 16.50 USD per million. */
const INPUT_PICO_USD = 3_300_000n;
const OUTPUT_PICO_USD = 16_500_000n;

afterAll(removeFolders);

interface Tokens {
  readonly input: bigint;
  readonly output: bigint;
}

interface Listed {
  readonly RequestId: string;
  readonly Status: string;
  readonly InputTokens: string;
  readonly OutputTokens: string;
}

// peers rows 31, 35.
describe('a server that is killed again and again under load', () => {
  it(`keeps every acknowledged token and cent over ${KILLS} kills (seed ${SEED})`, { timeout: 900_000 }, async () => {
    const next = random(SEED);
    const data = temporaryFolder('kill');
    /** What each round's clients were answered, by request id. */
    let acknowledged = new Map<string, Tokens>();
    const ledger = new Map<string, Listed>();
    let acknowledgedCalls = 0;

    for (let kill = 0; kill <= KILLS; kill++) {
      const server = await startServer({ data });
      await inLedger(server, acknowledged, ledger);
      if (kill === KILLS) {
        // Calls that the last kill cut off may arrive after those that were acknowledged.
        await vi.waitFor(() => expectTotals(server, ledger), ARRIVAL);
        expect(await server.stop()).toBe(0);
        break;
      }
      acknowledged = new Map();
      const load = runLoad(server, next, acknowledged);
      await load.answered(1 + Math.floor(next() * CALLS_PER_ROUND_MAX));
      // Every third time the cost store goes first, and the server goes on without it.
      if (kill % 3 === 0) {
        killEngine(server);
        await load.answered(5);
      }
      await server.kill();
      await load.stopped();
      acknowledgedCalls += acknowledged.size;
    }
    expect(acknowledgedCalls).toBeGreaterThan(KILLS);
    expect(ledger.size).toBeGreaterThanOrEqual(acknowledgedCalls);
  });
});

/** Waits until the ledger has every acknowledged call, with exactly its tokens. */
async function inLedger(
  server: TestServer,
  acknowledged: ReadonlyMap<string, Tokens>,
  ledger: Map<string, Listed>,
): Promise<void> {
  const client = clientOf(server);
  const missing = async () => {
    await list(client, ledger);
    return [...acknowledged.keys()].filter((id) => !ledger.has(id));
  };
  await expect.poll(missing, { timeout: 20_000 }).toEqual([]);
  for (const [id, { input, output }] of acknowledged) {
    const found = ledger.get(id)!;
    expect([found.Status, BigInt(found.InputTokens), BigInt(found.OutputTokens)]).toEqual(['completed', input, output]);
  }
}

async function list(client: TallylineClient, ledger: Map<string, Listed>): Promise<void> {
  const { Requests } = await client.call<{ Requests: Listed[] }>('ListRequests', { MaxResults: 1_000 });
  for (const one of Requests) ledger.set(one.RequestId, one);
}

/** The report's sums are those of the calls in the ledger: nothing lost on the way to line items, nothing doubled. */
async function expectTotals(server: TestServer, ledger: Map<string, Listed>): Promise<void> {
  const client = clientOf(server);
  await list(client, ledger);
  const day = 86_400_000;
  const today = Math.floor(Date.now() / day) * day;
  const { Rows } = await client.call<{ Rows: { Keys: string[]; Tokens: string; CostUsd: string }[] }>('GetReport', {
    Start: new Date(today - day).toISOString(),
    End: new Date(today + day).toISOString(),
    Granularity: 'TOTAL',
    GroupBy: [{ Type: 'DIMENSION', Key: 'direction' }],
  });
  const calls = [...ledger.values()];
  const input = calls.reduce((sum, { InputTokens }) => sum + BigInt(InputTokens), 0n);
  const output = calls.reduce((sum, { OutputTokens }) => sum + BigInt(OutputTokens), 0n);
  const found = Object.fromEntries(Rows.map(({ Keys, Tokens, CostUsd }) => [Keys[0], [Tokens, CostUsd]]));
  expect(found).toEqual({
    input: [input.toString(), formatUsd(input * INPUT_PICO_USD)],
    output: [output.toString(), formatUsd(output * OUTPUT_PICO_USD)],
  });
}

interface Load {
  /** Resolves when so many more calls have been answered, or when the load has ended. */
  readonly answered: (calls: number) => Promise<void>;
  readonly stopped: () => Promise<void>;
}

/** Clients that call one after the other until the server dies under them. */
function runLoad(server: TestServer, next: () => number, acknowledged: Map<string, Tokens>): Load {
  const waiters: { readonly at: number; readonly resolve: () => void }[] = [];
  const lane = async () => {
    // HTTP/1.1 here: a broken connection is an error at once. One attempt: every answer is one request.
    const bedrock = new BedrockRuntimeClient({
      ...server.admin,
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler(),
    });
    try {
      for (;;) {
        const inputTokens = 1 + Math.floor(next() * 10_000);
        const outputTokens = 1 + Math.floor(next() * 1_000);
        const { $metadata } = await bedrock.send(
          new ConverseCommand({
            modelId: MODEL,
            messages: [{ role: 'user', content: [{ text: 'hello' }] }],
            additionalModelRequestFields: { simulate: { inputTokens, outputTokens } },
          }),
        );
        acknowledged.set($metadata.requestId!, { input: BigInt(inputTokens), output: BigInt(outputTokens) });
        for (const waiter of waiters) if (acknowledged.size >= waiter.at) waiter.resolve();
      }
    } catch {
      // Killed: this call was never answered, and may be in the ledger as completed or interrupted, or not at all.
      bedrock.destroy();
    }
  };
  const lanes = Promise.all(Array.from({ length: CLIENTS }, lane));
  return {
    answered: (calls) => {
      const waiter = Promise.withResolvers<void>();
      waiters.push({ at: acknowledged.size + calls, resolve: waiter.resolve });
      return Promise.race([waiter.promise, lanes.then(() => undefined)]);
    },
    stopped: async () => {
      await lanes;
    },
  };
}

function clientOf(server: TestServer): TallylineClient {
  return new TallylineClient(readProfile(server.data, {}), () => Date.now());
}

/** The embedded engine is the server's only child process. */
function killEngine(server: TestServer): void {
  const child = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => parentOf(pid) === server.process.pid);
  if (child === undefined) throw new Error('the cost store has no process');
  process.kill(Number(child), 'SIGKILL');
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[1],
    );
  } catch {
    return undefined;
  }
}

/** Mulberry32: small, seeded, good enough to choose moments and sizes. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
