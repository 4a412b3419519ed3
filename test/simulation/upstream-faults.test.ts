import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { afterAll, describe, expect, it } from 'vitest';
import { type AskedModel, type Reply, ScriptedModel, WORDS } from '../gateway/scripted-model.ts';
import { removeFolders, startServer } from '../server.ts';
import { seededRandom } from '../store/sample-usage.ts';
import { ARRIVAL, billedCalls, type LedgerEntry, ledger } from '../wire/ledger.ts';

/** UPSTREAM_FAULTS_SEED=17 replays a run; UPSTREAM_FAULTS_CALLS lengthens it, to 300 at most: what one question to the ledger holds. */
const SEED = Number(process.env.UPSTREAM_FAULTS_SEED ?? 20_261_129);
const CALLS = Number(process.env.UPSTREAM_FAULTS_CALLS ?? 120);
const LANES = 8;
const MODEL = 'anthropic.claude-sonnet-4-6';
const NEVER_OPEN = { breaker: { consecutiveFailures: 1_000_000, minCalls: 1_000_000 } };

afterAll(removeFolders);

const upstreams = [new ScriptedModel(), new ScriptedModel()] as const;

describe('upstreams that fail at random, and clients that leave', () => {
  it(`leave every attempt in the ledger once, with what the upstreams count (seed ${SEED})`, {
    timeout: 120_000,
  }, async () => {
    const next = seededRandom(SEED);
    for (const upstream of upstreams) upstream.next(...Array.from({ length: CALLS * 3 }, () => anyReply(next)));
    const [url, otherUrl] = [await upstreams[0].listen(), await upstreams[1].listen()];
    const common = { type: 'openai', models: '*', headersTimeoutMs: 300, idleTimeoutMs: 300 };
    const server = await startServer({
      config: {
        upstreams: [
          // Calls wait for one another here.
          { name: 'one', url, ...common, limits: { ...NEVER_OPEN, maxInFlight: 2 } },
          { name: 'two', url: otherUrl, ...common, limits: NEVER_OPEN },
        ],
        aliases: {
          any: {
            targets: ['one', 'two'].map((upstream) => ({ model: MODEL, upstream })),
            retries: 2,
            retryOn: ['unavailable', 'throttled', 'timeout', 'broken', 'error'],
          },
        },
      },
    });
    const client = new BedrockRuntimeClient({ ...server.admin, maxAttempts: 1 });
    let begun = 0;
    const lane = async () => {
      while (begun++ < CALLS) await call(client, next).catch(() => undefined);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    client.destroy();

    const asked = upstreams.flatMap((upstream) => upstream.asked);
    await expect.poll(async () => (await ledger(server)).length, ARRIVAL).toBe(asked.length);
    const entries = await ledger(server);

    // Every operation has as many attempts as upstreams were asked.
    const operationOf = ({ RequestId, AttemptOf = RequestId }: LedgerEntry) => AttemptOf;
    expect(counted(entries.map(operationOf))).toEqual(
      counted(asked.map(({ headers }) => `${headers['x-request-id']}`)),
    );

    // Each kind of ending is there as often as the upstreams brought it about.
    const kindOf = ({ Status, IsEstimated, InputTokens }: LedgerEntry) => {
      if (IsEstimated) return 'flagged';
      return Status === 'failed' && InputTokens === '0' ? 'nothing used' : 'reported';
    };
    expect(counted(entries.map(kindOf))).toEqual(counted(asked.map(fateOf)));

    // Where the upstreams' own counts are known, they are what is metered.
    const reported = asked.filter((one) => fateOf(one) === 'reported').map(({ reply }) => usageOf(reply));
    const metered = entries.filter((entry) => kindOf(entry) === 'reported');
    const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
    expect(sum(metered.map(({ InputTokens }) => Number(InputTokens)))).toBe(
      sum(reported.map((one) => one.prompt_tokens)),
    );
    expect(sum(metered.map(({ OutputTokens }) => Number(OutputTokens)))).toBe(
      sum(reported.map((one) => one.completion_tokens)),
    );

    // An operation is counted once, if any attempt of it used something.
    const charged = new Set(entries.filter((entry) => kindOf(entry) !== 'nothing used').map(operationOf));
    await expect.poll(() => billedCalls(server), ARRIVAL).toBe(charged.size);
    expect(server.output()).not.toContain('"msg":"bug"');
    expect(await server.stop()).toBe(0);
    await Promise.all(upstreams.map((upstream) => upstream.close()));
  });
});

async function call(client: BedrockRuntimeClient, next: () => number): Promise<void> {
  const input = { modelId: 'any', messages: [{ role: 'user' as const, content: [{ text: 'Tell me a story.' }] }] };
  if (next() < 0.5) return void (await client.send(new ConverseCommand(input)));
  const { stream } = await client.send(new ConverseStreamCommand(input));
  let left = next() < 0.3 ? Math.floor(next() * WORDS.length) : Number.POSITIVE_INFINITY;
  // Leaving the loop closes the stream.
  for await (const _ of stream!) if (left-- <= 0) break;
}

function anyReply(next: () => number): Reply {
  const chance = next();
  if (chance < 0.1) return { does: 'refuse', status: 429, headers: { 'retry-after-ms': '20' } };
  if (chance < 0.2) return { does: 'refuse', status: next() < 0.5 ? 503 : 500 };
  if (chance < 0.25) return { does: 'hang up' };
  if (chance < 0.28) return { does: 'stay silent' };
  const [prompt, completion] = [1 + Math.floor(next() * 10_000), Math.floor(next() * 5_000)];
  const isSound = next() < 0.85;
  const usage = {
    ...{ prompt_tokens: prompt, completion_tokens: completion },
    total_tokens: prompt + completion + (isSound ? 0 : 12_345),
  };
  return { does: 'answer', usage, ...(next() < 0.3 && { cutAfter: Math.floor(next() * (WORDS.length + 2)) }) };
}

function usageOf(reply: Reply): { prompt_tokens: number; completion_tokens: number; total_tokens: number } {
  if (reply.does !== 'answer') throw new Error('it did not answer');
  return reply.usage as ReturnType<typeof usageOf>;
}

/** What the ledger must say of a request, by what the upstream did with it. */
function fateOf({ reply, body }: AskedModel): 'nothing used' | 'flagged' | 'reported' {
  if (reply.does === 'refuse') return 'nothing used';
  if (reply.does !== 'answer' || (body.stream && reply.cutAfter !== undefined)) return 'flagged';
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = usageOf(reply);
  return total === prompt + completion ? 'reported' : 'flagged';
}

/** How often each text is there, in an order that depends on nothing else. */
function counted(texts: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}
