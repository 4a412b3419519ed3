import { Fault } from '../kernel/fault.ts';
import type { Notice } from '../kernel/notice.ts';
import { anewOnConflict, type RecordChange, type RecordStore } from '../kernel/record-store.ts';
import { DAY_MS, HOUR_MS } from '../kernel/time.ts';
import type { Finding, FindingFeedback } from './finding.ts';
import { type Subject, subjectKey } from './subject.ts';
import { type Sensitivity, STANDARD_SENSITIVITY } from './suspicion.ts';

/** A finding as it is kept, with what people said of it. */
export interface KeptFinding extends Finding {
  readonly feedback?: { readonly says: FindingFeedback; readonly byArn: string; readonly atMs: number };
  /** Addresses that were told when it began. */
  readonly told: readonly string[];
}

const FINDING = 'finding';
/** Findings of each book that are kept: the oldest go first, and none stays longer. */
const FINDINGS_MAX = 2_000;
const KEPT_MS = 90 * DAY_MS;
/** Of imported bills, those of thirteen months; what is older is not judged. */
export const BILLED_KEPT_MS = 400 * DAY_MS;
/** While a finding goes on, its amounts are written when they grew by this part. */
const GROWN_PART = 0.05;
/** Each false alarm of a subject, up to three, makes it so much harder to alarm. */
const FALSE_ALARM_FACTOR = 1.5;
const FALSE_ALARMS_MAX = 3;
/** Spend above what was said to be expected that is still in order. */
const EXPECTED_MARGIN = 1.1;
/** What people said counts so long. */
const REMEMBERED_MS = 60 * DAY_MS;

/** The findings, on the record store. */
export class FindingRegistry {
  readonly #records: RecordStore;

  constructor(records: RecordStore) {
    this.#records = records;
  }

  /** The latest first; of both books, or of one. */
  all(book?: 'ledger' | 'bill'): KeptFinding[] {
    return Array.from(this.#records.all<KeptFinding>(FINDING), ({ body }) => body)
      .filter(({ billedBy }) => book === undefined || (book === 'bill') === (billedBy !== undefined))
      .sort((a, b) => b.sinceMs - a.sinceMs || (a.id < b.id ? -1 : 1));
  }

  find(id: string): KeptFinding | undefined {
    return this.#records.get<KeptFinding>(FINDING, id)?.body;
  }

  /** Writes what a round came to, and the notices of it in the same transaction; what says nothing new is not written. */
  async note(
    findings: readonly Finding[],
    nowMs: number,
    noticesOf: (finding: KeptFinding) => readonly Notice[],
    changesFor: (notices: readonly Notice[]) => RecordChange[],
  ): Promise<void> {
    await anewOnConflict(async () => {
      const notices: Notice[] = [];
      const changes = findings.flatMap((finding): RecordChange[] => {
        const stored = this.#records.get<KeptFinding>(FINDING, finding.id);
        const before = stored?.body;
        const kept: KeptFinding = { ...before, told: [], ...(before && { told: before.told }), ...finding };
        const due = noticesOf(kept);
        notices.push(...due);
        const told = [...new Set([...kept.told, ...due.map(({ address }) => address.address)])];
        if (before && due.length === 0 && !isNews(before, kept)) return [];
        return [{ kind: FINDING, key: kept.id, body: { ...kept, told }, expectedVersion: stored?.version ?? 0 }];
      });
      if (changes.length === 0) return;
      await this.#records.write([...changes, ...this.#outdated(nowMs), ...changesFor(notices)]);
    });
  }

  /**
   * Puts what a bill says of a range now in place of what was found in it before: the same trouble of the same subject stays
   * that finding, whatever its bounds are now, and what does not show any more is withdrawn, unless somebody has answered it.
   */
  async noteBill(
    findings: readonly Finding[],
    range: { readonly startMs: number; readonly endMs: number },
    nowMs: number,
    noticesOf: (finding: KeptFinding, event: 'began' | 'withdrawn') => readonly Notice[],
    changesFor: (notices: readonly Notice[]) => RecordChange[],
  ): Promise<void> {
    await anewOnConflict(async () => {
      const left = new Map(this.all('bill').map((finding) => [finding.id, finding]));
      const notices: Notice[] = [];
      const changes: RecordChange[] = [];
      for (const finding of findings) {
        const before = [...left.values()].find((one) => isSame(one, finding));
        left.delete(before?.id ?? '');
        if (before?.feedback) continue;
        const { id = finding.id, detectedAtMs = finding.detectedAtMs, told = [] } = before ?? {};
        const due = noticesOf({ ...finding, id, detectedAtMs, told }, 'began');
        notices.push(...due);
        const body = { ...finding, id, detectedAtMs, told: [...told, ...due.map(({ address }) => address.address)] };
        if (!before || due.length > 0 || isNews(before, body)) changes.push({ kind: FINDING, key: id, body });
      }
      for (const old of left.values()) {
        if (old.feedback || old.sinceMs < range.startMs || old.sinceMs >= range.endMs) continue;
        changes.push({ kind: FINDING, key: old.id });
        notices.push(...noticesOf(old, 'withdrawn'));
      }
      const gone = new Set(changes.map(({ key }) => key));
      const outdated = this.#outdated(nowMs).filter(({ key }) => !gone.has(key));
      if (changes.length > 0) await this.#records.write([...changes, ...outdated, ...changesFor(notices)]);
    });
  }

  /** Throws ResourceNotFoundException. A finding that goes on ends with it. */
  giveFeedback(id: string, says: FindingFeedback, byArn: string, nowMs: number): Promise<KeptFinding> {
    return anewOnConflict(async () => {
      const stored = this.#records.get<KeptFinding>(FINDING, id);
      if (!stored) throw new Fault('ResourceNotFoundException', `there is no finding \`${id}\``);
      const body = {
        ...stored.body,
        endedAtMs: stored.body.endedAtMs ?? nowMs,
        feedback: { says, byArn, atMs: nowMs },
      };
      await this.#records.write([{ kind: FINDING, key: id, body, expectedVersion: stored.version }]);
      return body;
    });
  }

  /** How easily subjects alarm after what people said; those that are not listed are as they were. */
  sensitivities(nowMs: number): Map<string, Sensitivity> {
    const answered = this.all().filter(({ feedback }) => feedback && feedback.atMs > nowMs - REMEMBERED_MS);
    const bySubject = Map.groupBy(answered, ({ subject }) => subjectKey(subject));
    return new Map([...bySubject].map(([key, findings]) => [key, sensitivityAfter(findings)]));
  }

  #outdated(nowMs: number): RecordChange[] {
    const beyond = (findings: readonly KeptFinding[], keptMs: number) =>
      findings.filter(({ sinceMs }, index) => index >= FINDINGS_MAX || sinceMs < nowMs - keptMs);
    const old = [...beyond(this.all('ledger'), KEPT_MS), ...beyond(this.all('bill'), BILLED_KEPT_MS)];
    return old.map(({ id }) => ({ kind: FINDING, key: id }));
  }
}

