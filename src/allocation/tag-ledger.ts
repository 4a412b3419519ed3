import { Fault } from '../kernel/fault.ts';
import { type RecordChange, RecordConflict, type RecordStore } from '../kernel/record-store.ts';
import { billingPeriodOf, billingPeriodStartMs, type Clock, DAY_MS } from '../kernel/time.ts';
import { withStatusFrom } from './active-intervals.ts';
import { type CostAllocationTag, sliceInstants } from './cost-allocation-tag.ts';

const TAG_KIND = 'costAllocationTag';
const BACKFILL_KIND = 'costAllocationTagBackfill';

/** Active keys of one payer (Billing User Guide, quotas, checked 2026-11). */
const MAX_ACTIVE_KEYS = 500;
/** Keys that are known at all: principals can make up keys without end. */
const MAX_KEYS = 10_000;
/** Stretches of activity that one key may collect. */
const MAX_INTERVALS = 1_000;
/** Months that a backfill may reach back, and the time between two (API reference, checked 2026-11). */
const BACKFILL_MONTHS = 12;
const BACKFILL_EVERY_MS = DAY_MS;
/** Tries of one change while other nodes write the same keys. */
const MAX_ATTEMPTS = 5;

/** A prefixed tag key in the usage, and when it was used. */
export interface TagKeyUsage {
  readonly key: string;
  readonly firstUsedAtMs: number;
  readonly lastUsedAtMs: number;
}

export interface TagLedgerDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  /** Asks the cost store for the keys that the usage carries. */
  readonly usedKeys: () => Promise<readonly TagKeyUsage[]>;
  /** From the first usage until a key is listed. Default 0; AWS takes up to 24 hours. */
  readonly discoveryDelayMs?: number;
  /** From a change of status until usage is shown by it. Default 0; AWS takes up to 24 hours. */
  readonly activationDelayMs?: number;
}

export interface TagStatusChange {
  readonly key: string;
  readonly status: CostAllocationTag['status'];
}

/** Why one key of a call was not changed; the other keys were. */
export interface TagStatusError {
  readonly key: string;
  readonly code: 'TagKeysNotFoundException' | 'LimitExceededException';
}

/** A request to show history as the present statuses would have it. It is done when it is answered. */
export interface TagBackfill {
  readonly backfillFromMs: number;
  readonly requestedAtMs: number;
  readonly completedAtMs: number;
}

/** Which cost allocation tags exist and when each was active. Keys come from usage alone, never from configuration. */
export class TagLedger {
  readonly #deps: TagLedgerDeps;
  readonly #listeners: ((instants: readonly number[]) => void)[] = [];
  #tags: ReadonlyMap<string, CostAllocationTag> = new Map();
  /** Of the records in `#tags`: what is decided on one reading is written only if it still holds. */
  #versions: ReadonlyMap<string, number> = new Map();
  #discovery: Promise<void> | undefined;

  constructor(deps: TagLedgerDeps) {
    this.#deps = deps;
    this.#read();
    deps.records.watch((changes) => {
      if (changes.some(({ kind }) => kind === TAG_KIND)) this.#readAndTell();
    });
  }

  /** Every known tag by its prefixed key, also those that are not listed yet. */
  all(): ReadonlyMap<string, CostAllocationTag> {
    return this.#tags;
  }

