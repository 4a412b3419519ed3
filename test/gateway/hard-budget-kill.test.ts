import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { parsePicoUsd } from '../../src/kernel/money.ts';
import { bucketStartMs, HOUR_MS } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { tallyline } from '../wire/gateway-keys.ts';
import { ARRIVAL } from '../wire/ledger.ts';

const MODEL = 'anthropic.claude-haiku-4-5-20251001-v1:0';
const LIMIT = '0.02';
const BUDGET = { Name: 'all', Unit: 'USD', Limit: LIMIT, Window: { Unit: 'month', TimeZone: 'UTC' } };

afterAll(() => removeFolders());

interface Counters {
  readonly Counters: readonly { readonly Spent: string; readonly Held: string }[];
}

const spentOf = async (server: TestServer) => {
  const { Counters } = await tallyline<Counters>(server, 'GetHardBudget', { Name: 'all' });
  return Counters[0] ?? { Spent: '0', Held: '0' };
};

async function ledgerOf(server: TestServer): Promise<string> {
  const startMs = bucketStartMs(Date.now());
  const range = { Start: new Date(startMs - HOUR_MS), End: new Date(startMs + HOUR_MS), Granularity: 'TOTAL' };
  const { Rows } = await tallyline<{ Rows: { CostUsd: string }[] }>(server, 'GetReport', range);
  return Rows[0]?.CostUsd ?? '0';
}

/** Calls until nothing is left or the server is gone. */
async function spend(server: TestServer, callers: number): Promise<void> {
  const client = new BedrockRuntimeClient({ ...server.admin, maxAttempts: 1 });
  const call = async () => {
    const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
    for (;;) {
      await client.send(new ConverseCommand({ modelId: MODEL, messages, inferenceConfig: { maxTokens: 30 } }));
    }
  };
  await Promise.allSettled(Array.from({ length: callers }, call));
  client.destroy();
}

describe('a hard budget whose server is killed again and again', () => {
  it('is never exceeded, knows what was spent at once, and holds nothing for calls that died', async () => {
    const data = temporaryFolder('budget-kill');
    let server = await startServer({ data });
    await tallyline(server, 'CreateHardBudget', BUDGET);
    for (const aliveMs of [200, 600]) {
      const spending = spend(server, 8);
      await new Promise((resolve) => setTimeout(resolve, aliveMs));
      await server.kill();
      await spending;
      server = await startServer({ data });
      // Before it listened it had asked the ledger, with everything in it that was settled before the kill.
      const counter = await spentOf(server);
      expect(counter.Held).toBe('0');
      expect(counter.Spent).toBe(await ledgerOf(server));
      expect(parsePicoUsd(counter.Spent)).toBeLessThanOrEqual(parsePicoUsd(LIMIT));
    }
    await spend(server, 8);
    const { Spent } = await spentOf(server);
    await vi.waitFor(async () => expect(await ledgerOf(server)).toBe(Spent), ARRIVAL);
    const left = parsePicoUsd(LIMIT) - parsePicoUsd(Spent);
    expect(left).toBeGreaterThanOrEqual(0n);
    // Less than one call can cost: 30 tokens out, and a few hundred bytes in at the price of a cache write.
    expect(left).toBeLessThan(parsePicoUsd('0.001'));
    expect(await server.stop()).toBe(0);
  });
});
