import { versionAt } from '../allocation/cost-category.ts';
import { type SplitCost, splitCharges } from '../allocation/split-charges.ts';
import { Fault } from '../kernel/fault.ts';
import type { PicoUsd } from '../kernel/money.ts';
import { billingPeriodEndMs, billingPeriodOf, billingPeriodStartMs } from '../kernel/time.ts';
import { type ReportDeps, report } from './report-path.ts';

export interface SplitQuestion {
  readonly costCategory: string;
  /** Billing periods such as `2026-05`, the last one included. */
  readonly firstPeriod: string;
  readonly lastPeriod: string;
}

/** One value of the cost category in one billing period. */
export interface SplitRow extends SplitCost {
  readonly period: string;
  /** Empty: what has no value. */
  readonly value: string;
  readonly totalPicoUsd: PicoUsd;
}

const MAX_PERIODS = 36;

/**
 * The split charges of a cost category: costs by value and billing month > shared out by the rules of that month. The month is
 * the unit whatever is asked, because shares in proportion to costs differ between a month and its days: so any months sum to
 * what each of them says. Throws ResourceNotFoundException for a category that says nothing about the periods.
 */
export async function splitReport(
  { costCategory, firstPeriod, lastPeriod }: SplitQuestion,
  deps: ReportDeps,
  signal?: AbortSignal,
): Promise<SplitRow[]> {
  const range = { startMs: billingPeriodStartMs(firstPeriod), endMs: billingPeriodEndMs(lastPeriod) };
  if (!(range.startMs < range.endMs))
    throw new Fault('QueryInvalid', 'the first billing period must not be after the last');
  if (periodsOf(range.startMs, range.endMs) > MAX_PERIODS) {
    throw new Fault('QueryInvalid', `ask for at most ${MAX_PERIODS} billing periods`);
  }
  const catalog = deps.costCatalog();
  const versions = catalog.categories.get(costCategory) ?? [];
  if (!versions.some(({ fromMs, toMs = Number.POSITIVE_INFINITY }) => fromMs < range.endMs && toMs > range.startMs)) {
    throw new Fault(
      'ResourceNotFoundException',
      `there is no cost category \`${costCategory}\` in these billing periods`,
    );
  }
  const groupBy = [{ costCategory }];
  const rows = await report(
    { range, granularity: 'MONTHLY', groupBy, measures: ['cost'] },
    { ...deps, costCatalog: () => catalog },
    signal,
  );
  return [...Map.groupBy(rows, ({ bucketStartMs }) => bucketStartMs)].flatMap(([monthMs, ofMonth]) => {
    const costs = new Map(ofMonth.map(({ keys, costPicoUsd }) => [keys[0]!, costPicoUsd]));
    const split = splitCharges(costs, versionAt(versions, monthMs)?.splitChargeRules ?? []);
    return [...split].map(([value, cost]): SplitRow => {
      const totalPicoUsd = cost.costPicoUsd + cost.allocatedInPicoUsd - cost.allocatedOutPicoUsd;
      return { period: billingPeriodOf(monthMs), value, ...cost, totalPicoUsd };
    });
  });
}

function periodsOf(startMs: number, endMs: number): number {
  const [start, end] = [new Date(startMs), new Date(endMs)];
  return (end.getUTCFullYear() - start.getUTCFullYear()) * 12 + end.getUTCMonth() - start.getUTCMonth();
}
