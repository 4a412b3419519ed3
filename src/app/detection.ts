import type { DetectionConfig } from '../config/detection-config.ts';
import type { FindingSubscriber } from '../detection/finding-notices.ts';
import { findingNotices } from '../detection/finding-notices.ts';
import { FindingRegistry } from '../detection/finding-registry.ts';
import type { UsageSlice } from '../detection/usage-slice.ts';
import type { NoticeOutbox } from '../kernel/notice.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import { BUCKET_MS, bucketStartMs, type Clock, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../kernel/time.ts';
import { type ReportDeps, report } from '../paths/report-path.ts';
import { type RepeatsOf, watchedUsage } from '../paths/watched-usage.ts';
import { DetectionThread } from './detection-thread-handle.ts';

export interface DetectionParts extends ReportDeps {
  readonly config: DetectionConfig;
  readonly records: RecordStore;
  readonly outbox: NoticeOutbox;
  readonly managementAccountId: string;
  readonly repeatsOf: RepeatsOf;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

/** The clock is looked at so often; a round begins with each new minute of it. */
const LOOK_EVERY_MS = SECOND_MS;
/** History that is read at the start: by buckets the last two weeks, by hours before. */
const BUCKET_DAYS = 14;
const HOUR_DAYS = 41;
/** Buckets or hours of one question. After a longer time without a round everything is learned anew. */
const BUCKETS_AT_A_TIME = 24;
/** Calls that arrive late are judged when they were made so lately, and learned when they were made before. */
const LATE_BUCKETS = 20;
/** Tag keys that are watched; a question has four more keys. */
const TAG_KEYS_MAX = 8;

/** The standing watch: learns from the store, looks every minute at the bucket under way and the one before, keeps and tells. */
export class Detection {
  readonly registry: FindingRegistry;
  readonly #parts: DetectionParts;
  readonly #thread: DetectionThread;
  readonly #subscribers: readonly FindingSubscriber[];
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #minute = 0;
  #tagKeys: readonly string[] = [];
  /** Start of the last bucket that was looked at; undefined until what was before it is learned. */
  #lookedAtMs: number | undefined;
  /** When the first call was made of those that have arrived late since. */
  #lateFromMs: number | undefined;

  constructor(parts: DetectionParts) {
    this.#parts = parts;
    this.registry = new FindingRegistry(parts.records);
    this.#thread = new DetectionThread(parts.onTrouble);
    this.#subscribers = parts.config.subscribers;
  }

