import { Fault } from '../kernel/fault.ts';
import type { RecordChange, RecordStore } from '../kernel/record-store.ts';
import { billingPeriodEndMs, billingPeriodOf, nextBillingPeriod } from '../kernel/time.ts';

const PERIOD_KIND = 'billingPeriod';
const FIRST_KIND = 'firstBillingPeriod';

/**
 * `open`: its month goes on. `closing`: the month is over and its figures are estimates, which may still change.
 * `final`: closed; nothing in it ever changes.
 */
export type PeriodState = 'open' | 'closing' | 'final';

/** A period whose close has begun. */
interface ClosedPeriod {
  /** What comes for it from now on goes to the first open period. */
  readonly closeBegunAtMs: number;
  /** The charges that the close makes are on record. */
  readonly hasClosingCharges: boolean;
  /** Absent: the close is not complete, and is taken up again at the next start. */
  readonly finalAtMs?: number;
}

export interface BillingPeriod {
  readonly period: string;
  readonly state: PeriodState;
  readonly finalAtMs?: number;
}

/** Which billing periods are closed. They close in their order, so that all before the first open one are. */
export class PeriodLedger {
  readonly #records: RecordStore;

  constructor(records: RecordStore) {
    this.#records = records;
  }

  /** Calls back when a period is being closed or has been, on whichever node. */
  onClose(callback: () => void): void {
    this.#records.watch((changes) => {
      if (changes.some(({ kind }) => kind === PERIOD_KIND)) callback();
    });
  }

  /** Notes the first period that has a bill, once: what is before it is final, as nothing was ever billed. */
  async begin(firstPeriod: string): Promise<void> {
    if (this.#first() !== undefined) return;
    await this.#records.write([{ kind: FIRST_KIND, key: '', body: firstPeriod, expectedVersion: 0 }]);
  }

  get isBegun(): boolean {
    return this.#first() !== undefined;
  }

  /** The first period that has a bill; empty before `begin`. */
  first(): string {
    return this.#first() ?? '';
  }

  /** Everything before it is closed or closing for good. */
  firstOpen(): string {
    let period = this.#first() ?? '';
    while (this.#closed(period)) period = nextBillingPeriod(period);
    return period;
  }

  isFinal(period: string): boolean {
    return this.#closed(period)?.finalAtMs !== undefined || period < (this.#first() ?? '');
  }

  stateOf(period: string, nowMs: number): PeriodState {
    if (this.isFinal(period)) return 'final';
    return nowMs < billingPeriodEndMs(period) ? 'open' : 'closing';
  }

  /** All periods since the first, the newest first. */
  all(nowMs: number): BillingPeriod[] {
    const periods: BillingPeriod[] = [];
    for (let period = this.#first() ?? billingPeriodOf(nowMs); period <= billingPeriodOf(nowMs); ) {
      const finalAtMs = this.#closed(period)?.finalAtMs;
      periods.unshift({ period, state: this.stateOf(period, nowMs), ...(finalAtMs !== undefined && { finalAtMs }) });
      period = nextBillingPeriod(period);
    }
    return periods;
  }

  /** A close that was begun and is not complete. */
  unfinished(): string | undefined {
    const records = [...this.#records.all<ClosedPeriod>(PERIOD_KIND)];
    return records.find(({ body }) => body.finalAtMs === undefined)?.key;
  }

  /**
   * From here on nothing is billed in the period but what its close makes. Does nothing when it was begun before.
   * Throws ValidationException for a period that has not ended, and for one that is not the next to close.
   */
  async beginClose(period: string, nowMs: number): Promise<void> {
    if (this.unfinished() === period) return;
    if (this.isFinal(period)) throw invalid(`the billing period \`${period}\` is final already`);
    if (nowMs < billingPeriodEndMs(period)) throw invalid(`the billing period \`${period}\` has not ended`);
    if (period !== this.firstOpen()) throw invalid(`close the billing period \`${this.firstOpen()}\` first`);
    await this.#put(period, { closeBegunAtMs: nowMs, hasClosingCharges: false });
  }

  hasClosingCharges(period: string): boolean {
    return this.#closed(period)?.hasClosingCharges ?? false;
  }

  /** Records the charges of the close, once and all together. */
  async recordClosingCharges(period: string, charges: readonly RecordChange[]): Promise<void> {
    await this.#put(period, { ...this.#closed(period)!, hasClosingCharges: true }, charges);
  }

  async finish(period: string, nowMs: number): Promise<void> {
    await this.#put(period, { ...this.#closed(period)!, finalAtMs: nowMs });
  }

  async #put(period: string, body: ClosedPeriod, more: readonly RecordChange[] = []): Promise<void> {
    await this.#records.write([{ kind: PERIOD_KIND, key: period, body }, ...more]);
  }

  #closed(period: string): ClosedPeriod | undefined {
    return this.#records.get<ClosedPeriod>(PERIOD_KIND, period)?.body;
  }

  #first(): string | undefined {
    return this.#records.get<string>(FIRST_KIND, '')?.body;
  }
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
