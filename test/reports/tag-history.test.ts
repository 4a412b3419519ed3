import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TagLedger } from '../../src/allocation/tag-ledger.ts';
import { DAY_MS } from '../../src/kernel/time.ts';
import { anyStep, STEP_KEYS, STEP_TIMES_MS, TagHistory } from './tag-steps.ts';

const BEGIN_MS = Date.UTC(2026, 1, 20, 9, 7, 31, 250);

it('switches and backfills of any order, with and without delays, show every call exactly as told', async () => {
  const steps = fc.array(anyStep(...STEP_TIMES_MS), { minLength: 5, maxLength: 40 });
  const property = fc.asyncProperty(steps, fc.constantFrom(0, DAY_MS), async (all, delayMs) => {
    const history = new TagHistory(BEGIN_MS, delayMs);
    for (const step of all) {
      await history.take(step);
      for (const key of STEP_KEYS) {
        const shown = history.calls.map(({ sliceMs }) => isShown(history.ledger, key, sliceMs));
        expect(shown).toEqual(history.calls.map(({ atMs }) => isToldActive(history, key, atMs)));
      }
    }
    expect([...history.newLedger().all()]).toEqual([...history.ledger.all()]);
    await history.close();
  });
  await fc.assert(property, { seed: 11, numRuns: 300 });
});

function isShown(ledger: TagLedger, key: string, sliceMs: number): boolean {
  const intervals = ledger.all().get(key)?.activeIntervals ?? [];
  return intervals.some(({ fromMs, toMs }) => sliceMs >= fromMs && (toMs === undefined || sliceMs < toMs));
}

/** The last word on a call: of the backfill that reached it last, else of the last switch that was in effect. */
function isToldActive({ switches, backfills, delayMs, nowMs }: TagHistory, key: string, atMs: number): boolean {
  const reached = backfills.findLast(({ backfillFromMs, requestedAtMs }) => {
    const isDone = requestedAtMs + delayMs <= nowMs;
    return isDone && atMs >= backfillFromMs && atMs < requestedAtMs + delayMs;
  });
  const untilMs = reached ? reached.requestedAtMs : atMs - delayMs;
  return switches.findLast((one) => one.key === key && one.atMs <= untilMs)?.isActive ?? false;
}
