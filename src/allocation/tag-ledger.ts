import { anewOnConflict, type RecordChange, type RecordStore } from '../kernel/record-store.ts';
import type { Clock } from '../kernel/time.ts';
import { withStatus } from './active-intervals.ts';
import { type CostAllocationTag, sliceInstants, type TagStatusEvent } from './cost-allocation-tag.ts';
import { backfilled, requireBackfill, type TagBackfill } from './tag-backfill.ts';

const TAG_KIND = 'costAllocationTag';
const BACKFILL_KIND = 'costAllocationTagBackfill';
/** One record that every switch and backfill replaces, so that of two that meet one decides anew. */
const HEAD_KIND = 'costAllocationTagHead';
const HEAD_KEY = 'head';

/** Active keys of one payer (Billing User Guide, quotas, checked 2026-11). */
const MAX_ACTIVE_KEYS = 500;
/** Keys of one source that are known at all: callers can make up keys without end. */
const MAX_KEYS = 10_000;
/** Switches that one key may collect; all of them are kept. */
const MAX_SWITCHES = 1_000;

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
  /** From the request of a backfill until it shows. Default 0; AWS takes up to 24 hours. */
  readonly backfillDelayMs?: number;
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

/** What is kept of a tag: its intervals are those of its switches alone, without backfills. */
interface TagRecord extends CostAllocationTag {
  /** The oldest first. Absent: it was never switched, or not since switches are kept. */
  readonly history?: readonly TagStatusEvent[];
}

/** Which cost allocation tags exist and when each was active. Keys come from usage alone, never from configuration. */
export class TagLedger {
  readonly #deps: TagLedgerDeps;
  readonly #listeners: ((instants: readonly number[]) => void)[] = [];
  #records: ReadonlyMap<string, TagRecord> = new Map();
  /** Of the records: what is decided on one reading is written only if it still holds. */
  #versions: ReadonlyMap<string, number> = new Map();
  #headVersion = 0;
  /** The oldest first. */
  #backfills: readonly TagBackfill[] = [];
  /** The records as completed backfills show them, until the next one is completed. */
  #projection: { readonly tags: ReadonlyMap<string, CostAllocationTag>; readonly endsAtMs: number } | undefined;
  #discovery: Promise<void> | undefined;

  constructor(deps: TagLedgerDeps) {
    this.#deps = deps;
    this.#read();
    deps.records.watch((changes) => {
      if (changes.some(({ kind }) => kind === TAG_KIND || kind === BACKFILL_KIND)) this.#readAndTell();
    });
  }

