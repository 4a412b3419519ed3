import { anewOnConflict, type RecordStore } from '../kernel/record-store.ts';
import { billingPeriodEndMs, billingPeriodStartMs } from '../kernel/time.ts';
import type { ReconciledPeriod } from '../reports/reconciled-period.ts';
import { completeToMs } from './comparison.ts';
import type { Reconciliation, ReconciliationResult } from './reconciliation.ts';

const RECONCILIATION = 'reconciliation';
/** Of one source and period. */
const KEPT = 20;

/** One that was done. */
export type DoneReconciliation = Reconciliation & {
  readonly finishedAtMs: number;
  readonly result: ReconciliationResult;
};

/** Comparisons of bills with the ledger, on the record store. What they found row by row is in the cost store. */
export class ReconciliationLedger {
  readonly #records: RecordStore;
  #latest: readonly DoneReconciliation[] | undefined;
  #reconciled: readonly ReconciledPeriod[] | undefined;

  constructor(records: RecordStore) {
    this.#records = records;
    records.watch((changes) => {
      if (changes.every(({ kind }) => kind !== RECONCILIATION)) return;
      this.#latest = undefined;
      this.#reconciled = undefined;
    });
  }

  /** Newest first. */
  all(): Reconciliation[] {
    const all = Array.from(this.#records.all<Reconciliation>(RECONCILIATION), ({ body }) => body);
    return all.sort((a, b) => b.askedAtMs - a.askedAtMs || (a.id < b.id ? 1 : -1));
  }

  find(id: string): Reconciliation | undefined {
    return this.#records.get<Reconciliation>(RECONCILIATION, id)?.body;
  }

  /** The latest that was done of every source and period: what the cost store has rows of. Newest first. */
  latest(): readonly DoneReconciliation[] {
    if (!this.#latest) {
      const byPair = new Map<string, DoneReconciliation>();
      for (const one of this.all()) if (isDone(one) && !byPair.has(pairOf(one))) byPair.set(pairOf(one), one);
      this.#latest = [...byPair.values()];
    }
    return this.#latest;
  }

  /** What of the ledger is compared, as reports need to know it. */
  reconciled(): readonly ReconciledPeriod[] {
    this.#reconciled ??= this.latest().flatMap(reconciledPeriod);
    return this.#reconciled;
  }

  /** Puts one on record, unless one of the same source and period waits already: that one is answered. */
  async ask(
    wanted: Pick<Reconciliation, 'id' | 'sourceId' | 'period' | 'executionId' | 'askedAtMs'>,
  ): Promise<Reconciliation> {
    const ofPair = this.all().filter((one) => pairOf(one) === pairOf(wanted));
    const waiting = ofPair.find(({ state }) => state === 'waiting');
    if (waiting) return waiting;
    const body: Reconciliation = { ...wanted, state: 'waiting' };
    // The rows are those of the latest one that was done.
    const kept = this.latest().find((one) => pairOf(one) === pairOf(wanted));
    const forgotten = ofPair.slice(KEPT).filter(({ id, state }) => id !== kept?.id && state !== 'running');
    await this.#records.write([
      { kind: RECONCILIATION, key: body.id, body, expectedVersion: 0 },
      ...forgotten.map(({ id }) => ({ kind: RECONCILIATION, key: id })),
    ]);
    return body;
  }

  /** The one that was asked for first of those that wait. */
  next(): Reconciliation | undefined {
    return this.all().findLast(({ state }) => state === 'waiting');
  }

  async change(id: string, change: Partial<Reconciliation>): Promise<void> {
    await anewOnConflict(async () => {
      const record = this.#records.get<Reconciliation>(RECONCILIATION, id);
      if (!record) return;
      const body = { ...record.body, ...change };
      await this.#records.write([{ kind: RECONCILIATION, key: id, body, expectedVersion: record.version }]);
    });
  }

  /** What a process left running when it ended waits again. */
  async resume(): Promise<void> {
    for (const { id, state } of this.all()) if (state === 'running') await this.change(id, { state: 'waiting' });
  }
}

function isDone(one: Reconciliation): one is DoneReconciliation {
  return one.state === 'done' && one.result !== undefined && one.finishedAtMs !== undefined;
}

/** As far as the bill is complete. */
function reconciledPeriod({ sourceId, period, result }: DoneReconciliation): ReconciledPeriod[] {
  const [startMs, periodEndMs] = [billingPeriodStartMs(period), billingPeriodEndMs(period)];
  const { grain, isFinal, billThroughMs, ledgerThroughMs, upstreams } = result;
  const billedMs = isFinal ? periodEndMs : completeToMs({ grain, startMs, billThroughMs });
  const endMs = Math.min(billedMs, ledgerThroughMs);
  if (endMs <= startMs) return [];
  return [{ ...{ sourceId, startMs, endMs, isFinal, grain, upstreams }, period: Number(period.replace('-', '')) }];
}

function pairOf({ sourceId, period }: Pick<Reconciliation, 'sourceId' | 'period'>): string {
  return `${sourceId} ${period}`;
}