  start(): void {
    if (!this.#parts.config.enabled) return;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#round;
    await this.#thread.close();
  }

  /** After somebody has answered a finding: it is not followed any more. */
  async settle(findingId: string, isUsual: boolean): Promise<void> {
    if (this.#thread.isRunning) await this.#thread.tell({ kind: 'settle', findingId, isUsual });
  }

  /** After calls have reached the store some time after they were made, the first at `fromMs`: learns anew what is usual, and judges the latest. Absent: none did. */
  lookAgain(fromMs: number | undefined): void {
    if (fromMs !== undefined) this.#lateFromMs = Math.min(fromMs, this.#lateFromMs ?? fromMs);
  }

  #look(): void {
    const minute = Math.floor(this.#parts.clock() / MINUTE_MS);
    if (minute === this.#minute || this.#round) return;
    this.#minute = minute;
    this.#round = this.#runRound()
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#parts.onTrouble(`detection: ${error}`);
      })
      .finally(() => {
        this.#round = undefined;
      });
  }

  async #runRound(): Promise<void> {
    const { clock } = this.#parts;
    const tagKeys = this.#watchedTagKeys();
    // Another set of tag keys makes other subjects: what is usual of them is learned anew.
    if (!this.#thread.isRunning || tagKeys.join() !== this.#tagKeys.join() || this.#isFarBehind()) {
      await this.#begin(tagKeys);
    }
    const underWayMs = bucketStartMs(clock());
    const startMs = Math.min(this.#lookedAtMs ?? underWayMs, underWayMs - BUCKET_MS);
    // All that came since the last round: while the store could not be asked, or the machine slept.
    const slices = await this.#usage({ startMs, endMs: underWayMs + BUCKET_MS }, 'QUARTER_HOURLY');
    for (let index = 1; index < slices.length; index += 1) {
      await this.#judge(slices.slice(index - 1, index + 1));
      this.#lookedAtMs = slices[index]!.startMs;
    }
  }

  async #judge(slices: readonly UsageSlice[]): Promise<void> {
    const { clock, outbox, managementAccountId } = this.#parts;
    const nowMs = clock();
    const sensitivities = this.registry.sensitivities(nowMs);
    const findings = await this.#thread.tell({ kind: 'round', slices, nowMs, sensitivities });
    if (findings.length === 0) return;
    await this.registry.note(
      findings.filter(({ id }) => !this.registry.find(id)?.feedback),
      nowMs,
      (finding) => findingNotices(finding, this.#subscribers, managementAccountId),
      (notices) => outbox.changesFor(notices),
    );
  }

  #isFarBehind(): boolean {
    const { clock } = this.#parts;
    if (this.#lateFromMs !== undefined) return true;
    return this.#lookedAtMs === undefined || clock() - this.#lookedAtMs > BUCKETS_AT_A_TIME * BUCKET_MS;
  }

  /** Reads what is usual from the store, a stretch at a time, and takes up what was found before. */
  async #begin(tagKeys: readonly string[]): Promise<void> {
    const { clock, config } = this.#parts;
    this.#tagKeys = tagKeys;
    // A question that fails on the way leaves it so, and the next round begins anew.
    this.#lookedAtMs = undefined;
    await this.#thread.tell({ kind: 'begin', tagKeys, subjectsMax: config.subjects, book: 'ledger' });
    const nowMs = clock();
    const lastMs = bucketStartMs(nowMs) - BUCKET_MS;
    const lateFromMs = Math.max(bucketStartMs(this.#lateFromMs ?? lastMs), lastMs - LATE_BUCKETS * BUCKET_MS);
    this.#lateFromMs = undefined;
    const endMs = Math.min(lastMs, lateFromMs);
    const bucketsFromMs = Math.floor(nowMs / DAY_MS - BUCKET_DAYS) * DAY_MS;
    const hoursFromMs = bucketsFromMs - (HOUR_DAYS - BUCKET_DAYS) * DAY_MS;
    const firstMs = (await this.#firstUseMs(hoursFromMs, endMs)) ?? endMs;
    await this.#learn(Math.max(firstMs, hoursFromMs), bucketsFromMs, HOUR_MS);
    await this.#learn(Math.max(firstMs, bucketsFromMs), endMs, BUCKET_MS);
    const findings = this.registry.all('ledger').filter(({ endedAtMs }) => endedAtMs === undefined);
    await this.#thread.tell({ kind: 'resume', findings });
    this.#lookedAtMs = endMs;
  }

  async #learn(fromMs: number, toMs: number, lengthMs: number): Promise<void> {
    const stepMs = BUCKETS_AT_A_TIME * lengthMs;
    for (let startMs = fromMs; startMs < toMs; startMs += stepMs) {
      const range = { startMs, endMs: Math.min(startMs + stepMs, toMs) };
      const slices = await this.#usage(range, lengthMs === HOUR_MS ? 'HOURLY' : 'QUARTER_HOURLY');
      await this.#thread.tell({ kind: 'learn', slices, length: lengthMs === HOUR_MS ? '1h' : '15m' });
    }
  }

  /** Start of the first day of a range with any usage. */
  async #firstUseMs(startMs: number, endMs: number): Promise<number | undefined> {
    const days = await report(
      { range: { startMs, endMs }, granularity: 'DAILY', groupBy: [], book: 'ledger', measures: ['requests'] },
      this.#parts,
      this.#stop.signal,
    );
    const first = days.find(({ requests }) => requests > 0n);
    return first?.bucketStartMs;
  }

  #usage(range: { startMs: number; endMs: number }, granularity: 'HOURLY' | 'QUARTER_HOURLY') {
    const { repeatsOf } = this.#parts;
    const question = { range, granularity, tagKeys: this.#tagKeys, repeatsOf };
    return watchedUsage(question, this.#parts, this.#stop.signal);
  }

  /** The active cost allocation tags. */
  #watchedTagKeys(): readonly string[] {
    const { config, costCatalog } = this.#parts;
    const active = [...costCatalog().tags.values()].filter(({ status }) => status === 'Active');
    return config.tagKeys ?? firstTagKeys(active.map(({ key }) => key));
  }
}

/** As many as are watched, those of principals first. */
export function firstTagKeys(keys: readonly string[]): string[] {
  const rank = (key: string) => (key.startsWith('iamPrincipal/') ? 0 : 1);
  return keys.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).slice(0, TAG_KEYS_MAX);
}
