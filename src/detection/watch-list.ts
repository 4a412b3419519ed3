import { ASPECTS } from './familiarity.ts';
import { quantileOf } from './quantile.ts';
import { type Subject, type SubjectKind, subjectKey, subjectsOf } from './subject.ts';
import { NO_USES, QUARTERS_AN_HOUR, quarterOf, SubjectHistory, type Uses } from './subject-history.ts';
import type { UsageGrain, Watched } from './suspicion.ts';
import type { SliceCell, UsageSlice } from './usage-slice.ts';
import { WatchedPrincipal } from './watched-principal.ts';

const NEVER = Number.NEGATIVE_INFINITY;
/** Combinations of principal, aspect and value that are noted of one bucket: what 2,000 principals with 16 networks each have, and more. */
const NOTED_MAX = 50_000;
/** Who stands high among others of its kind. */
const UPPER_QUARTER = 0.75;

/** Every subject that is watched, with its history: at most so many of a kind. */
export class WatchList {
  readonly #tagKeys: readonly string[];
  readonly #subjectsMax: number;
  /** By kind and key; the longest unused first. */
  readonly #kinds = new Map<SubjectKind, Map<string, Watched>>();
  readonly #principals = new Map<string, WatchedPrincipal>();
  /** Quarters whose usage may still change, with whom it was counted for. */
  readonly #counted = new Map<number, Set<Watched>>();
  /** Calls that were already noted of the bucket under way, by principal, aspect and value. */
  readonly #noted = new Map<number, Map<string, number>>();
  /** Hour of the first usage of all. */
  firstHour = Number.POSITIVE_INFINITY;

  constructor(tagKeys: readonly string[], subjectsMax: number) {
    this.#tagKeys = tagKeys;
    this.#subjectsMax = subjectsMax;
  }

