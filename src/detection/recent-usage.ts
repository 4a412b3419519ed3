import { type Subject, subjectKey, subjectsOf } from './subject.ts';
import { QUARTERS_AN_HOUR } from './subject-history.ts';
import type { CallFacts, SliceCell, UsageSlice } from './usage-slice.ts';

/** As long as the longest stretch that is judged, and an hour. */
const KEPT_QUARTERS = 25 * QUARTERS_AN_HOUR;
/** Combinations whose subjects are remembered; beyond, they are worked out anew. */
const GROUPS_MAX = 20_000;

/** What usage has in common that counts for the same subjects. */
interface Group {
  readonly principal: string;
  readonly model: string;
  readonly subjects: ReadonlySet<string>;
}

interface GroupSpend {
  readonly group: Group;
  readonly costUsd: number;
}

/** Who shared usage with whom in the last day. */
export class RecentUsage {
  readonly #tagKeys: readonly string[];
  readonly #groups = new Map<string, Group>();
  readonly #spend = new Map<number, readonly GroupSpend[]>();
  readonly #facts = new Map<number, ReadonlyMap<string, CallFacts>>();

  constructor(tagKeys: readonly string[]) {
    this.#tagKeys = tagKeys;
  }

  put(quarter: number, { cells, facts }: UsageSlice): void {
    const spend = cells.map((cell) => ({ group: this.#groupOf(cell), costUsd: cell.costUsd }));
    this.#spend.set(quarter, spend);
    this.#facts.set(quarter, new Map(facts.map((fact) => [fact.principal, fact])));
    for (const old of this.#spend.keys()) if (old <= quarter - KEPT_QUARTERS) this.#spend.delete(old);
    for (const old of this.#facts.keys()) if (old < quarter - 1) this.#facts.delete(old);
  }

  facts(quarter: number, principal: string): CallFacts | undefined {
    return this.#facts.get(quarter)?.get(principal);
  }

  allFacts(quarter: number): Iterable<CallFacts> {
    return this.#facts.get(quarter)?.values() ?? [];
  }

  /** Part of what `subject` spent that was also `other`'s, 0 to 1. */
  sharedPart(subject: Subject, other: Subject): number {
    const [own, others] = [subjectKey(subject), subjectKey(other)];
    if (own === others) return 1;
    let [all, shared] = [0, 0];
    for (const { group, costUsd } of this.#all()) {
      if (!group.subjects.has(own)) continue;
      all += costUsd;
      if (group.subjects.has(others)) shared += costUsd;
    }
    return all > 0 ? shared / all : 0;
  }

  /** Principals or models that a subject's spend is made of, those that cost most first. */
  values(subject: Subject, column: 'principal' | 'model'): string[] {
    const key = subjectKey(subject);
    const sums = new Map<string, number>();
    for (const { group, costUsd } of this.#all()) {
      if (group.subjects.has(key)) sums.set(group[column], (sums.get(group[column]) ?? 0) + costUsd);
    }
    return [...sums].sort((a, b) => b[1] - a[1]).map(([value]) => value);
  }

  #groupOf(cell: SliceCell): Group {
    const key = [cell.principal, cell.model, ...cell.tags].join('\n');
    const known = this.#groups.get(key);
    if (known) return known;
    if (this.#groups.size >= GROUPS_MAX) this.#groups.clear();
    const { principal, model } = cell;
    const group = { principal, model, subjects: new Set(subjectsOf(cell, this.#tagKeys).map(subjectKey)) };
    this.#groups.set(key, group);
    return group;
  }

  *#all(): Generator<GroupSpend> {
    for (const spend of this.#spend.values()) yield* spend;
  }
}
