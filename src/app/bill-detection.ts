import type { DetectionConfig } from '../config/detection-config.ts';
import type { Finding } from '../detection/finding.ts';
import { billedFindingNotices } from '../detection/finding-notices.ts';
import { BILLED_KEPT_MS, type FindingRegistry } from '../detection/finding-registry.ts';
import type { UsageSlice } from '../detection/usage-slice.ts';
import { BILL_PERIOD } from '../imports/import-ledger.ts';
import type { NoticeOutbox } from '../kernel/notice.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import {
  billingPeriodEndMs,
  billingPeriodStartMs,
  type Clock,
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  nextBillingPeriod,
} from '../kernel/time.ts';
import type { ReportDeps } from '../paths/report-path.ts';
import { billedUsage } from '../paths/watched-usage.ts';
import { type BillGrainRow, billGrain, compileBillGrain } from '../reports/bill-grain.ts';
import type { TimeRange } from '../reports/time-bucket.ts';
import { firstTagKeys } from './detection.ts';
import { DetectionThread } from './detection-thread-handle.ts';

/** What is imported of one billing period by one source. */
export interface ImportedBill {
  readonly sourceId: string;
  /** `2026-05` */
  readonly period: string;
  readonly importId: string;
  readonly rows: number;
  readonly usageFromMs: number;
  readonly usageToMs: number;
}

export interface ImportedBills {
  /** `periods`: in order of time. */
  readonly ledger: { periods(): readonly ImportedBill[] };
  onImported(listener: () => void): void;
}

export interface BillDetectionParts extends ReportDeps {
  readonly config: DetectionConfig;
  readonly records: RecordStore;
  readonly registry: FindingRegistry;
  readonly outbox: NoticeOutbox;
  readonly managementAccountId: string;
  readonly bills: ImportedBills;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

/** Of each billing period, which imports its findings are of. */
const JUDGED = 'judgedBill';
/** History before what is judged. */
const LEARNED_DAYS = 41;
/** Hours or days of one question: with all combinations that are told apart, 144,000 rows. */
const SLICES_AT_A_TIME = 72;
/** After a question that failed. */
const RETRY_MS = 10 * MINUTE_MS;

/** Looks for what is out of the ordinary in imported bills: whatever changed of them, one stretch of months after another. */
export class BillDetection {
  readonly #parts: BillDetectionParts;
  readonly #stop = new AbortController();
  #isStarted = false;
  #round: Promise<void> | undefined;

  constructor(parts: BillDetectionParts) {
    this.#parts = parts;
    parts.bills.onImported(() => this.#look());
    // Nobody tells of sources that were removed.
    parts.records.watch((changes) => {
      if (changes.some(({ kind, body }) => kind === BILL_PERIOD && body === undefined)) this.#look();
    });
  }

  /** Takes up what was imported, or removed, since it was last judged. On one node alone. */
  start(): void {
    this.#isStarted = this.#parts.config.enabled;
    this.#look();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#round;
  }

  #look(): void {
    if (!this.#isStarted || this.#round || this.#stop.signal.aborted || this.#due().length === 0) return;
    this.#round = this.#judgeAll()
      .catch((error: unknown) => {
        if (this.#stop.signal.aborted) return;
        this.#parts.onTrouble(`detection in bills: ${error}`);
        setTimeout(() => this.#look(), RETRY_MS).unref();
      })
      .finally(() => {
        this.#round = undefined;
      });
  }

  async #judgeAll(): Promise<void> {
    for (let due = this.#due(); due.length > 0 && !this.#stop.signal.aborted; due = this.#due()) {
      const first = due[0]!;
      let months = 1;
      while (due[months] === nextBillingPeriod(due[months - 1]!)) months += 1;
      // As they are before: what is imported meanwhile is due after it.
      const prints = this.#prints();
      await this.#judge(first, due[months - 1]!);
      await this.#parts.records.write(
        due.slice(0, months).map((key) => {
          const imports = prints.get(key);
          return { kind: JUDGED, key, ...(imports !== undefined && { body: { imports } }) };
        }),
      );
    }
  }

  /** Billing periods that are other than what was judged, in order. */
  #due(): string[] {
    const { records, clock } = this.#parts;
    const judged = new Map(
      Array.from(records.all<{ readonly imports: string }>(JUDGED), ({ key, body }) => [key, body.imports]),
    );
    const prints = this.#prints();
    const periods = [...new Set([...prints.keys(), ...judged.keys()])].sort();
    return periods.filter(
      (period) => prints.get(period) !== judged.get(period) && billingPeriodEndMs(period) > clock() - BILLED_KEPT_MS,
    );
  }

  /** Of each billing period, what is imported of it now. */
  #prints(): Map<string, string> {
    const groups = Map.groupBy(this.#parts.bills.ledger.periods(), ({ period }) => period);
    const textOf = (bills: readonly ImportedBill[]) =>
      bills
        .map(({ importId }) => importId)
        .sort()
        .join(' ');
    return new Map([...groups].map(([period, bills]) => [period, textOf(bills)]));
  }

