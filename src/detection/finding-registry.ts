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
/** Findings that are kept: the oldest go first, and none stays longer. */
const FINDINGS_MAX = 2_000;
const KEPT_MS = 90 * DAY_MS;
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

  /** The latest first. */
  all(): KeptFinding[] {
    return Array.from(this.#records.all<KeptFinding>(FINDING), ({ body }) => body).sort(
      (a, b) => b.sinceMs - a.sinceMs || (a.id < b.id ? -1 : 1),
    );
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
    const old = this.all().filter(({ sinceMs }, index) => index >= FINDINGS_MAX || sinceMs < nowMs - KEPT_MS);
    return old.map(({ id }) => ({ kind: FINDING, key: id }));
  }
}

/** Whether somebody who looks at the list should see something else. */
function isNews(before: KeptFinding, now: KeptFinding): boolean {
  const about = ({ kind, subject, severity, endedAtMs, alsoSeenOn }: Finding) =>
    JSON.stringify([kind, subject, severity, endedAtMs, alsoSeenOn]);
  return about(before) !== about(now) || Number(now.actualUsd) >= (1 + GROWN_PART) * Number(before.actualUsd);
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