  /** Every known tag by its prefixed key, also those that are not listed yet. */
  all(): ReadonlyMap<string, CostAllocationTag> {
    const nowMs = this.#deps.clock();
    if (!this.#projection || nowMs >= this.#projection.endsAtMs) this.#projection = this.#project(nowMs);
    return this.#projection.tags;
  }

  /** The tags that a payer may see and switch by now, in key order. */
  listed(): CostAllocationTag[] {
    const nowMs = this.#deps.clock();
    return [...this.all().values()]
      .filter((tag) => tag.discoveredAtMs <= nowMs)
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Every switch of a key, the oldest first. */
  history(key: string): readonly TagStatusEvent[] {
    return this.#records.get(key)?.history ?? [];
  }

  /** Instants at which line items are sliced. A backfill adds none: it changes what is shown between months and switches. */
  sliceInstants(): number[] {
    return sliceInstants(this.#records.values());
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

  /**
   * Switches keys on and off for `by`, an ARN. A key that has the status already stays untouched. Answers the keys that
   * could not be switched.
   */
  async setStatuses(changes: readonly TagStatusChange[], by: string): Promise<TagStatusError[]> {
    if (changes.some(({ key }) => !this.#records.has(key))) await this.discover();
    return this.#write(() => this.#decideStatuses(changes, by));
  }

  /**
   * Shows the usage since `fromMs` by the statuses that the keys have now.
   * Throws ValidationException, and BackfillLimitExceededException for a second request within 24 hours.
   */
  startBackfill(fromMs: number, by: string): Promise<TagBackfill> {
    return this.#write(() => this.#decideBackfill(fromMs, by));
  }

  /** Newest first. */
  backfills(): TagBackfill[] {
    return this.#backfills.toReversed();
  }

  /** Whether a backfill shows by now. */
  isDone({ completedAtMs }: TagBackfill): boolean {
    return completedAtMs <= this.#deps.clock();
  }

  async #discoverOnce(): Promise<void> {
    const used = await this.#deps.usedKeys();
    await this.#write(() => {
      const bySource = Map.groupBy(used, ({ key }) => sourceOf(key));
      return { changes: [...bySource].flatMap(([source, keys]) => this.#learn(source, keys)), result: undefined };
    });
  }

  /** When there are too many keys, those that were never switched make room for keys that were used later. */
  #learn(source: string, used: readonly TagKeyUsage[]): RecordChange[] {
    const known = [...this.#records.values()].filter(({ key }) => sourceOf(key) === source);
    const usedAgain = used.filter(
      ({ key, lastUsedAtMs }) => lastUsedAtMs > (this.#records.get(key)?.lastUsedAtMs ?? Infinity),
    );
    const lastUses = new Map(usedAgain.map(({ key, lastUsedAtMs }) => [key, lastUsedAtMs]));
    const lastUseOf = (tag: TagRecord) => lastUses.get(tag.key) ?? tag.lastUsedAtMs;
    const dispensable = known.filter(isNeverSwitched).sort((a, b) => lastUseOf(a) - lastUseOf(b));
    const forgotten = new Set<TagRecord>();
    const learnt: TagRecord[] = [];
    const unknown = used.filter(({ key }) => !this.#records.has(key)).sort((a, b) => b.lastUsedAtMs - a.lastUsedAtMs);
    for (const usage of unknown) {
      if (known.length - forgotten.size + learnt.length >= MAX_KEYS) {
        const oldest = dispensable[forgotten.size];
        if (!oldest || lastUseOf(oldest) >= usage.lastUsedAtMs) break;
        forgotten.add(oldest);
      }
      learnt.push(this.#newTag(usage));
    }
    const kept = known.filter((tag) => lastUses.has(tag.key) && !forgotten.has(tag));
    return [
      ...learnt.map((tag) => this.#put(tag)),
      ...kept.map((tag) => this.#put({ ...tag, lastUsedAtMs: lastUseOf(tag) })),
      ...Array.from(forgotten, ({ key }) => ({ kind: TAG_KIND, key, expectedVersion: this.#versions.get(key)! })),
    ];
  }

  #newTag({ key, firstUsedAtMs, lastUsedAtMs }: TagKeyUsage): TagRecord {
    const discoveredAtMs = firstUsedAtMs + (this.#deps.discoveryDelayMs ?? 0);
    return { key, status: 'Inactive', lastUsedAtMs, discoveredAtMs, activeIntervals: [] };
  }

  #decideStatuses(statusChanges: readonly TagStatusChange[], by: string): Decision<TagStatusError[]> {
    const nowMs = this.#deps.clock();
    const effectiveFromMs = nowMs + (this.#deps.activationDelayMs ?? 0);
    const changed = new Map<string, TagRecord>();
    const result: TagStatusError[] = [];
    let activeKeys = this.#activeKeys().length;
    for (const { key, status } of statusChanges) {
      const tag = changed.get(key) ?? this.#records.get(key);
      if (!tag || tag.discoveredAtMs > nowMs) {
        result.push({ key, code: 'TagKeysNotFoundException' });
        continue;
      }
      if (tag.status === status) continue;
      const { history = [] } = tag;
      if (history.length >= MAX_SWITCHES || (status === 'Active' && activeKeys >= MAX_ACTIVE_KEYS)) {
        result.push({ key, code: 'LimitExceededException' });
        continue;
      }
      activeKeys += status === 'Active' ? 1 : -1;
      changed.set(key, {
        ...tag,
        status,
        lastUpdatedAtMs: nowMs,
        activeIntervals: withStatus(tag.activeIntervals, status, effectiveFromMs),
        history: [...history, { status, atMs: nowMs, effectiveFromMs, by }],
      });
    }
    if (changed.size === 0) return { changes: [], result };
    return { changes: [...Array.from(changed.values(), (tag) => this.#put(tag)), this.#newHead()], result };
  }

  #decideBackfill(backfillFromMs: number, requestedBy: string): Decision<TagBackfill> {
    const nowMs = this.#deps.clock();
    requireBackfill(backfillFromMs, nowMs, this.#backfills.at(-1));
    const result: TagBackfill = {
      backfillFromMs,
      requestedAtMs: nowMs,
      completedAtMs: nowMs + (this.#deps.backfillDelayMs ?? 0),
      requestedBy,
      untilMs: nowMs + (this.#deps.activationDelayMs ?? 0),
      activeKeys: this.#activeKeys(),
    };
    const backfill = { kind: BACKFILL_KIND, key: String(nowMs), body: result, expectedVersion: 0 };
    return { changes: [backfill, this.#newHead()], result };
  }

  #activeKeys(): string[] {
    return [...this.#records.values()].filter(({ status }) => status === 'Active').map(({ key }) => key);
  }

  #put(tag: TagRecord): RecordChange {
    return { kind: TAG_KIND, key: tag.key, body: tag, expectedVersion: this.#versions.get(tag.key) ?? 0 };
  }

  #newHead(): RecordChange {
    return { kind: HEAD_KIND, key: HEAD_KEY, body: {}, expectedVersion: this.#headVersion };
  }

  /** Writes what `decide` says; decides anew when another writer was faster. */
  #write<Result>(decide: () => Decision<Result>): Promise<Result> {
    const change = async () => {
      const { changes, result } = decide();
      if (changes.length > 0) await this.#deps.records.write(changes);
      return result;
    };
    return anewOnConflict(change, () => this.#readAndTell());
  }

  #readAndTell(): void {
    const before = this.sliceInstants().join();
    this.#read();
    const instants = this.sliceInstants();
    if (instants.join() === before) return;
    for (const listener of this.#listeners) listener(instants);
  }

  #read(): void {
    const { records } = this.#deps;
    const tags = [...records.all<TagRecord>(TAG_KIND)];
    this.#records = new Map(tags.map(({ key, body }) => [key, body]));
    this.#versions = new Map(tags.map(({ key, version }) => [key, version]));
    this.#headVersion = records.get(HEAD_KIND, HEAD_KEY)?.version ?? 0;
    this.#backfills = Array.from(records.all<TagBackfill>(BACKFILL_KIND), ({ body }) => body).sort(
      (a, b) => a.requestedAtMs - b.requestedAtMs,
    );
    this.#projection = undefined;
  }

  #project(nowMs: number) {
    const completed = this.#backfills.filter(({ completedAtMs }) => completedAtMs <= nowMs);
    const pending = this.#backfills.filter(({ completedAtMs }) => completedAtMs > nowMs);
    const tags = backfilled(this.#records.values(), completed);
    return {
      tags: new Map(tags.map((tag) => [tag.key, tag])),
      endsAtMs: Math.min(...pending.map(({ completedAtMs }) => completedAtMs)),
    };
  }
}

interface Decision<Result> {
  readonly changes: RecordChange[];
  readonly result: Result;
}

function isNeverSwitched({ status, lastUpdatedAtMs, activeIntervals }: TagRecord): boolean {
  return status === 'Inactive' && lastUpdatedAtMs === undefined && activeIntervals.length === 0;
}

function sourceOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}
