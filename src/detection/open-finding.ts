import { BUCKET_MS } from '../kernel/time.ts';
import type { Finding, FindingCause, Severity } from './finding.ts';
import type { FindingKind } from './finding-kind.ts';
import { excessOf, type JoinedSuspicion } from './join-suspicions.ts';
import { spendOver } from './judge-spend.ts';
import { type Subject, subjectKey } from './subject.ts';
import { QUARTERS_AN_HOUR } from './subject-history.ts';
import type { Grain, Suspicion, Watched } from './suspicion.ts';

/** Impact against a usual day of everything, and strength, from which a finding is of high severity. */
const HIGH_PART_OF_DAY = 0.1;
const HIGH_STRENGTH = 4;
/** A quarter is bad while it is above usual by this part of what the bad ones were on average when that was the most. */
const BAD_PART = 0.25;
const SPEND_KINDS: readonly FindingKind[] = ['new_spender', 'spend_spike', 'sustained_rise'];
/** Quiet quarters after which a finding is over. */
const QUIET_QUARTERS = QUARTERS_AN_HOUR;
/** Quiet says nothing in hours in which hardly anything is expected, unless a day of them has passed. */
const BUSY_PART = 0.25;
const QUIET_DAY = 24 * QUARTERS_AN_HOUR;

/** A finding while the detector follows it. */
export class OpenFinding {
  readonly id: string;
  watched: Watched;
  kind: FindingKind;
  grain: Grain;
  readonly sinceQuarter: number;
  readonly detectedAtMs: number;
  #lastBadQuarter: number;
  #quietQuarters = 0;
  #judgedQuarter: number;
  #actualUsd = 0;
  #expectedUsd = 0;
  /** The most that quarters were above usual on average, so that a long end does not make ever less look bad. */
  #badQuarterUsd = 0;
  #strength = 0;
  #isGrave = false;
  #evidence: readonly string[] = [];
  readonly #others = new Map<string, Subject>();
  causes: readonly FindingCause[] = [];
  endedAtMs: number | undefined;

  constructor(id: string, joined: JoinedSuspicion, quarter: number, nowMs: number) {
    const { watched, kind, grain, sinceQuarter } = joined.suspicion;
    this.id = id;
    this.watched = watched;
    this.kind = kind;
    this.grain = grain;
    this.sinceQuarter = sinceQuarter;
    this.detectedAtMs = nowMs;
    this.#lastBadQuarter = quarter;
    this.#judgedQuarter = quarter - 1;
    this.note(joined, quarter);
  }

  /** What a round saw of the same cause: on this subject, or on a narrower one that takes its place. */
  note({ suspicion, alsoSeenOn }: JoinedSuspicion, quarter: number): void {
    if (suspicion.watched !== this.watched) {
      this.noteOther(this.watched.subject);
      this.watched = suspicion.watched;
    }
    // The kind that says most stays, once it was grave.
    if (suspicion.isGrave || !this.#isGrave) {
      if (suspicion.strength >= this.#strength || (suspicion.isGrave && !this.#isGrave)) {
        this.kind = suspicion.kind;
        this.#evidence = suspicion.evidence;
      }
      this.#strength = Math.max(this.#strength, suspicion.strength);
    }
    this.#isGrave ||= suspicion.isGrave;
    for (const subject of alsoSeenOn) this.noteOther(subject);
    this.#others.delete(subjectKey(this.watched.subject));
    if (this.isBadNow(suspicion, quarter)) {
      this.#lastBadQuarter = quarter;
      this.#quietQuarters = 0;
      this.endedAtMs = undefined;
    }
    this.#count(this.#lastBadQuarter, suspicion);
  }

  /** A long stretch looks bad for long after the end of what was bad in it: of spend, the last quarters say whether it goes on. */
  isBadNow({ kind, watched }: Suspicion, quarter: number): boolean {
    if (!SPEND_KINDS.includes(kind)) return true;
    const { history, baseline } = watched;
    const { actualUsd, expectedUsd } = spendOver(history, baseline, quarter, 2);
    return actualUsd - expectedUsd >= BAD_PART * this.#badQuarterUsd;
  }