  get size(): number {
    return [...this.#kinds.values()].reduce((sum, { size }) => sum + size, 0);
  }

  get(subject: Subject): Watched | undefined {
    return this.#kinds.get(subject.kind)?.get(subjectKey(subject));
  }

  principal(arn: string): WatchedPrincipal | undefined {
    return this.#principals.get(arn);
  }

  /** Counts a slice in place of what was said of it before; of an hour or a day, which are over, once. */
  put(slice: UsageSlice, length: UsageGrain): void {
    const quarter = quarterOf(slice.startMs);
    const hour = Math.floor(quarter / QUARTERS_AN_HOUR);
    this.firstHour = Math.min(this.firstHour, hour);
    const failed = new Map(slice.facts.map((fact) => [fact.principal, fact.failed]));
    const sums = new Map<Watched, Uses>();
    for (const cell of slice.cells) {
      const uses = usesOf(cell, failed.get(cell.principal) ?? 0);
      // Failures are counted once for each principal.
      failed.delete(cell.principal);
      for (const subject of subjectsOf(cell, this.#tagKeys)) {
        const watched = this.#watch(subject, quarter);
        sums.set(watched, added(sums.get(watched) ?? NO_USES, uses));
      }
      this.#note(cell, quarter, hour);
    }
    for (const { principal, networks } of slice.facts) {
      for (const network of networks) this.#familiarise(principal, 'network', network, quarter, hour, 1);
    }
    for (const [watched, uses] of sums) {
      this.#useNow(watched);
      if (length === '15m') watched.history.put(quarter, uses);
      else if (length === '1h') watched.history.putHour(hour, uses);
      else watched.history.putDay(hour, uses);
    }
    // Whoever was counted before, and is not any more, used nothing after all.
    for (const watched of this.#counted.get(quarter) ?? []) {
      if (!sums.has(watched)) watched.history.put(quarter, NO_USES);
    }
    if (length === '15m') this.#counted.set(quarter, new Set(sums.keys()));
    this.#forgetBefore(quarter - 1);
  }

  /** Makes room for quarters in which nothing was used. */
  advance(quarter: number): void {
    for (const watched of this.#all()) watched.history.advance(quarter);
  }

  /** Who used something in the last hours, and may be out of the ordinary. */
  *active(quarter: number): Generator<Watched> {
    for (const watched of this.#all()) {
      const isInUse = watched.history.quarterUsd(quarter) > 0 || watched.history.quarterUsd(quarter - 1) > 0;
      if (isInUse || watched.learnedAtHour === NEVER) yield watched;
    }
  }

  /** What a subject of a kind usually spends in a day, where it is among the upper quarter; 0 where none has habits. */
  typicalDayUsd(kind: SubjectKind): number {
    const levels = [...(this.#kinds.get(kind)?.values() ?? [])].flatMap(({ baseline }) => baseline?.levelUsd ?? []);
    return quantileOf(Float32Array.from(levels), UPPER_QUARTER);
  }

  *#all(): Generator<Watched> {
    for (const kind of this.#kinds.values()) yield* kind.values();
  }

  #watch(subject: Subject, quarter: number): Watched {
    const key = subjectKey(subject);
    const kind = this.#kinds.get(subject.kind) ?? new Map<string, Watched>();
    this.#kinds.set(subject.kind, kind);
    const known = kind.get(key);
    if (known) return known;
    if (kind.size >= this.#subjectsMax) this.#forgetFirst(kind);
    const history = new SubjectHistory(quarter);
    const watched = { subject, history, baseline: undefined, habits: undefined, learnedAtHour: NEVER };
    kind.set(key, watched);
    if (subject.kind === 'principal') this.#principals.set(subject.value, new WatchedPrincipal());
    return watched;
  }

  /** Puts it last in the order of use. */
  #useNow(watched: Watched): void {
    const key = subjectKey(watched.subject);
    const kind = this.#kinds.get(watched.subject.kind);
    // Among the first that were watched, and forgotten again by those that came after it in the same slice.
    if (!kind?.delete(key)) return;
    kind.set(key, watched);
  }

  #forgetFirst(kind: Map<string, Watched>): void {
    const [key, watched] = kind.entries().next().value!;
    kind.delete(key);
    if (watched.subject.kind === 'principal') this.#principals.delete(watched.subject.value);
  }

  #note(cell: SliceCell, quarter: number, hour: number): void {
    for (const aspect of ASPECTS) {
      if (aspect === 'network') continue;
      this.#familiarise(cell.principal, aspect, cell[aspect], quarter, hour, cell.requests);
    }
  }

  /** Counts the calls that came since the bucket was last looked at. */
  #familiarise(
    principal: string,
    aspect: (typeof ASPECTS)[number],
    value: string,
    quarter: number,
    hour: number,
    calls: number,
  ): void {
    const noted = this.#noted.get(quarter) ?? new Map<string, number>();
    this.#noted.set(quarter, noted);
    const key = `${aspect}\n${value}\n${principal}`;
    const before = noted.get(key) ?? 0;
    if (before === 0 && noted.size >= NOTED_MAX) return;
    // Cells differ in more than one aspect: the most that one of them says is enough.
    noted.set(key, Math.max(before, calls));
    this.#principals.get(principal)?.familiarity.note(aspect, value, hour, Math.max(0, calls - before));
  }

  #forgetBefore(quarter: number): void {
    for (const old of this.#counted.keys()) if (old < quarter) this.#counted.delete(old);
    for (const old of this.#noted.keys()) if (old < quarter) this.#noted.delete(old);
  }
}

function usesOf(cell: SliceCell, failed: number): Uses {
  const { costUsd, requests, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = cell;
  const allInput = inputTokens + cacheReadTokens + cacheWriteTokens;
  return { costUsd, requests, inputTokens: allInput, cacheReadTokens, outputTokens, failed };
}

function added(a: Uses, b: Uses): Uses {
  return {
    ...{ costUsd: a.costUsd + b.costUsd, requests: a.requests + b.requests, failed: a.failed + b.failed },
    ...{ inputTokens: a.inputTokens + b.inputTokens, cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens },
    outputTokens: a.outputTokens + b.outputTokens,
  };
}
