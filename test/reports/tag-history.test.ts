import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import type { TagBackfill } from '../../src/allocation/tag-backfill.ts';
import { TagLedger } from '../../src/allocation/tag-ledger.ts';
import { bucketStartMs, DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/kernel/time.ts';
import { ADMIN } from './line-items.ts';

const KEYS = ['iamPrincipal/team', 'resourceTags/team', 'accountTag/team'] as const;
const BEGIN_MS = Date.UTC(2026, 1, 20, 9, 7, 31, 250);

/** What happens, and how long after what was before it. */
type Step = { readonly afterMs: number } & (
  | { readonly kind: 'call' }
  | { readonly kind: 'switch'; readonly key: (typeof KEYS)[number]; readonly status: 'Active' | 'Inactive' }
  | { readonly kind: 'backfill'; readonly monthsBack: number }
);

const afterMs = fc.constantFrom(1, 250, 10 * MINUTE_MS, 9 * HOUR_MS, 30 * HOUR_MS, 12 * DAY_MS);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('call' as const), afterMs }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('switch' as const),
      afterMs,
      key: fc.constantFrom(...KEYS),
      status: fc.constantFrom('Active' as const, 'Inactive' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('backfill' as const), afterMs, monthsBack: fc.nat(3) }),
  },
);

interface Switch {
  readonly key: string;
  readonly isActive: boolean;
  readonly atMs: number;
}

describe('switches and backfills of any order, with and without delays', () => {
  it('show every call, cut into slices when it was itemized, exactly as told', async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), fc.boolean(), check);
    await fc.assert(property, { seed: 11, numRuns: 300 });
  });
});

async function check(steps: readonly Step[], hasDelays: boolean): Promise<void> {
  const delayMs = hasDelays ? DAY_MS : 0;
  let nowMs = BEGIN_MS;
  const clock = () => nowMs;
  const records = new SqliteRecordStore(':memory:', clock);
  const usedKeys = async () => KEYS.map((key) => ({ key, firstUsedAtMs: 0, lastUsedAtMs: nowMs }));
  const deps = { records, clock, usedKeys, activationDelayMs: delayMs, backfillDelayMs: delayMs };
  const ledger = new TagLedger(deps);
  const switches: Switch[] = [];
  const backfills: TagBackfill[] = [];
  const calls: { atMs: number; sliceMs: number }[] = [];
  for (const one of steps) {
    nowMs += one.afterMs;
    if (one.kind === 'call') {
      const instant = ledger.sliceInstants().findLast((candidate) => candidate <= nowMs) ?? 0;
      calls.push({ atMs: nowMs, sliceMs: Math.max(bucketStartMs(nowMs), instant) });
    } else if (one.kind === 'switch') {
      expect(await ledger.setStatuses([one], ADMIN)).toEqual([]);
      switches.push({ key: one.key, isActive: one.status === 'Active', atMs: nowMs });
    } else {
      const now = new Date(nowMs);
      const fromMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - one.monthsBack, 1);
      const latest = backfills.at(-1);
      if (latest && nowMs - latest.requestedAtMs < DAY_MS) continue;
      backfills.push(await ledger.startBackfill(fromMs, ADMIN));
    }
    for (const key of KEYS) {
      const told = calls.map(({ atMs }) => isToldActive(key, atMs, nowMs, { switches, backfills, delayMs }));
      expect(calls.map(({ sliceMs }) => isShown(ledger, key, sliceMs))).toEqual(told);
    }
  }
  expect([...new TagLedger(deps).all()]).toEqual([...ledger.all()]);
  await records.close();
}

function isShown(ledger: TagLedger, key: string, sliceMs: number): boolean {
  const intervals = ledger.all().get(key)?.activeIntervals ?? [];
  return intervals.some(({ fromMs, toMs }) => sliceMs >= fromMs && (toMs === undefined || sliceMs < toMs));
}

/** The last word on a call: of the backfill that reached it last, else of the last switch that was in effect. */
function isToldActive(
  key: string,
  atMs: number,
  nowMs: number,
  told: { readonly switches: readonly Switch[]; readonly backfills: readonly TagBackfill[]; readonly delayMs: number },
): boolean {
  const { switches, backfills, delayMs } = told;
  const lastUntil = (untilMs: number) =>
    switches.findLast((one) => one.key === key && one.atMs <= untilMs)?.isActive ?? false;
  const reached = backfills.findLast(
    ({ backfillFromMs, requestedAtMs }) =>
      requestedAtMs + delayMs <= nowMs && atMs >= backfillFromMs && atMs < requestedAtMs + delayMs,
  );
  return lastUntil(reached ? reached.requestedAtMs : atMs - delayMs);
}