  async #judge(firstPeriod: string, lastPeriod: string): Promise<void> {
    const { clock, registry, outbox, config, managementAccountId } = this.#parts;
    const range = { startMs: billingPeriodStartMs(firstPeriod), endMs: billingPeriodEndMs(lastPeriod) };
    const findings = await this.#findings(range);
    const nowMs = clock();
    const noticesFromMs = nowMs - config.billNoticeDays * DAY_MS;
    await registry.noteBill(
      findings,
      range,
      nowMs,
      (finding, event) => billedFindingNotices(finding, event, config.subscribers, managementAccountId, noticesFromMs),
      (notices) => outbox.changesFor(notices),
    );
  }

  /** Of bills by hours or by days, whatever most of what they cost is known by; none of bills by months. */
  async #findings(range: TimeRange): Promise<Finding[]> {
    const { store, config, costCatalog, clock, registry, onTrouble } = this.#parts;
    const bills = this.#parts.bills.ledger.periods().filter(({ rows }) => rows > 0);
    const learnFromMs = range.startMs - LEARNED_DAYS * DAY_MS;
    const near = bills.filter(({ usageFromMs, usageToMs }) => usageToMs > learnFromMs && usageFromMs < range.endMs);
    const startMs =
      Math.floor(Math.max(learnFromMs, Math.min(...near.map(({ usageFromMs }) => usageFromMs))) / DAY_MS) * DAY_MS;
    const endMs = Math.min(range.endMs, Math.max(...near.map(({ usageToMs }) => usageToMs)));
    if (near.length === 0 || endMs <= range.startMs) return [];
    const sources = costCatalog().books?.billSources ?? [];
    const [grain] = await store.query<BillGrainRow>(compileBillGrain({ startMs, endMs }, sources), this.#stop.signal);
    const billedBy = grain && billGrain(grain);
    if (!billedBy || billedBy === 'month') return [];
    const [usageGrain, granularity, lengthMs] =
      billedBy === 'hour' ? (['1h', 'HOURLY', HOUR_MS] as const) : (['1d', 'DAILY', DAY_MS] as const);
    const tagKeys = config.tagKeys ?? firstTagKeys(costCatalog().books?.billTagKeys ?? []);
    const thread = new DetectionThread(onTrouble);
    try {
      await thread.tell({ kind: 'begin', tagKeys, subjectsMax: config.subjects, book: 'bill' });
      const ask = (part: TimeRange) =>
        billedUsage({ range: part, granularity, tagKeys }, this.#parts, this.#stop.signal);
      for (const part of partsOf({ startMs, endMs: range.startMs }, lengthMs)) {
        await thread.tell({ kind: 'learn', slices: await ask(part), length: usageGrain });
      }
      const goOn = registry
        .all('bill')
        .filter(
          ({ sinceMs, untilMs, endedAtMs }) =>
            sinceMs < range.startMs && untilMs >= range.startMs && endedAtMs === undefined,
        );
      await thread.tell({ kind: 'resume', findings: goOn });
      const found = new Map<string, Finding>();
      const sensitivities = registry.sensitivities(clock());
      for (const part of partsOf({ startMs: range.startMs, endMs: Math.ceil(endMs / lengthMs) * lengthMs }, lengthMs)) {
        const slices = withoutEnd(await ask(part), part.endMs >= endMs);
        const told = await thread.tell({ kind: 'billed', slices, usageGrain, nowMs: clock(), sensitivities });
        for (const finding of told) {
          // Novelties are seen at the end of an hour or day; they began with it.
          const sinceMs = Math.floor(finding.sinceMs / lengthMs) * lengthMs;
          const untilMs = Math.ceil(finding.untilMs / lengthMs) * lengthMs;
          found.set(finding.id, { ...finding, sinceMs, untilMs, billedBy });
        }
      }
      return [...found.values()];
    } finally {
      await thread.close();
    }
  }
}

function partsOf({ startMs, endMs }: TimeRange, lengthMs: number): TimeRange[] {
  const stepMs = SLICES_AT_A_TIME * lengthMs;
  return Array.from({ length: Math.max(0, Math.ceil((endMs - startMs) / stepMs)) }, (_, index) => {
    const fromMs = startMs + index * stepMs;
    return { startMs: fromMs, endMs: Math.min(fromMs + stepMs, endMs) };
  });
}

/** Hours at the end of a bill that it says nothing of yet would look as if what was wrong were over. */
function withoutEnd(slices: readonly UsageSlice[], isLast: boolean): readonly UsageSlice[] {
  return isLast ? slices.slice(0, slices.findLastIndex(({ cells }) => cells.length > 0) + 1) : slices;
}
