import { readMember } from '../allocation/member.ts';
import { isInForce, type MembershipEntry } from '../allocation/membership.ts';
import type { ReportFilter } from '../reports/report-query.ts';
import type { TimeRange } from '../reports/time-bucket.ts';
import { type ReportDeps, report } from './report-path.ts';

/** Spend of a range that belongs to another value afterwards; empty: to none. */
export interface MembershipMove {
  readonly from: string;
  readonly to: string;
  readonly costPicoUsd: bigint;
  readonly requests: bigint;
}

/** No structure has these names. */
const BEFORE = '\u0000before';
const AFTER = '\u0000after';

/**
 * How the spend of a range lies in two readings of a structure, each pair of values once; the costliest first. Together they
 * are all of the range's spend.
 */
export async function membershipMoves(
  before: readonly MembershipEntry[],
  after: readonly MembershipEntry[],
  range: TimeRange,
  deps: ReportDeps,
  signal: AbortSignal,
): Promise<MembershipMove[]> {
  const costCatalog = () => {
    const structures = new Map([
      [BEFORE, before],
      [AFTER, after],
    ]);
    return { ...deps.costCatalog(), memberships: { structures, nowMs: 0 } };
  };
  const query = {
    range,
    granularity: 'TOTAL',
    groupBy: [{ membership: BEFORE }, { membership: AFTER }],
    measures: ['cost', 'requests'],
  } as const;
  const rows = await report(query, { ...deps, costCatalog }, signal);
  return rows
    .map(({ keys, costPicoUsd, requests }) => ({ from: keys[0]!, to: keys[1]!, costPicoUsd, requests }))
    .sort((a, b) => (a.costPicoUsd === b.costPicoUsd ? 0 : a.costPicoUsd > b.costPicoUsd ? -1 : 1));
}

/** Today's structure as if it had always been so. */
export function asIsEntries(entries: readonly MembershipEntry[], nowMs: number): MembershipEntry[] {
  return entries
    .filter((entry) => isInForce(entry, nowMs))
    .map(({ member, value, source }) => ({ member, value, source, fromMs: 0 }));
}

/** What the tags of the usage say of who belonged where. */
export interface DerivedMemberships {
  readonly entries: readonly MembershipEntry[];
  /** Principals with more than one value on some day: the costliest one of the day was taken. */
  readonly ambiguous: readonly string[];
}

/**
 * Dated entries of every principal by a tag at its calls: a value holds from the first UTC day on which it was costliest until
 * another one is. Days without usage change nothing; a day without the tag ends what was before.
 */
export async function membershipsOfTag(
  tag: string,
  range: TimeRange,
  deps: ReportDeps,
  signal: AbortSignal,
): Promise<DerivedMemberships> {
  const isUsage: ReportFilter = { key: { dimension: 'recordType' }, equalsAny: ['Usage'] };
  const query = {
    range,
    granularity: 'DAILY',
    groupBy: [{ dimension: 'principal' }, { tag }],
    filter: isUsage,
    measures: ['cost'],
  } as const;
  const rows = (await report(query, deps, signal)).filter(({ keys }) => keys[0] !== '');
  const byPrincipal = Map.groupBy(rows, ({ keys }) => keys[0]!);
  const ambiguous: string[] = [];
  const entries = [...byPrincipal].flatMap(([principal, ofPrincipal]) => {
    const days = [...Map.groupBy(ofPrincipal, ({ bucketStartMs }) => bucketStartMs)].sort(([a], [b]) => a - b);
    if (days.some(([, ofDay]) => ofDay.length > 1)) ambiguous.push(principal);
    const values = days.map(([dayMs, ofDay]) => {
      const [costliest] = ofDay.toSorted((a, b) => Number(b.costPicoUsd - a.costPicoUsd));
      return { dayMs, value: costliest!.keys[1]! };
    });
    return stretchesOf(principal, values);
  });
  return { entries, ambiguous };
}

function stretchesOf(
  principal: string,
  values: readonly { readonly dayMs: number; readonly value: string }[],
): MembershipEntry[] {
  const member = readMember(principal);
  const starts = values.filter(({ value }, index) => value !== values[index - 1]?.value);
  return starts.flatMap(({ dayMs, value }, index): MembershipEntry[] => {
    const toMs = starts[index + 1]?.dayMs;
    if (value === '') return [];
    return [{ member, value, fromMs: dayMs, source: 'tag', ...(toMs !== undefined && { toMs }) }];
  });
}