  /** The tags that a payer may see and switch by now, in key order. */
  listed(): CostAllocationTag[] {
    const nowMs = this.#deps.clock();
    return [...this.#tags.values()]
      .filter((tag) => tag.discoveredAtMs <= nowMs)
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Instants at which line items are sliced. */
  sliceInstants(): number[] {
    return sliceInstants(this.#tags.values());
  }

  /** Calls back with the new slice instants whenever they change, on whichever node that was asked for. */
  onChange(listener: (instants: readonly number[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Learns new keys from the usage. Calls that meet share one look. Throws StoreUnavailable when the store is down. */
  discover(): Promise<void> {
    this.#discovery ??= this.#discoverOnce().finally(() => {
      this.#discovery = undefined;
    });
    return this.#discovery;
  }

  /** Switches keys on and off. A key that has the status already stays untouched. Answers the keys that could not be. */
  async setStatuses(changes: readonly TagStatusChange[]): Promise<TagStatusError[]> {
    if (changes.some(({ key }) => !this.#tags.has(key))) await this.discover();
    return this.#write(() => this.#decideStatuses(changes));
  }

  /**
   * Shows the usage since `fromMs` by the statuses that the keys have now.
   * Throws ValidationException, and BackfillLimitExceededException for a second request within 24 hours.
   */
  startBackfill(fromMs: number): Promise<TagBackfill> {
    return this.#write(() => this.#decideBackfill(fromMs));
  }

  /** Newest first. */
  backfills(): TagBackfill[] {
    const records = [...this.#deps.records.all<TagBackfill>(BACKFILL_KIND)];
    return records.map(({ body }) => body).sort((a, b) => b.requestedAtMs - a.requestedAtMs);
  }

  async #discoverOnce(): Promise<void> {
    const used = await this.#deps.usedKeys();
    await this.#write(() => {
      const changes: RecordChange[] = [];
      for (const usage of used) {
        const known = this.#tags.get(usage.key);
        if (known && known.lastUsedAtMs >= usage.lastUsedAtMs) continue;
        if (!known && this.#tags.size + changes.length >= MAX_KEYS) continue;
        changes.push(this.#put({ ...(known ?? this.#newTag(usage)), lastUsedAtMs: usage.lastUsedAtMs }));
      }
      return { changes, result: undefined };
    });
  }

  #newTag({ key, firstUsedAtMs, lastUsedAtMs }: TagKeyUsage): CostAllocationTag {
    const discoveredAtMs = firstUsedAtMs + (this.#deps.discoveryDelayMs ?? 0);
    return { key, status: 'Inactive', lastUsedAtMs, discoveredAtMs, activeIntervals: [] };
  }

  #decideStatuses(statusChanges: readonly TagStatusChange[]): Decision<TagStatusError[]> {
    const nowMs = this.#deps.clock();
    const fromMs = nowMs + (this.#deps.activationDelayMs ?? 0);
    const changed = new Map<string, CostAllocationTag>();
    const result: TagStatusError[] = [];
    let activeKeys = [...this.#tags.values()].filter(({ status }) => status === 'Active').length;
    for (const { key, status } of statusChanges) {
      const tag = changed.get(key) ?? this.#tags.get(key);
      if (!tag || tag.discoveredAtMs > nowMs) {
        result.push({ key, code: 'TagKeysNotFoundException' });
        continue;
      }
      if (tag.status === status) continue;
      const activeIntervals = withStatusFrom(tag.activeIntervals, fromMs, status);
      if (activeIntervals.length > MAX_INTERVALS || (status === 'Active' && activeKeys >= MAX_ACTIVE_KEYS)) {
        result.push({ key, code: 'LimitExceededException' });
        continue;
      }
      activeKeys += status === 'Active' ? 1 : -1;
      changed.set(key, { ...tag, status, lastUpdatedAtMs: nowMs, activeIntervals });
    }
    return { changes: [...changed.values()].map((tag) => this.#put(tag)), result };
  }

  #decideBackfill(fromMs: number): Decision<TagBackfill> {
    const nowMs = this.#deps.clock();
    validateBackfillFrom(fromMs, nowMs);
    const [latest] = this.backfills();
    if (latest && nowMs - latest.requestedAtMs < BACKFILL_EVERY_MS) {
      throw new Fault(
        'BackfillLimitExceededException',
        'A request to backfill is already in progress. Once the previous request is complete, you can create another request.',
      );
    }
    const result: TagBackfill = { backfillFromMs: fromMs, requestedAtMs: nowMs, completedAtMs: nowMs };
    const changes = [...this.#tags.values()].map((tag) => {
      return this.#put({ ...tag, activeIntervals: withStatusFrom(tag.activeIntervals, fromMs, tag.status) });
    });
    changes.push({ kind: BACKFILL_KIND, key: String(nowMs), body: result, expectedVersion: 0 });
    return { changes, result };
  }

  #put(tag: CostAllocationTag): RecordChange {
    return { kind: TAG_KIND, key: tag.key, body: tag, expectedVersion: this.#versions.get(tag.key) ?? 0 };
  }

  /** Writes what `decide` says; decides anew when another writer was faster. */
  async #write<Result>(decide: () => Decision<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      const { changes, result } = decide();
      try {
        if (changes.length > 0) await this.#deps.records.write(changes);
        return result;
      } catch (error) {
        if (!(error instanceof RecordConflict) || attempt === MAX_ATTEMPTS) throw error;
        this.#readAndTell();
      }
    }
  }

  #readAndTell(): void {
    const before = this.sliceInstants().join();
    this.#read();
    const instants = this.sliceInstants();
    if (instants.join() === before) return;
    for (const listener of this.#listeners) listener(instants);
  }

  #read(): void {
    const records = [...this.#deps.records.all<CostAllocationTag>(TAG_KIND)];
    this.#tags = new Map(records.map(({ key, body }) => [key, body]));
    this.#versions = new Map(records.map(({ key, version }) => [key, version]));
  }
}

interface Decision<Result> {
  readonly changes: RecordChange[];
  readonly result: Result;
}

/** AWS publishes no wording for these two. */
function validateBackfillFrom(fromMs: number, nowMs: number): void {
  if (billingPeriodStartMs(billingPeriodOf(fromMs)) !== fromMs) {
    throw new Fault('ValidationException', 'BackfillFrom must be the first day of a month.');
  }
  const now = new Date(nowMs);
  const earliestMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - BACKFILL_MONTHS, 1);
  if (fromMs > nowMs || fromMs < earliestMs) {
    throw new Fault('ValidationException', `BackfillFrom must be within the past ${BACKFILL_MONTHS} months.`);
  }
}
