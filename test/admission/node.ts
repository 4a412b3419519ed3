import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { AdmissionRecords } from '../../src/admission/admission-records.ts';
import { BudgetTable } from '../../src/admission/budget-table.ts';
import { CounterKeeper } from '../../src/admission/counter-keeper.ts';
import type { HardBudgetDraft } from '../../src/admission/hard-budget.ts';
import { HardBudgets } from '../../src/admission/hard-budgets.ts';
import type { SpendClaim, SpendHold } from '../../src/admission/spend-gate.ts';
import { StopTable } from '../../src/admission/stop-table.ts';
import type { Caller } from '../../src/identity/principal.ts';
import type { RecordStore } from '../../src/kernel/record-store.ts';
import { HOUR_MS } from '../../src/kernel/time.ts';
import type { UsageEvent } from '../../src/metering/usage-event.ts';
import { PriceBook } from '../../src/rating/price-book.ts';
import { usageEvent } from '../rating/usage-event.ts';

/** Time of a test, moved by the test. */
export interface TestTime {
  nowMs: number;
}

export function testTime(iso = '2026-11-10T12:00:00Z'): TestTime {
  return { nowMs: Date.parse(iso) };
}

/** One token of `cheap` costs a micro-dollar in and out, in a batch half and as a priority twice of that, of `dear` ten; `free` has no price. */
export const PRICES = new PriceBook({
  models: [],
  sheet: { sources: {}, entries: [] },
  overrides: [
    { modelId: 'cheap', meter: 'input', usdPerMillionTokens: '1' },
    { modelId: 'cheap', meter: 'output', usdPerMillionTokens: '1' },
    { modelId: 'cheap', meter: 'input', tier: 'priority', usdPerMillionTokens: '2' },
    { modelId: 'cheap', meter: 'output', tier: 'priority', usdPerMillionTokens: '2' },
    { modelId: 'cheap', meter: 'input', tier: 'batch', usdPerMillionTokens: '0.5' },
    { modelId: 'cheap', meter: 'output', tier: 'batch', usdPerMillionTokens: '0.5' },
    { modelId: 'dear', meter: 'input', usdPerMillionTokens: '10' },
    { modelId: 'dear', meter: 'output', usdPerMillionTokens: '10' },
  ],
});

export interface TestNodeOptions {
  /** Absent: one of its own. */
  readonly store?: RecordStore;
  readonly nodeId?: string;
  readonly isShared?: boolean;
  /** How long a call waits for room of other nodes; absent: 50. */
  readonly roomWaitMs?: number;
  /** Absent: an hour. */
  readonly reservationMs?: number;
}

/** What requests meet on one node, without the server around it. */
export class TestNode {
  readonly time: TestTime;
  readonly store: RecordStore;
  readonly records: AdmissionRecords;
  readonly table = new BudgetTable();
  readonly stops = new StopTable();
  readonly keeper: CounterKeeper;
  readonly gate: HardBudgets;
  readonly refusals: string[] = [];
  readonly troubles: string[] = [];

  constructor(time: TestTime, options: TestNodeOptions = {}) {
    const { store = new SqliteRecordStore(':memory:', () => time.nowMs), nodeId = 'one' } = options;
    const { isShared = false, reservationMs = HOUR_MS, roomWaitMs = 50 } = options;
    const clock = () => time.nowMs;
    this.time = time;
    this.store = store;
    this.records = new AdmissionRecords(store);
    const onTrouble = (message: string) => void this.troubles.push(message);
    this.keeper = new CounterKeeper({ records: store, table: this.table, nodeId, isShared, clock, onTrouble });
    this.table.onBegin = (state, counter) => this.keeper.begin(state, counter);
    this.gate = new HardBudgets({
      ...{ table: this.table, stops: this.stops, keeper: this.keeper, prices: PRICES, clock, reservationMs },
      bounds: { defaultMaxOutputTokens: 1_000, modelMaxOutputTokens: new Map() },
      wait: () => new Promise((resolve) => setTimeout(resolve, roomWaitMs)),
      onSpend: () => {},
      onRefusal: ({ budget }) => void this.refusals.push(budget.name),
    });
    const refresh = () => {
      this.keeper.load(this.table.replace(this.records.budgets()));
      this.stops.replace(this.records.stops(time.nowMs));
    };
    this.records.watch(refresh);
    refresh();
  }

  /** A promise in any case, so that a refusal rejects. */
  async reserve(asked: SpendClaim): Promise<SpendHold> {
    return this.gate.reserve(asked);
  }

  budget(draft: HardBudgetDraft) {
    return this.records.create(draft);
  }

  used(name: string, value = ''): bigint {
    const counter = this.table.get(name)!.counter(value);
    counter.advance(this.time.nowMs);
    return counter.used;
  }
}

export function caller(name: string, tags: Readonly<Record<string, string>> = {}): Caller {
  const arn = `arn:aws:iam::123456789012:user/${name}`;
  return {
    ...{ kind: 'user', arn, principalArn: arn, accountId: '123456789012', userId: name, principalId: name },
    accessKeyId: `AKIA${name.toUpperCase()}`,
    tags: new Map(Object.entries(tags)),
  };
}

/** A call with an empty conversation: its input is bounded by its 36 bytes and the 64 tokens of a template, 100 in all. */
export function claim(
  who: Caller,
  nowMs: number,
  changes: Partial<SpendClaim> & { maxTokens?: number } = {},
): SpendClaim {
  const { maxTokens = 100, ...rest } = changes;
  return {
    ...{ requestId: 'r', caller: who, bodyBytes: 36, nowMs, modelId: 'cheap', region: 'us-east-1' },
    ...{ route: 'in_region', tier: 'standard' },
    prompt: { messages: [], system: [], maxTokens, additionalFields: {} },
    ...rest,
  };
}

/** How a call of `claim` ended. */
export function ended(
  { nowMs, modelId }: SpendClaim,
  usage: Partial<UsageEvent['usage']> = { inputTokens: 100, outputTokens: 100 },
): UsageEvent {
  return usageEvent({ admittedAtMs: nowMs, modelId, region: 'us-east-1', route: 'in_region', usage });
}
