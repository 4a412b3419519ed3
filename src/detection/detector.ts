import { BUCKET_MS } from '../kernel/time.ts';
import { learnBaseline } from './baseline.ts';
import { causesOf, contributionsTo } from './causes.ts';
import { judgeFamiliarity } from './familiarity.ts';
import type { Finding } from './finding.ts';
import { learnHabits } from './habits.ts';
import { bySubject, excessOf, type JoinedSuspicion, joinSuspicions } from './join-suspicions.ts';
import { judgeCalls } from './judge-calls.ts';
import { judgeLoops } from './judge-loops.ts';
import { judgeNewcomer } from './judge-newcomer.ts';
import { judgeSpend } from './judge-spend.ts';
import { OpenFinding } from './open-finding.ts';
import { RecentUsage } from './recent-usage.ts';
import { breadthOf, EVERYTHING, SUBJECT_KINDS, type Subject, type SubjectKind } from './subject.ts';
import { QUARTERS_AN_HOUR, quarterOf } from './subject-history.ts';
import {
  type JudgedMoment,
  type Sensitivity,
  STANDARD_SENSITIVITY,
  type Suspicion,
  type UsageGrain,
  type Watched,
} from './suspicion.ts';
import { partOf, type UsageSlice } from './usage-slice.ts';
import { WatchList } from './watch-list.ts';
import { joinFacts } from './watched-principal.ts';

/** The smallest impact that is ever worth a word: one dollar, or this part of a usual day of everything. */
const LEAST_IMPACT_USD = 1;
const LEAST_IMPACT_PART = 0.005;
/** What is usual is learned anew once a day; of who is new, more often. */
const LEARN_EVERY_HOURS = 24;
const LEARN_NEW_EVERY_HOURS = 6;
/** The same trouble within so long after the end of a finding is that finding again. */
const AGAIN_QUARTERS = 36 * QUARTERS_AN_HOUR;
/** After so long, what is out of the ordinary begins to count as history, and becomes usual in the end. */
const SET_ASIDE_QUARTERS = 3 * 24 * QUARTERS_AN_HOUR;

export interface DetectorParts {
  readonly tagKeys: readonly string[];
  /** Subjects of one kind that are watched by themselves; the longest unused are forgotten. */
  readonly subjectsMax: number;
  /** Makes the id of a finding of what it is about, so that a second detector comes to the same. */
  readonly newId: (subject: Subject, sinceMs: number) => string;
  readonly sensitivityOf?: (subject: Subject) => Sensitivity;
}

/**
 * Watches every principal, role, tag value and model, and all together. It is told of usage bucket by bucket, keeps what is
 * usual in arrays of fixed size, and does no I/O: the same slices in the same order give the same findings.
 */
export class Detector {
  readonly #parts: DetectorParts;
  readonly #list: WatchList;
  readonly #usage: RecentUsage;
  readonly #open = new Map<string, OpenFinding>();
  /** Ended not long ago: the same trouble opens them again. */
  readonly #ended = new Map<string, OpenFinding>();
  #typicalDayUsd: ReadonlyMap<SubjectKind, number> = new Map();
  #typicalAtHour = -1;
  #repeatsUntil = 0;

  constructor(parts: DetectorParts) {
    this.#parts = parts;
    this.#list = new WatchList(parts.tagKeys, parts.subjectsMax);
    this.#usage = new RecentUsage(parts.tagKeys);
  }

  /** Usage of long ago, in order: history, which is not judged. `length`: of the slice. */
  learn(slice: UsageSlice, length: UsageGrain): void {
    this.#list.put(slice, length);
    if (length === '15m') this.#usage.put(quarterOf(slice.startMs), slice);
  }

  /**
   * The bucket that is judged, under way or not, and the one before it, as they are now. Answers the findings that are new or
   * have changed; a finding that ended comes once more, with its end.
   */
  round(slices: readonly UsageSlice[], nowMs: number): Finding[] {
    const quarter = quarterOf(slices.at(-1)!.startMs);
    for (const slice of slices) {
      this.#put(slice);
    }
    this.#learnRepeats(quarter - 1);
    return this.#judgeAll(quarter, '15m', nowMs);
  }

  /** The same for the next hour or day of a bill, as a whole. */
  billed(slice: UsageSlice, usageGrain: '1h' | '1d', nowMs: number): Finding[] {
    const quarters = QUARTERS_AN_HOUR * (usageGrain === '1d' ? 24 : 1);
    const cells = slice.cells.map((cell) => partOf(cell, 1 / quarters));
    for (let index = 0; index < quarters; index += 1) {
      this.#put({ ...slice, startMs: slice.startMs + index * BUCKET_MS, cells });
    }
    return this.#judgeAll(quarterOf(slice.startMs) + quarters - 1, usageGrain, nowMs);
  }