  noteOther(subject: Subject): void {
    if (subjectKey(subject) !== subjectKey(this.watched.subject)) this.#others.set(subjectKey(subject), subject);
  }

  /** Looks at the quarters that are over since the last look; true when it is over with the last of them. */
  follow(quarter: number): boolean {
    const { history, baseline } = this.watched;
    for (let at = this.#judgedQuarter + 1; at < quarter; at += 1) {
      this.#judgedQuarter = at;
      const expectedUsd = baseline?.expectedQuarterUsd(at) ?? 0;
      const badUsd = this.#badQuarterUsd;
      if (badUsd > 0 && history.quarterUsd(at) - expectedUsd >= BAD_PART * badUsd) {
        this.#lastBadQuarter = Math.max(this.#lastBadQuarter, at);
        this.#quietQuarters = 0;
      } else if (at > this.#lastBadQuarter) {
        const usualUsd = (baseline?.levelUsd ?? 0) / 24 / QUARTERS_AN_HOUR;
        const expectedOfBad = this.#expectedUsd / (this.#lastBadQuarter - this.sinceQuarter + 1);
        if (expectedUsd >= BUSY_PART * Math.min(usualUsd, expectedOfBad)) this.#quietQuarters += 1;
      }
    }
    this.#count(this.#lastBadQuarter);
    return this.#quietQuarters >= QUIET_QUARTERS || quarter - this.#lastBadQuarter > QUIET_DAY;
  }

  /** Quarters of the finding, the first and the last. */
  get badQuarters(): readonly [number, number] {
    return [this.sinceQuarter, this.#lastBadQuarter];
  }

  get excessUsd(): number {
    return Math.max(this.#actualUsd - this.#expectedUsd, 0);
  }

  /** What is above usual in the last hour. */
  excessOfLastHour(quarter: number): number {
    const { history, baseline } = this.watched;
    return excessOf(spendOver(history, baseline, quarter, QUARTERS_AN_HOUR));
  }

  finding(dayUsd: number): Finding {
    const impact = this.excessUsd;
    return {
      ...{ id: this.id, kind: this.kind, subject: this.watched.subject, alsoSeenOn: [...this.#others.values()] },
      ...{ grain: this.grain, sinceMs: this.sinceQuarter * BUCKET_MS, untilMs: (this.#lastBadQuarter + 1) * BUCKET_MS },
      ...{ detectedAtMs: this.detectedAtMs, ...(this.endedAtMs !== undefined && { endedAtMs: this.endedAtMs }) },
      ...{ actualUsd: this.#actualUsd.toFixed(6), expectedUsd: this.#expectedUsd.toFixed(6) },
      ...{ score: this.#strength / (this.#strength + 1), severity: this.#severity(impact, dayUsd) },
      ...{ evidence: this.#evidence, causes: this.causes },
    };
  }

  #severity(impactUsd: number, dayUsd: number): Severity {
    if (!this.#isGrave) return 'low';
    return impactUsd >= HIGH_PART_OF_DAY * dayUsd || this.#strength >= HIGH_STRENGTH ? 'high' : 'medium';
  }

  /** Of calls that are dearer than usual the judge knows what as many usually cost, which spend alone may not show. */
  #count(lastQuarter: number, seen?: { readonly actualUsd: number; readonly expectedUsd: number }): void {
    const { history, baseline } = this.watched;
    const spend = spendOver(history, baseline, lastQuarter, lastQuarter - this.sinceQuarter + 1);
    for (const { actualUsd, expectedUsd } of seen ? [spend, seen] : [spend]) {
      if (actualUsd - expectedUsd < this.excessUsd) continue;
      this.#actualUsd = actualUsd;
      this.#expectedUsd = expectedUsd;
    }
    const averageUsd = this.excessUsd / (lastQuarter - this.sinceQuarter + 1);
    this.#badQuarterUsd = Math.max(this.#badQuarterUsd, averageUsd);
  }
}
