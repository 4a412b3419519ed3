import { Fault } from '../kernel/fault.ts';
import { DAY_MS, HOUR_MS } from '../kernel/time.ts';
import { UTC } from '../kernel/time-zone.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import type { Book } from '../reports/book.ts';
import { type CallPattern, callPattern, compilePatterns, type PatternRow } from '../reports/call-patterns.ts';
import { requireAboutCalls } from '../reports/call-query.ts';
import {
  askedKeys,
  changeOf,
  type Driver,
  drill,
  driverKeys,
  driversBy,
  filterOfDrivers,
  isOfClasses,
} from '../reports/change-drivers.ts';
import { type ChangePoint, type CostPoint, changePoint } from '../reports/change-point.ts';
import { isPooled, lengthsOf } from '../reports/change-query.ts';
import type { ExplainedCell, PeriodLengths } from '../reports/change-reasons.ts';
import { costOf } from '../reports/change-words.ts';
import type { GroupKey, ReportFilter } from '../reports/report-query.ts';
import { type RankedSuggestion, savingSuggestions } from '../reports/saving-suggestions.ts';
import type { TimeRange } from '../reports/time-bucket.ts';
import { type CallDeps, findCalls } from './call-path.ts';
import { type Comparison, explainedCells } from './change-path.ts';
import { report } from './report-path.ts';

/** What is to be explained. */
export interface WhyQuestion extends Comparison {
  /** By what drivers are told apart, from the widest to the narrowest: the order in which the path goes down. */
  readonly keys: readonly GroupKey[];
}

/** Why two periods cost a different amount, down to who, what, since when, and which calls. */
export interface Why {
  readonly lengths: PeriodLengths;
  readonly beforePicoUsd: bigint;
  readonly afterPicoUsd: bigint;
  readonly cells: readonly ExplainedCell[];
  /** By each key: the largest drivers, and the rest. */
  readonly drivers: readonly (readonly Driver[])[];
  /** The largest driver of the largest driver of ...; empty where nothing stands out. */
  readonly path: readonly Driver[];
  /** What the path's driver cost by the hour, or by the day where the book is no finer. */
  readonly course: Course;
  /** Absent: it was different in no hour in particular. */
  readonly since?: ChangePoint;
  /** What the path's driver used from then on, beside the earlier period; empty where that is all of the later one. */
  readonly sinceCells: readonly ExplainedCell[];
  /** What lets the usage of the path's driver through, token classes aside. */
  readonly pathFilter: ReportFilter;
  /** The costliest calls of the path's driver since then; absent: the book has no calls, or the filter is not about calls. */
  readonly calls?: { readonly range: TimeRange; readonly events: readonly UsageEvent[] };
  /** What would have cost less in the later period. */
  readonly suggestions: readonly RankedSuggestion[];
}

export interface Course {
  readonly grain: 'hour' | 'day';
  readonly before: readonly CostPoint[];
  readonly after: readonly CostPoint[];
}

/** Of each key. */
const DRIVERS_SHOWN = 10;
const CALLS_SHOWN = 5;
/** Longer ranges are looked at by the hour, and by the day. */
const QUARTERS_MAX_MS = 31 * DAY_MS;
const HOURS_MAX_MS = 200 * DAY_MS;
/** Calls are looked for in the first day on which it was different: reading every one of a month would take long. */
const CALLS_MAX_MS = DAY_MS;

/** Those whose calls are looked at for what they have in common, the costliest. */
const PATTERN_SUBJECTS = 20;

/**
 * The way of "why": cells > reasons > drivers > path > course > calls > suggestions. Asks the store eight times at
 * most: for the cells of both periods, the course in each, the cells since it is different, what ranks calls, their ids,
 * themselves, and what calls have in common. Throws as
 * `report` does.
 */
export async function explainSpend(question: WhyQuestion, deps: CallDeps): Promise<Why> {
  const { keys, signal, ...ranges } = question;
  const asked = askedKeys(keys);
  const cells = await explainedCells({ ...ranges, keys: asked }, deps, signal);
  const ladder = driverKeys(keys, asked);
  const path = drill(ladder, cells);
  const pathFilter = allOf(question.filter, filterOfDrivers(path.filter(({ key }) => !isOfClasses(key))));
  const { zone = UTC } = question;
  const [before, after, patterns] = await Promise.all([
    courseOf(question.before, { ...question, filter: pathFilter }, deps),
    courseOf(question.after, { ...question, filter: pathFilter }, deps),
    patternsOf(cells, question, deps),
  ]);
  const since = changePoint({ before, after }, zone);
  const [sinceCells, calls] = await Promise.all([
    since?.isInside
      ? explainedCells({ ...ranges, ...fromThenOn(question, since), keys: asked, filter: pathFilter }, deps, signal)
      : [],
    callsOf({ ...question, filter: pathFilter }, path, since, deps),
  ]);
  return {
    ...{ lengths: lengthsOf(question), cells, path, pathFilter },
    ...{ beforePicoUsd: costOf(cells, 'before'), afterPicoUsd: costOf(cells, 'after') },
    drivers: ladder.map((key) => driversBy(key, cells, DRIVERS_SHOWN)),
    course: shownCourse(before, after),
    ...(since && { since }),
    sinceCells,
    ...(calls && { calls }),
    suggestions: savingSuggestions(cells, patterns, deps.prices, question.after.endMs - 1),
  };
}

