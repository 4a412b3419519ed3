import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { LEASE_MS } from '../../src/admission/counter-keeper.ts';
import type { SpendHold } from '../../src/admission/spend-gate.ts';
import type { RecordStore } from '../../src/kernel/record-store.ts';
import { caller, claim, ended, TestNode, type TestTime, testTime } from './node.ts';

const DAY = { unit: 'day', timeZone: 'UTC' } as const;
const ANN = caller('ann');

/** Two nodes on one store, whose writes take their time as those of a database do. */
function twoNodes(time: TestTime, roomWaitMs = 50): [TestNode, TestNode] {
  const inner = new SqliteRecordStore(':memory:', () => time.nowMs);
  const store: RecordStore = {
    all: (kind) => inner.all(kind),
    get: (kind, key) => inner.get(kind, key),
    watch: (onChange) => inner.watch((changes) => setImmediate(() => onChange(changes))),
    write: async (changes) => {
      await new Promise((resolve) => setImmediate(resolve));
      await inner.write(changes);
      await new Promise((resolve) => setImmediate(resolve));
    },
    close: () => inner.close(),
  };
  const node = (nodeId: string) => new TestNode(time, { store, nodeId, isShared: true, roomWaitMs });
  return [node('one'), node('two')];
}

/** Watchers of the store are told a moment later. */
const heard = () => new Promise((resolve) => setTimeout(resolve, 5));

async function spend(node: TestNode): Promise<boolean> {
  const one = claim(ANN, node.time.nowMs);
  const hold = await node.reserve(one).catch(() => undefined);
  hold?.settle(ended(one));
  hold?.release();
  return hold !== undefined;
}

describe('two nodes', () => {
  it('let exactly as many of a thousand calls through as one budget has room for', async () => {
    const [one, two] = twoNodes(testTime(), 2_000);
    await one.budget({ name: 'all', unit: 'tokens', limit: '20000', window: DAY });
    await heard();
    const calls = Array.from({ length: 1_000 }, (_, index) =>
      (index % 2 ? one : two).reserve(claim(ANN, one.time.nowMs)),
    );
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(100);
    expect(one.used('all') + two.used('all')).toBe(20_000n);
  });

  it('share what is left: a node that has everything gives half of it back', async () => {
    const [one, two] = twoNodes(testTime());
    await one.budget({ name: 'all', unit: 'tokens', limit: '2000', window: DAY });
    await heard();
    expect(await spend(one)).toBe(true);
    for (let calls = 0; calls < 9; calls += 1) expect(await spend(calls % 2 ? one : two)).toBe(true);
    expect(await spend(one)).toBe(false);
    expect(await spend(two)).toBe(false);
    await Promise.all([one.keeper.flush(), two.keeper.flush()]);
    await heard();
    expect([one.used('all'), two.used('all')]).toEqual([2_000n, 2_000n]);
  });

  it('have back what a node had that died, when its lease has expired, and no sooner', async () => {
    const [one, two] = twoNodes(testTime());
    await one.budget({ name: 'all', unit: 'tokens', limit: '1000', window: DAY });
    await heard();
    expect(await spend(one)).toBe(true);
    await one.keeper.flush();
    await one.reserve(claim(ANN, one.time.nowMs));
    // Nothing is heard of node one any more: here it is not even asked.
    one.table.replace([]);
    await heard();
    expect(await spend(two)).toBe(false);
    two.time.nowMs += LEASE_MS;
    expect(await spend(two)).toBe(false);
    two.time.nowMs += 5_000;
    await two.keeper.flush();
    // What it had settled is known, and what it held is free.
    for (let calls = 0; calls < 4; calls += 1) expect(await spend(two)).toBe(true);
    expect(await spend(two)).toBe(false);
  });

  it('see an increase, a lower limit and the end of a budget at once', async () => {
    const [one, two] = twoNodes(testTime());
    await one.budget({ name: 'all', unit: 'tokens', limit: '200', window: DAY });
    await heard();
    expect(await spend(two)).toBe(true);
    expect(await spend(two)).toBe(false);
    const { nowMs } = one.time;
    const increase = {
      id: 'i',
      amount: '200',
      reason: 'demo',
      expiresAtMs: nowMs + 60_000,
      createdAtMs: nowMs,
      createdBy: 'x',
    };
    await one.records.increase('all', increase);
    await heard();
    expect(await spend(two)).toBe(true);
    expect(await spend(one)).toBe(false);
    await one.records.delete('all');
    await heard();
    expect(await spend(two)).toBe(true);
  });

  it('never exceed a limit together, in whatever order they hold, settle, write and hear', async () => {
    const step = fc.record({
      node: fc.nat(1),
      do: fc.constantFrom('reserve', 'reserve', 'settle', 'release', 'flush', 'wait'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 60 }),
        fc.integer({ min: 1, max: 6 }),
        async (steps, limit) => {
          const time = testTime();
          const nodes = twoNodes(time);
          await nodes[0].budget({
            name: 'all',
            unit: 'tokens',
            limit: String(limit * 200),
            window: { rollingHours: 3 },
          });
          await heard();
          const open: SpendHold[] = [];
          const under: Promise<unknown>[] = [];
          let spent = 0n;
          let held = 0n;
          for (const { node, do: what } of steps) {
            const one = nodes[node]!;
            if (what === 'wait') {
              // Nodes write every second; what matters is that it is well before their leases expire.
              time.nowMs += 25_000;
              await Promise.all(nodes.map(({ keeper }) => keeper.flush()));
            }
            if (what === 'flush') under.push(one.keeper.flush());
            if (what === 'reserve') {
              const call = claim(ANN, time.nowMs);
              const taken = one.reserve(call).then(
                (hold) => {
                  open.push(hold);
                  held += 200n;
                },
                () => undefined,
              );
              under.push(taken);
              if (node === 0) await taken;
            }
            const hold = what === 'settle' || what === 'release' ? open.shift() : undefined;
            if (hold) {
              held -= 200n;
              if (what === 'settle') {
                hold.settle(ended(claim(ANN, time.nowMs), { inputTokens: 60, outputTokens: 60 }));
                spent += 120n;
              }
              hold.release();
            }
            // No slice leaves the window within the test's three hours.
            if (time.nowMs < testTime().nowMs + 3 * 3_600_000) expect(spent + held <= BigInt(limit * 200)).toBe(true);
          }
          await Promise.all(under);
          for (const one of nodes) expect(one.troubles).toEqual([]);
        },
      ),
      { numRuns: 40, seed: 20261129 },
    );
  });
});
