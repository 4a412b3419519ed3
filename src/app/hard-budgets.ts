import { setTimeout as delay } from 'node:timers/promises';
import { AdmissionRecords } from '../admission/admission-records.ts';
import { BudgetAlerts } from '../admission/budget-alerts.ts';
import { type BudgetState, BudgetTable } from '../admission/budget-table.ts';
import { CounterKeeper } from '../admission/counter-keeper.ts';
import { type HardBudgetDraft, readDimension } from '../admission/hard-budget.ts';
import { HardBudgets } from '../admission/hard-budgets.ts';
import { spendHistory, type WindowSpend } from '../admission/spend-history.ts';
import { type SpendLedger, seedCounters } from '../admission/spend-ledger.ts';
import { StopTable } from '../admission/stop-table.ts';
import type { BoundSettings } from '../admission/usage-bound.ts';
import type { HardBudgetConfig, RunawayGuardConfig } from '../config/hard-budgets-config.ts';
import type { Config } from '../config.ts';
import { Fault } from '../kernel/fault.ts';
import type { NoticeOutbox } from '../kernel/notice.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import { type Clock, SECOND_MS } from '../kernel/time.ts';
import { StoredSpendLedger } from '../paths/stored-spend-ledger.ts';
import type { PriceBook } from '../rating/price-book.ts';
import type { CostStore } from '../reports/cost-store.ts';
import { watchRunaways } from './runaway-watch.ts';

interface AdmissionParts extends Omit<AdmissionControlParts, 'bounds' | 'reservationMs' | 'runawayGuard' | 'ledger'> {
  readonly store: Pick<CostStore, 'query'>;
}

/** Throws ConfigInvalid for a declared budget that makes no sense. */
export async function openAdmission(
  { hardBudgets, runawayGuard }: Config,
  { store, ...parts }: AdmissionParts,
): Promise<AdmissionControl> {
  const { defaultMaxOutputTokens, maxOutputTokens, reservationSeconds, budgets } = hardBudgets;
  const control = new AdmissionControl({
    ...parts,
    bounds: { defaultMaxOutputTokens, modelMaxOutputTokens: new Map(Object.entries(maxOutputTokens)) },
    reservationMs: reservationSeconds * SECOND_MS,
    runawayGuard,
    ledger: new StoredSpendLedger(store),
  });
  try {
    await control.open(budgets.map(declaredBudget));
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'ValidationException') throw error;
    throw new Fault('ConfigInvalid', `\`hardBudgets.budgets\`: ${error.message}`);
  }
  return control;
}

function declaredBudget({ scope = {}, each, ...declared }: HardBudgetConfig): HardBudgetDraft {
  const { tags, ...patterns } = scope;
  return {
    ...declared,
    scope: { ...patterns, ...(tags && { tags: Object.entries(tags) }) },
    ...(each !== undefined && { each: readDimension(each) }),
  };
}