  #put(slice: UsageSlice): void {
    this.#list.put(slice, '15m');
    this.#usage.put(quarterOf(slice.startMs), slice);
  }

  #judgeAll(quarter: number, usageGrain: UsageGrain, nowMs: number): Finding[] {
    this.#list.advance(quarter);
    for (const [id, old] of this.#ended) if (quarter - old.badQuarters[1] > AGAIN_QUARTERS) this.#ended.delete(id);
    const moment: JudgedMoment = { quarter, usageGrain, leastImpactUsd: this.#leastImpactUsd() };
    this.#learnTypical(quarter);
    const changed = new Set<OpenFinding>();
    const told = bySubject(this.#suspicions(moment)).flatMap((one) => this.#narrowed(one, quarter));
    for (const joined of joinSuspicions(bySubject(told), this.#usage)) {
      const open = this.#place(joined, quarter, nowMs);
      if (open) changed.add(open);
    }
    for (const open of this.#open.values()) this.#follow(open, quarter, nowMs, changed);
    for (const open of changed) open.causes = causesOf(open, this.#usage, this.#list, quarter);
    return [...changed].map((open) => open.finding(this.#dayUsd()));
  }

  /** Follows a finding of an earlier process on, as far as its subject has been seen since. */
  resume(finding: Finding): void {
    const watched = this.#list.get(finding.subject);
    if (!watched) return;
    const { id, kind, grain, evidence, alsoSeenOn, score, severity, detectedAtMs } = finding;
    const [actualUsd, expectedUsd] = [Number(finding.actualUsd), Number(finding.expectedUsd)];
    const suspicion: Suspicion = {
      ...{ watched, kind, grain, evidence, actualUsd, expectedUsd, sinceQuarter: quarterOf(finding.sinceMs) },
      ...{ strength: score / Math.max(1 - score, Number.EPSILON), isGrave: severity !== 'low', standsAlone: true },
    };
    const lastQuarter = quarterOf(finding.untilMs) - 1;
    this.#open.set(id, new OpenFinding(id, { suspicion, alsoSeenOn }, lastQuarter, detectedAtMs));
  }

  /** Ends a finding that somebody has answered; what it spent is history like any other where it was meant to be so. */
  settle(id: string, isUsual: boolean): void {
    const open = this.#open.get(id) ?? this.#ended.get(id);
    if (!open) return;
    if (isUsual) this.#setAside(open, false);
    this.#open.delete(id);
    this.#ended.delete(id);
  }

  get openCount(): number {
    return this.#open.size;
  }

  get subjectCount(): number {
    return this.#list.size;
  }

  #suspicions(moment: JudgedMoment): Suspicion[] {
    const { quarter, usageGrain } = moment;
    const found: Suspicion[] = [];
    // A day of a bill that is judged is not learned before.
    const learnedTo = usageGrain === '1d' ? quarter - 23 * QUARTERS_AN_HOUR : quarter;
    for (const watched of this.#list.active(quarter)) {
      this.#learnUsual(watched, learnedTo);
      found.push(...this.#judge(watched, moment));
    }
    return found;
  }

  #judge(watched: Watched, moment: JudgedMoment): Suspicion[] {
    const { quarter } = moment;
    const sensitivity = this.#parts.sensitivityOf?.(watched.subject) ?? STANDARD_SENSITIVITY;
    const spend = judgeSpend(watched, moment, sensitivity);
    const found = [
      ...(spend ? [spend] : []),
      ...judgeCalls(watched, moment, sensitivity),
      ...judgeNewcomer(
        watched,
        this.#list.firstHour,
        this.#typicalDayUsd.get(watched.subject.kind),
        moment,
        sensitivity,
      ),
    ];
    const principal = watched.subject.kind === 'principal' ? this.#list.principal(watched.subject.value) : undefined;
    if (!principal) return found;
    const facts = [quarter - 1, quarter].map((at) => this.#usage.facts(at, watched.subject.value));
    const joined = joinFacts(facts);
    if (joined) found.push(...judgeLoops(watched, joined, principal.usualRepeatShare, moment, sensitivity));
    const strange = judgeFamiliarity(watched, principal.familiarity, spend !== undefined, moment);
    if (strange) found.push(strange);
    return found;
  }

  /**
   * Where one principal is most of what is wrong with a wider subject, it is about that principal: who is new is the finding
   * then, and who does as usual makes none.
   */
  #narrowed(suspicion: Suspicion, quarter: number): Suspicion[] {
    const { watched, sinceQuarter } = suspicion;
    if (watched.subject.kind === 'principal') return [suspicion];
    const most = contributionsTo(watched.subject, sinceQuarter, quarter, this.#usage, this.#list)[0];
    if (!most || most.excessUsd < 0.5 * excessOf(suspicion)) return [suspicion];
    const trace = { ...suspicion, standsAlone: false };
    if (most.watched.baseline) return [trace];
    const { actualUsd, expectedUsd } = most;
    return [trace, { ...suspicion, watched: most.watched, kind: 'new_spender', actualUsd, expectedUsd }];
  }

  /**
   * The finding that a suspicion belongs to: one that is open, one that has just ended and goes on again, or a new one.
   * Undefined where it is but the trace of one that has ended.
   */
  #place(joined: JoinedSuspicion, quarter: number, nowMs: number): OpenFinding | undefined {
    const present = this.#holderOf(joined.suspicion, this.#open, quarter);
    if (present) {
      this.#noteIn(present, joined, quarter);
      return present;
    }
    const ended = this.#holderOf(joined.suspicion, this.#ended, quarter);
    if (ended) {
      if (!ended.isBadNow(joined.suspicion, quarter)) return undefined;
      this.#ended.delete(ended.id);
      this.#open.set(ended.id, ended);
      this.#noteIn(ended, joined, quarter);
      return ended;
    }
    const { watched, sinceQuarter } = joined.suspicion;
    const id = this.#parts.newId(watched.subject, sinceQuarter * BUCKET_MS);
    const open = new OpenFinding(id, joined, quarter, nowMs);
    this.#open.set(open.id, open);
    return open;
  }

  #noteIn(open: OpenFinding, joined: JoinedSuspicion, quarter: number): void {
    const { watched } = joined.suspicion;
    if (watched === open.watched || breadthOf(watched.subject) < breadthOf(open.watched.subject))
      open.note(joined, quarter);
    else for (const subject of [watched.subject, ...joined.alsoSeenOn]) open.noteOther(subject);
  }

  /** The same subject; a wider one of which it is the most; or a narrower one that explains it. */
  #holderOf(
    suspicion: Suspicion,
    findings: ReadonlyMap<string, OpenFinding>,
    quarter: number,
  ): OpenFinding | undefined {
    const { subject } = suspicion.watched;
    const all = [...findings.values()];
    const own = all.find((open) => open.watched === suspicion.watched);
    if (own) return own;
    return all.find((open) => {
      const other = open.watched.subject;
      const [breadth, otherBreadth] = [breadthOf(subject), breadthOf(other)];
      if (breadth === otherBreadth) return false;
      const part = (from: Subject, to: Subject) => this.#usage.sharedPart(from, to);
      const now = open.excessOfLastHour(quarter);
      return breadth < otherBreadth
        ? excessOf(suspicion) * part(subject, other) >= 0.5 * Math.max(now, Number.EPSILON)
        : now * part(other, subject) >= 0.5 * excessOf(suspicion);
    });
  }

  #follow(open: OpenFinding, quarter: number, nowMs: number, changed: Set<OpenFinding>): void {
    const isOver = open.follow(quarter);
    this.#setAside(open, true);
    if (!isOver) return;
    open.endedAtMs = nowMs;
    changed.add(open);
    this.#open.delete(open.id);
    this.#ended.set(open.id, open);
  }

  /** Hours of a finding are no example of what is usual, unless it goes on and on. */
  #setAside(open: OpenFinding, isSetAside: boolean): void {
    const [first, last] = open.badQuarters;
    const end = Math.min(last, first + SET_ASIDE_QUARTERS);
    for (let at = first; at <= end; at += QUARTERS_AN_HOUR) {
      open.watched.history.setAside(Math.floor(at / QUARTERS_AN_HOUR), isSetAside);
    }
  }

  /** Once for each bucket that is over. */
  #learnRepeats(quarter: number): void {
    if (quarter <= this.#repeatsUntil) return;
    this.#repeatsUntil = quarter;
    const inTrouble = new Set([...this.#open.values()].map(({ watched }) => watched.subject.value));
    for (const fact of this.#usage.allFacts(quarter)) {
      if (!inTrouble.has(fact.principal)) this.#list.principal(fact.principal)?.learn(fact);
    }
  }

  #learnUsual(watched: Watched, quarter: number): void {
    const hour = Math.floor(quarter / QUARTERS_AN_HOUR);
    const isNew = hour - watched.history.firstHour < 7 * 24;
    if (hour - watched.learnedAtHour < (isNew ? LEARN_NEW_EVERY_HOURS : LEARN_EVERY_HOURS)) return;
    watched.baseline = learnBaseline(watched.history, hour);
    watched.habits = learnHabits(watched.history, hour);
    watched.learnedAtHour = hour;
  }

  #dayUsd(): number {
    return this.#list.get(EVERYTHING)?.baseline?.levelUsd ?? 0;
  }

  #leastImpactUsd(): number {
    return Math.max(LEAST_IMPACT_USD, LEAST_IMPACT_PART * this.#dayUsd());
  }

  /** What a subject of each kind usually spends in a day, where it is among the upper quarter. */
  #learnTypical(quarter: number): void {
    const hour = Math.floor(quarter / QUARTERS_AN_HOUR);
    if (hour < this.#typicalAtHour + LEARN_EVERY_HOURS) return;
    this.#typicalAtHour = hour;
    this.#typicalDayUsd = new Map(SUBJECT_KINDS.map((kind) => [kind, this.#list.typicalDayUsd(kind)]));
  }
}