function fromThenOn({ after }: WhyQuestion, { startMs }: ChangePoint): { readonly after: TimeRange } {
  return { after: { startMs, endMs: after.endMs } };
}

function allOf(...filters: readonly (ReportFilter | undefined)[]): ReportFilter {
  return { and: filters.filter((filter) => filter !== undefined) };
}

async function courseOf(range: TimeRange, question: WhyQuestion, deps: CallDeps): Promise<CostPoint[]> {
  const { filter, visible, book, zone, signal } = question;
  const lengthMs = range.endMs - range.startMs;
  const granularity = lengthMs <= QUARTERS_MAX_MS ? 'QUARTER_HOURLY' : lengthMs <= HOURS_MAX_MS ? 'HOURLY' : 'DAILY';
  const rows = await report(
    {
      ...{ range, granularity, groupBy: [], measures: ['cost'] },
      ...(zone && { timeZone: zone.name }),
      ...(filter && { filter }),
      ...(visible && { visible }),
      ...(book && { book }),
    },
    deps,
    signal,
  );
  return rows.map(({ bucketStartMs: startMs, costPicoUsd }) => ({ startMs, costPicoUsd }));
}

/** Hours, which are enough to be drawn; days where everything is put down at the beginning of days UTC, as bills do. */
function shownCourse(before: readonly CostPoint[], after: readonly CostPoint[]): Course {
  const used = [...before, ...after].filter(({ costPicoUsd }) => costPicoUsd !== 0n);
  const grain = used.length > 0 && used.every(({ startMs }) => startMs % DAY_MS === 0) ? 'day' : 'hour';
  const stepMs = grain === 'day' ? DAY_MS : HOUR_MS;
  return { grain, before: summed(before, stepMs), after: summed(after, stepMs) };
}

/** By steps from the first point on; points that are further apart stay what they are. */
function summed(points: readonly CostPoint[], stepMs: number): CostPoint[] {
  const startMs = points[0]?.startMs ?? 0;
  const steps = Map.groupBy(points, (point) => Math.floor((point.startMs - startMs) / stepMs));
  return [...steps.values()].map((own) => ({
    startMs: own[0]!.startMs,
    costPicoUsd: own.reduce((sum, { costPicoUsd }) => sum + costPicoUsd, 0n),
  }));
}

/** The costliest calls of the driver from the first bad hour on; where it cost less, there are none to look at. */
async function callsOf(
  { after, filter, visible, book, signal }: WhyQuestion,
  path: readonly Driver[],
  since: ChangePoint | undefined,
  deps: CallDeps,
): Promise<Why['calls']> {
  const isFall = path.length > 0 && changeOf(path.at(-1)!) < 0n;
  if (isFall || !since || !isLedger(book, deps) || !isAboutCalls(filter!, deps)) return undefined;
  const range = { startMs: since.startMs, endMs: Math.min(since.startMs + CALLS_MAX_MS, after.endMs) };
  const question = { range, filter: filter!, order: 'costliest' as const, limit: CALLS_SHOWN };
  const { events } = await findCalls({ ...question, ...(visible && { visible }) }, deps, signal);
  return { range, events };
}

/** How the calls of those looked that cost most in the later period; a bill knows none. */
async function patternsOf(
  cells: readonly ExplainedCell[],
  { after: range, visible, book, signal }: WhyQuestion,
  deps: CallDeps,
): Promise<CallPattern[]> {
  if (!isLedger(book, deps)) return [];
  const costs = [...Map.groupBy(cells, ({ subject }) => subject)]
    .filter(([subject]) => subject !== '' && !isPooled(subject))
    .map(([subject, own]) => ({ subject, cost: costOf(own, 'after') }))
    .filter(({ cost }) => cost > 0n)
    .sort((a, b) => (a.cost > b.cost ? -1 : 1));
  const subjects = costs.slice(0, PATTERN_SUBJECTS).map(({ subject }) => subject);
  if (subjects.length === 0) return [];
  const asked = { range, subjects, ...(visible && { visible }) };
  const rows = await deps.store.query<PatternRow>(compilePatterns(asked), signal);
  return rows.map((row) => callPattern(row, asked));
}

function isLedger(book: Book | undefined, { costCatalog }: CallDeps): boolean {
  return (book ?? costCatalog().books?.primary ?? 'ledger') === 'ledger';
}

function isAboutCalls(filter: ReportFilter, { costCatalog }: CallDeps): boolean {
  try {
    requireAboutCalls(filter, costCatalog());
    return true;
  } catch (error) {
    if (error instanceof Fault && error.code === 'QueryInvalid') return false;
    throw error;
  }
}