export interface AdmissionControlParts {
  readonly records: RecordStore;
  readonly nodeId: string;
  readonly isShared: boolean;
  readonly prices: PriceBook;
  readonly bounds: BoundSettings;
  readonly reservationMs: number;
  readonly runawayGuard: RunawayGuardConfig;
  readonly outbox: NoticeOutbox;
  readonly managementAccountId: string;
  readonly ledger: SpendLedger;
  /** Resolves when all that is in the journal now is in the cost store. */
  readonly shipped: () => Promise<unknown>;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

/** Counters are written this long after they changed. */
const FLUSH_EVERY_MS = SECOND_MS;
/** The start, and whoever makes a budget, waits so long for the ledger; then counters go by what was written of them. */
const LEDGER_WAIT_MS = 10 * SECOND_MS;
/** Between two questions to a ledger that does not answer. */
const ASK_AGAIN_MS = 5 * SECOND_MS;

/** Hard budgets and the kill switch, put together: the gate for requests, and what keeps its counters beside them. */
export class AdmissionControl {
  readonly records: AdmissionRecords;
  readonly table = new BudgetTable();
  readonly gate: HardBudgets;
  readonly #parts: AdmissionControlParts;
  readonly #stops = new StopTable();
  readonly #keeper: CounterKeeper;
  /** Budgets whose windows the ledger has not been asked about. */
  readonly #unseeded = new Set<BudgetState>();
  #seeding: Promise<void> | undefined;
  #round: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(parts: AdmissionControlParts) {
    const { records, nodeId, isShared, clock, onTrouble } = parts;
    this.#parts = parts;
    this.records = new AdmissionRecords(records);
    this.#keeper = new CounterKeeper({ ...{ records, nodeId, isShared, clock, onTrouble }, table: this.table });
    this.table.onBegin = (state, counter) => this.#keeper.begin(state, counter);
    const alerts = new BudgetAlerts(parts);
    this.gate = new HardBudgets({
      ...{ table: this.table, stops: this.#stops, keeper: this.#keeper, clock },
      ...{ prices: parts.prices, bounds: parts.bounds, reservationMs: parts.reservationMs },
      guard: watchRunaways(parts.runawayGuard, { ...parts, records: this.records }),
      wait: (delayMs) => delay(delayMs),
      onSpend: (state, counter) => alerts.noteSpend(state, counter),
      onRefusal: (state, counter) => alerts.noteRefusal(state, counter),
    });
    this.records.watch(() => this.#refresh());
  }

  /** Brings about what the configuration declares, and waits for what the ledger says of the windows, if it answers soon. */
  async open(declared: readonly HardBudgetDraft[]): Promise<void> {
    await this.records.declare(declared);
    this.#refresh();
    await this.seeded();
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.gate.expire(this.#parts.clock());
      this.#round ??= this.#keeper.flush().finally(() => {
        this.#round = undefined;
      });
    }, FLUSH_EVERY_MS).unref();
  }

  /** After the last request: what was spent is written. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#round;
    await this.#keeper.flush();
  }

  /** Resolves when every budget knows what the ledger says of its window; without it when that takes too long. */
  readonly seeded = (): Promise<void> =>
    Promise.race([this.#seedAll(), delay(LEDGER_WAIT_MS, undefined, { ref: false })]);

  /** What a definition would have counted in its last windows, as far as the cost store knows. */
  readonly history = (draft: HardBudgetDraft, count: number): Promise<WindowSpend[]> =>
    spendHistory(draft, this.#parts.ledger, count, this.#parts.clock());

  async #seedAll(): Promise<void> {
    while (this.#unseeded.size > 0 && !this.#isStopped) {
      this.#seeding ??= this.#seed().finally(() => {
        this.#seeding = undefined;
      });
      await this.#seeding;
    }
  }

  async #seed(): Promise<void> {
    const states = [...this.#unseeded];
    try {
      await this.#parts.shipped();
      await seedCounters(states, this.#parts.ledger, this.#parts.clock());
      for (const state of states) {
        this.#unseeded.delete(state);
        // What the ledger knew is for the other nodes too.
        for (const counter of state.counters.values()) this.#keeper.noteChange(state, counter);
      }
    } catch (error) {
      this.#parts.onTrouble(`hard budgets go by their own counts until the cost store answers: ${error}`);
      await delay(ASK_AGAIN_MS, undefined, { ref: false });
    }
  }

  #refresh(): void {
    const begun = this.table.replace(this.records.budgets());
    this.#keeper.load(begun);
    for (const state of begun) this.#unseeded.add(state);
    for (const state of this.#unseeded) if (this.table.get(state.budget.name) !== state) this.#unseeded.delete(state);
    void this.#seedAll();
    const stops = this.records.stops(this.#parts.clock());
    this.#stops.replace(stops);
    for (const stop of stops) if (stop.cutsStreams) this.gate.cut(stop);
  }
}
