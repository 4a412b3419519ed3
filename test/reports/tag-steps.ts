import fc from 'fast-check';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import type { TagBackfill } from '../../src/allocation/tag-backfill.ts';
import { TagLedger } from '../../src/allocation/tag-ledger.ts';
import { bucketStartMs, DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/kernel/time.ts';
import { ADMIN } from './line-items.ts';

/** One name under every prefix. */
export const STEP_KEYS = ['iamPrincipal/team', 'resourceTags/team', 'accountTag/team'] as const;

/** What happens, and how long after what was before it. */
export type Step = { readonly afterMs: number } & (
  | { readonly kind: 'call' }
  | { readonly kind: 'switch'; readonly key: (typeof STEP_KEYS)[number]; readonly status: 'Active' | 'Inactive' }
  | { readonly kind: 'backfill'; readonly monthsBack: number }
);

/** Steps with such times between them. */
export function anyStep(...timesMs: readonly number[]): fc.Arbitrary<Step> {
  const afterMs = fc.constantFrom(...timesMs);
  const kind = <Kind extends Step['kind']>(name: Kind) => fc.constant(name);
  const status = fc.constantFrom('Active' as const, 'Inactive' as const);
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: kind('call'), afterMs }) },
    { weight: 3, arbitrary: fc.record({ kind: kind('switch'), afterMs, key: fc.constantFrom(...STEP_KEYS), status }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('backfill'), afterMs, monthsBack: fc.nat(3) }) },
  );
}

export const STEP_TIMES_MS = [1, 250, 10 * MINUTE_MS, 9 * HOUR_MS, 30 * HOUR_MS, 12 * DAY_MS] as const;

/** What has happened so far. */
export class TagHistory {
  readonly ledger: TagLedger;
  readonly delayMs: number;
  readonly switches: { readonly key: string; readonly isActive: boolean; readonly atMs: number }[] = [];
  readonly backfills: TagBackfill[] = [];
  /** Calls, cut into slices by what was known when they were itemized. */
  readonly calls: { readonly atMs: number; readonly sliceMs: number }[] = [];
  readonly #records: SqliteRecordStore;
  nowMs: number;

  constructor(beginMs: number, delayMs: number) {
    this.nowMs = beginMs;
    this.delayMs = delayMs;
    this.#records = new SqliteRecordStore(':memory:', () => this.nowMs);
    this.ledger = this.newLedger();
  }

  /** Another node over the same records. */
  newLedger(): TagLedger {
    return new TagLedger({
      records: this.#records,
      clock: () => this.nowMs,
      usedKeys: async () => STEP_KEYS.map((key) => ({ key, firstUsedAtMs: 0, lastUsedAtMs: this.nowMs })),
      activationDelayMs: this.delayMs,
      backfillDelayMs: this.delayMs,
    });
  }

  async take(step: Step): Promise<void> {
    this.nowMs += step.afterMs;
    if (step.kind === 'call') {
      const instant = this.ledger.sliceInstants().findLast((candidate) => candidate <= this.nowMs) ?? 0;
      this.calls.push({ atMs: this.nowMs, sliceMs: Math.max(bucketStartMs(this.nowMs), instant) });
    } else if (step.kind === 'switch') {
      const [error] = await this.ledger.setStatuses([step], ADMIN);
      if (error) throw new Error(error.code);
      this.switches.push({ key: step.key, isActive: step.status === 'Active', atMs: this.nowMs });
    } else {
      const now = new Date(this.nowMs);
      const fromMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - step.monthsBack, 1);
      const latest = this.backfills.at(-1);
      if (latest && this.nowMs - latest.requestedAtMs < DAY_MS) return;
      this.backfills.push(await this.ledger.startBackfill(fromMs, ADMIN));
    }
  }

  close(): Promise<void> {
    return this.#records.close();
  }
}
