import { ChargeLedger } from '../billing/charge-ledger.ts';
import type { Tax } from '../billing/closing-charges.ts';
import { type HeldModel, heldHours } from '../billing/held-model.ts';
import { invoiceId } from '../billing/invoice.ts';
import { PeriodLedger } from '../billing/period-ledger.ts';
import type { BillingConfig } from '../config.ts';
import { readPercentage } from '../kernel/percentage.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import {
  billingPeriodEndMs,
  billingPeriodOf,
  billingPeriodStartMs,
  type Clock,
  DAY_MS,
  MINUTE_MS,
} from '../kernel/time.ts';
import { Turns } from '../kernel/turns.ts';
import { bookRecorded } from '../paths/booking-path.ts';
import { closePeriod, firstBilledPeriod } from '../paths/close-path.ts';
import type { PriceBook } from '../rating/price-book.ts';
import type { CostStore } from '../reports/cost-store.ts';
import type { BillFacts } from '../reports/export-table.ts';
import type { TallylineServiceParts } from '../services/tallyline.ts';
import type { CostThread } from './cost-thread-handle.ts';

const LOOK_EVERY_MS = MINUTE_MS;

/** Which periods are closed. The first start notes with which one the bills begin. */
export async function openPeriods(records: RecordStore, store: CostStore, clock: Clock): Promise<PeriodLedger> {
  const periods = new PeriodLedger(records);
  if (!periods.isBegun) await periods.begin((await firstBilledPeriod(store)) ?? billingPeriodOf(clock()));
  return periods;
}

export interface BillingCycleParts {
  readonly settings: BillingConfig;
  readonly managementAccountId: string;
  readonly periods: PeriodLedger;
  readonly records: RecordStore;
  readonly store: CostStore;
  readonly costThread: CostThread;
  readonly accountTagsOf: (accountId: string) => readonly (readonly [string, string])[];
  readonly clock: Clock;
  readonly prices: PriceBook;
  readonly heldModels: readonly HeldModel[];
  readonly onTrouble: (message: string) => void;
}

/** Does what the bill needs without being asked: at the start, and every minute. */
export class BillingCycle {
  readonly charges: ChargeLedger;
  readonly #parts: BillingCycleParts;
  readonly #taxes: readonly Tax[];
  #timer: NodeJS.Timeout | undefined;
  readonly #turns = new Turns();
  #look: Promise<void> = Promise.resolve();
  #isStopped = false;
  /** Hours before it are booked, but for those that were already when this process began. */
  #heldBookedToMs = 0;

  constructor(parts: BillingCycleParts) {
    this.#parts = parts;
    this.charges = new ChargeLedger(parts.records);
    // The schema lets through percentages alone.
    this.#taxes = parts.settings.tax.map(({ percent, ...tax }) => ({ ...tax, percentage: readPercentage(percent)! }));
    const { periods, costThread, onTrouble } = parts;
    periods.onClose(() => {
      costThread.seal(periods.firstOpen()).catch((error: Error) => onTrouble(`cannot seal: ${error.message}`));
    });
  }

  /** What exports say of charges and invoices. */
  get facts(): Pick<BillFacts, 'chargeOf' | 'invoiceIdOf'> {
    const { periods, managementAccountId } = this.#parts;
    return {
      chargeOf: (chargeId) => this.charges.charge(chargeId),
      invoiceIdOf: (period, seller) => (periods.isFinal(period) ? invoiceId(managementAccountId, period, seller) : ''),
    };
  }

  /** What the bill's own operations do. */
  get control(): Pick<TallylineServiceParts, 'charges' | 'periods' | 'bookCharges' | 'closePeriod' | 'rerate'> {
    const { periods, costThread } = this.#parts;
    return {
      ...{ charges: this.charges, periods },
      bookCharges: () => this.bookCharges(),
      closePeriod: (period) => this.closePeriod(period),
      rerate: (period, apply) => costThread.rerate(period, apply),
    };
  }

  /** Books charges that are recorded and may be missing in the cost store: of one period, or of all. */
  async bookCharges(period?: string): Promise<void> {
    const book = this.#parts.costThread.book.bind(this.#parts.costThread);
    await this.#bookHeldHours();
    await bookRecorded({ ledger: this.charges, book }, period);
  }

  /** The hours of models that are paid for by the hour, as far as they have begun; of closed periods none. */
  async #bookHeldHours(): Promise<void> {
    const { heldModels, periods, prices, accountTagsOf, costThread, clock } = this.#parts;
    const endMs = clock();
    const startMs = Math.max(billingPeriodStartMs(periods.firstOpen()), this.#heldBookedToMs);
    const hours = heldModels.flatMap((model) =>
      heldHours(model, { startMs, endMs }, prices, accountTagsOf(model.accountId)),
    );
    if (hours.length > 0) await costThread.book(hours);
    this.#heldBookedToMs = endMs;
  }

  /** Closes wait for each other. Throws ValidationException when the period cannot be closed now. */
  closePeriod(period: string): Promise<void> {
    const { periods, store, costThread, accountTagsOf, clock } = this.#parts;
    return this.#turns.take(() =>
      closePeriod(period, {
        ...{ periods, store, accountTagsOf, clock, charges: this.charges, taxes: this.#taxes },
        bookCharges: (one) => this.bookCharges(one),
        seal: async (firstOpenPeriod) => costThread.seal(firstOpenPeriod),
      }),
    );
  }

  start(): void {
    const look = () => {
      this.#look = this.#look.then(() => this.#lookOnce());
    };
    look();
    this.#timer = setInterval(look, LOOK_EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#look;
  }

  async #lookOnce(): Promise<void> {
    try {
      await this.bookCharges();
      for (let due = this.#due(); due !== undefined && !this.#isStopped; due = this.#due()) await this.closePeriod(due);
    } catch (error) {
      this.#parts.onTrouble((error as Error).message);
    }
  }

  /** A close that was cut off, or the next period once its days are over. */
  #due(): string | undefined {
    const { periods, settings, clock } = this.#parts;
    const unfinished = periods.unfinished();
    if (unfinished !== undefined) return unfinished;
    const next = periods.firstOpen();
    return clock() >= billingPeriodEndMs(next) + settings.closeAfterDays * DAY_MS ? next : undefined;
  }
}
