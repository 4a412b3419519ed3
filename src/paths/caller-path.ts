import { BUCKET_MS, bucketStartMs, DAY_MS } from '../kernel/time.ts';
import type { TimeZone } from '../kernel/time-zone.ts';
import { type CostDriver, costDrivers, type MonthAmounts } from '../reports/cost-drivers.ts';
import type { Measure, ReportRow } from '../reports/report-query.ts';
import { type ReportDeps, report } from './report-path.ts';

/** What somebody spent since an instant. */
export interface CallerSpend {
  readonly fromMs: number;
  readonly costPicoUsd: bigint;
  readonly tokens: bigint;
  readonly requests: bigint;
  readonly unpricedTokens: bigint;
}

export interface SpendOverview {
  readonly today: CallerSpend;
  readonly monthToDate: CallerSpend;
  /** Whole days of the zone, today among them. */
  readonly last30Days: CallerSpend;
  /** Of the thirty days, the most expensive first. */
  readonly models: readonly (CallerSpend & { readonly modelId: string })[];
}

/** One model's cost in the latest seven days and in the seven before. */
export interface ModelChange {
  readonly modelId: string;
  readonly costPicoUsd: bigint;
  readonly previousPicoUsd: bigint;
  readonly drivers: readonly CostDriver[];
}

export interface WeekOverview {
  readonly fromMs: number;
  readonly previousFromMs: number;
  /** Those whose cost rose, the steepest rise first. */
  readonly risers: readonly ModelChange[];
  readonly costPicoUsd: bigint;
  readonly previousPicoUsd: bigint;
}

/** Whose spend is asked for. Every question here is about one principal alone. */
interface Question {
  readonly principalArn: string;
  readonly nowMs: number;
  readonly signal?: AbortSignal;
}

const DAYS = 30;
const WEEK_MS = 7 * DAY_MS;
const RISERS_MAX = 10;
const MEASURES: readonly Measure[] = ['cost', 'quantity', 'requests', 'unpricedQuantity'];

/** What the principal spent today, this month and in thirty days, by days and months of the zone. */
export async function spendOverview(
  { principalArn, nowMs, signal }: Question,
  zone: TimeZone,
  deps: ReportDeps,
): Promise<SpendOverview> {
  const { year, month, day } = zone.dateOf(nowMs);
  const todayMs = zone.dayStartMs(year, month, day);
  const monthMs = zone.dayStartMs(year, month, 1);
  const firstMs = zone.dayStartMs(year, month, day - DAYS + 1);
  const query = {
    range: { startMs: Math.min(monthMs, firstMs), endMs: openEndMs(nowMs) },
    granularity: 'DAILY' as const,
    timeZone: zone.name,
    groupBy: [{ dimension: 'model' as const }],
    filter: ownFilter(principalArn),
    measures: MEASURES,
  };
  const rows = await report(query, deps, signal);
  const since = (fromMs: number, of: readonly ReportRow[] = rows) =>
    spendOf(
      of.filter((row) => row.bucketStartMs >= fromMs),
      fromMs,
    );
  const byModel = [...Map.groupBy(rows, ({ keys }) => keys[0]!)].map(([modelId, own]) => ({
    modelId,
    ...since(firstMs, own),
  }));
  return {
    today: since(todayMs),
    monthToDate: since(monthMs),
    last30Days: since(firstMs),
    models: byModel
      .filter(({ requests }) => requests > 0n)
      .sort((a, b) => largestFirst(a.costPicoUsd, b.costPicoUsd, a.modelId, b.modelId)),
  };
}

/** Which models cost the principal more than a week ago, and why. */
export async function weekOverview({ principalArn, nowMs, signal }: Question, deps: ReportDeps): Promise<WeekOverview> {
  const endMs = openEndMs(nowMs);
  const [fromMs, previousFromMs] = [endMs - WEEK_MS, endMs - 2 * WEEK_MS];
  const week = (startMs: number) => {
    const range = { startMs, endMs: startMs + WEEK_MS };
    const groupBy = [{ dimension: 'model' as const }, { dimension: 'usageType' as const }];
    return report(
      { range, granularity: 'TOTAL', groupBy, filter: ownFilter(principalArn), measures: MEASURES },
      deps,
      signal,
    );
  };
  const [previous, latest] = await Promise.all([week(previousFromMs), week(fromMs)]);
  const modelIds = new Set([...previous, ...latest].map(({ keys }) => keys[0]!));
  const changes = [...modelIds].map((modelId) => changeOf(modelId, previous, latest));
  const risers = changes
    .filter(({ costPicoUsd, previousPicoUsd }) => costPicoUsd > previousPicoUsd)
    .sort((a, b) => largestFirst(riseOf(a), riseOf(b), a.modelId, b.modelId));
  return {
    fromMs,
    previousFromMs,
    risers: risers.slice(0, RISERS_MAX),
    costPicoUsd: costOf(latest),
    previousPicoUsd: costOf(previous),
  };
}

function changeOf(modelId: string, previous: readonly ReportRow[], latest: readonly ReportRow[]): ModelChange {
  const [before, after] = [previous, latest].map((rows) => rows.filter(({ keys }) => keys[0] === modelId)) as [
    ReportRow[],
    ReportRow[],
  ];
  const usageTypes = new Set([...before, ...after].map(({ keys }) => keys[1]!));
  const charges = [...usageTypes].map((usageType) => {
    const amounts = (rows: readonly ReportRow[]) => amountsOf(rows.filter(({ keys }) => keys[1] === usageType));
    return { usageType, recordType: 'Usage' as const, baseline: amounts(before), comparison: amounts(after) };
  });
  return {
    modelId,
    costPicoUsd: costOf(after),
    previousPicoUsd: costOf(before),
    drivers: costDrivers(charges, false),
  };
}

/** Charges that are no usage name no principal, so that these are calls alone. */
function ownFilter(principalArn: string) {
  return { key: { dimension: 'principal' as const }, equalsAny: [principalArn] };
}

function spendOf(rows: readonly ReportRow[], fromMs: number): CallerSpend {
  return {
    fromMs,
    costPicoUsd: costOf(rows),
    tokens: rows.reduce((sum, { quantity }) => sum + quantity, 0n),
    requests: rows.reduce((sum, { requests }) => sum + requests, 0n),
    unpricedTokens: rows.reduce((sum, { unpricedQuantity }) => sum + unpricedQuantity, 0n),
  };
}

function amountsOf(rows: readonly ReportRow[]): MonthAmounts {
  const { costPicoUsd, tokens } = spendOf(rows, 0);
  return { costPicoUsd, netCostPicoUsd: costPicoUsd, quantity: tokens };
}

function costOf(rows: readonly ReportRow[]): bigint {
  return rows.reduce((sum, { costPicoUsd }) => sum + costPicoUsd, 0n);
}

function riseOf({ costPicoUsd, previousPicoUsd }: ModelChange): bigint {
  return costPicoUsd - previousPicoUsd;
}

function largestFirst(a: bigint, b: bigint, nameA: string, nameB: string): number {
  if (a !== b) return a > b ? -1 : 1;
  return nameA < nameB ? -1 : 1;
}

/** The end of the quarter hour that runs now: what is in the ledger already counts. */
function openEndMs(nowMs: number): number {
  return bucketStartMs(nowMs) + BUCKET_MS;
}
