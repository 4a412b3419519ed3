import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Admission, UsageEvent } from './usage-event.ts';
import { UsageFrontier } from './usage-frontier.ts';
import type { UsageJournal } from './usage-journal.ts';
import { WatchedJournal } from './watched-journal.ts';

/** One step of a process's life: a call begins or ends, what has ended becomes durable, some of that is shipped. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('admit' as const) }),
  fc.record({ kind: fc.constant('end' as const), which: fc.nat() }),
  fc.record({ kind: fc.constant('sync' as const) }),
  fc.record({ kind: fc.constant('ship' as const), share: fc.nat({ max: 100 }) }),
);

it('never says that usage is there which is not, and says that all is there when it is', async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
    let nowMs = 0;
    const open: number[] = [];
    const ended: number[] = [];
    let waiting: (() => void)[] = [];
    let [durable, shipped] = [0, 0];
    const frontier = new UsageFrontier();
    const written = { admit: async () => {}, settle: () => new Promise<void>((resolve) => waiting.push(resolve)) };
    const journal = new WatchedJournal(written as unknown as UsageJournal, [frontier]);
    for (const one of steps) {
      nowMs += 1;
      if (one.kind === 'admit') {
        open.push(nowMs);
        await journal.admit({ requestId: `${nowMs}`, admittedAtMs: nowMs } as Admission);
      } else if (one.kind === 'end' && open.length > 0) {
        const [admittedMs] = open.splice(one.which % open.length, 1);
        ended.push(admittedMs!);
        void journal.settle({ requestId: `${admittedMs}` } as UsageEvent);
      } else if (one.kind === 'sync' && ended.length > durable) {
        durable = ended.length;
        frontier.durableUpTo({ segment: 1, offset: durable }, nowMs);
        for (const resolve of waiting) resolve();
        waiting = [];
        await new Promise(setImmediate);
      } else if (one.kind === 'ship') {
        shipped = Math.max(shipped, Math.floor((durable * one.share) / 100));
        frontier.shippedUpTo({ segment: 1, offset: shipped });
      }
      const completeToMs = frontier.completeToMs(nowMs);
      for (const admittedMs of [...open, ...ended.slice(shipped)]) expect(completeToMs).toBeLessThanOrEqual(admittedMs);
      if (open.length === 0 && shipped === ended.length) expect(completeToMs).toBe(nowMs);
    }
  });
  await fc.assert(property);
});

it('knows nothing before what an earlier process left is in the store', () => {
  const frontier = new UsageFrontier();
  frontier.beginAt({ segment: 2, offset: 0 });
  expect(frontier.completeToMs(5)).toBeUndefined();
  frontier.shippedUpTo({ segment: 1, offset: 900 });
  expect(frontier.completeToMs(5)).toBeUndefined();
  frontier.shippedUpTo({ segment: 2, offset: 0 });
  expect(frontier.completeToMs(5)).toBe(5);
});