/** Whether somebody who looks at the list should see something else. */
function isNews(before: KeptFinding, now: KeptFinding): boolean {
  const about = ({ kind, subject, severity, endedAtMs, alsoSeenOn }: Finding) =>
    JSON.stringify([kind, subject, severity, endedAtMs, alsoSeenOn]);
  const grown = (one: Finding, other: Finding) => Number(one.actualUsd) >= (1 + GROWN_PART) * Number(other.actualUsd);
  return about(before) !== about(now) || grown(now, before) || (now.billedBy !== undefined && grown(before, now));
}

/** The same subject at the same time. */
function isSame(a: Finding, b: Finding): boolean {
  return subjectKey(a.subject) === subjectKey(b.subject) && a.sinceMs < b.untilMs && b.sinceMs < a.untilMs;
}

function sensitivityAfter(findings: readonly KeptFinding[]): Sensitivity {
  const falseAlarms = findings.filter(({ feedback }) => feedback?.says === 'false_alarm').length;
  const expected = findings.filter(({ feedback }) => feedback?.says === 'expected').map(hourUsd);
  return {
    factor: STANDARD_SENSITIVITY.factor * FALSE_ALARM_FACTOR ** Math.min(falseAlarms, FALSE_ALARMS_MAX),
    acceptedHourUsd: Math.max(STANDARD_SENSITIVITY.acceptedHourUsd, ...expected) * EXPECTED_MARGIN,
  };
}

function hourUsd({ actualUsd, sinceMs, untilMs }: Finding): number {
  return Number(actualUsd) / Math.max(1, (untilMs - sinceMs) / HOUR_MS);
}

/** Whether a finding is about usage of a subject: of itself, or of one that shows the same. */
export function concerns({ subject, alsoSeenOn }: Finding, other: Subject): boolean {
  return [subject, ...alsoSeenOn].some((one) => subjectKey(one) === subjectKey(other));
}
