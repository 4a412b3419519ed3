import type {
  CostDriver,
  GetCostComparisonDriversRequest,
  GetCostComparisonDriversResponse,
} from '@aws-sdk/client-cost-explorer';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import type { RecordType } from '../../rating/line-item.ts';
import { type ComparedCharge, costDrivers, type MonthAmounts } from '../../reports/cost-drivers.ts';
import type { Measure, ReportRow } from '../../reports/report-query.ts';
import {
  type ComparedGroup,
  comparedValue,
  compareMonths,
  differenceOf,
  isPageEnd,
  merged,
  pageOfGroups,
  selectorOf,
  sumOf,
} from './compared-months.ts';
import { type CostExplorerDeps, needs } from './cost-question.ts';
import { type Metric, metricOf } from './metric.ts';
import { PageTokens } from './page-token.ts';

/** AWS's largest; how many come without MaxResults is not published. */
const MAX_RESULTS = 10;
/** What a request without groups is grouped by; what AWS takes is not published. */
const DEFAULT_GROUPS = [{ Type: 'DIMENSION' as const, Key: 'SERVICE' }];

const USAGE = metricOf('UsageQuantity');
/** What drivers are made of. */
const CHARGE_KEYS = [{ dimension: 'usageType' as const }, { dimension: 'recordType' as const }];
const MEASURES: readonly Measure[] = ['cost', 'netCost', 'quantity', 'usage'];

/** A group with what it is made of: usage types and other charges. */
interface DrivenGroup extends ComparedGroup {
  readonly charges: readonly ComparedGroup[];
}

/** Why two months differ, group by group; the drivers of a group add up to its difference. */
export function getCostComparisonDrivers(
  deps: CostExplorerDeps,
): OperationHandler<GetCostComparisonDriversRequest, GetCostComparisonDriversResponse> {
  return {
    access: needs('GetCostComparisonDrivers'),
    run: async (call) => {
      const { input, caller } = call;
      const tokens = new PageTokens('GetCostComparisonDrivers', caller.accountId, input);
      const after = tokens.read(input.NextPageToken, isPageEnd);
      const detail = { defaultGroups: DEFAULT_GROUPS, finerKeys: CHARGE_KEYS, measures: MEASURES };
      const comparison = await compareMonths(call, deps, detail);
      const { metricName, metric, rows, columns } = comparison;
      const groups = grouped(rows, columns.length).filter((group) => differenceOf(metric, group) !== 0n);
      const { page, end } = pageOfGroups(groups, metric, after, input.MaxResults ?? MAX_RESULTS);
      return {
        CostComparisonDrivers: page.map((group) => ({
          CostSelector: selectorOf(comparison, group.keys)!,
          Metrics: { [metricName]: comparedValue(metric, group) },
          CostDrivers: metric === USAGE ? usageDrivers(group) : driversOf(group, metricName, metric),
        })),
        ...(end && { NextPageToken: tokens.write(end) }),
      };
    },
  };
}

function grouped(rows: readonly ComparedGroup[], groupKeys: number): DrivenGroup[] {
  const groups = Map.groupBy(rows, ({ keys }) => JSON.stringify(keys.slice(0, groupKeys)));
  return [...groups.values()].map((charges) => {
    return { keys: charges[0]!.keys.slice(0, groupKeys), ...merged(charges), charges };
  });
}

function driversOf({ charges }: DrivenGroup, metricName: string, metric: Metric): CostDriver[] {
  const ofUsage = new Map(charges.filter(isUsage).map((charge) => [usageTypeOf(charge), charge]));
  return costDrivers(charges.map(comparedCharge), metric.measure === 'netCost').map((driver) => {
    const { type, name, baselinePicoUsd, comparisonPicoUsd } = driver;
    const usage = type === 'USAGE_CHANGE' ? ofUsage.get(name) : undefined;
    return {
      Type: type,
      Name: name,
      Metrics: {
        [metricName]: {
          BaselineTimePeriodAmount: metric.text(baselinePicoUsd),
          ComparisonTimePeriodAmount: metric.text(comparisonPicoUsd),
          Difference: metric.text(comparisonPicoUsd - baselinePicoUsd),
          Unit: 'USD',
        },
        ...(usage && { UsageQuantity: comparedValue(USAGE, usage) }),
      },
    };
  });
}

/** Of usage there is but one reason: more or less of it. */
function usageDrivers({ charges }: DrivenGroup): CostDriver[] {
  const { page } = pageOfGroups(charges.filter(isUsage), USAGE, undefined, charges.length);
  return page
    .filter((charge) => differenceOf(USAGE, charge) !== 0n)
    .map((charge) => ({
      Type: 'USAGE_CHANGE',
      Name: usageTypeOf(charge),
      Metrics: { UsageQuantity: comparedValue(USAGE, charge) },
    }));
}

function comparedCharge(charge: ComparedGroup): ComparedCharge {
  return {
    usageType: usageTypeOf(charge),
    recordType: charge.keys.at(-1) as RecordType,
    baseline: amountsOf(charge.baseline),
    comparison: amountsOf(charge.comparison),
  };
}

function amountsOf(rows: readonly ReportRow[]): MonthAmounts {
  return {
    costPicoUsd: sumOf(rows, ({ costPicoUsd }) => costPicoUsd),
    netCostPicoUsd: sumOf(rows, ({ netCostPicoUsd }) => netCostPicoUsd),
    quantity: sumOf(rows, ({ quantity }) => quantity),
  };
}

function usageTypeOf({ keys }: ComparedGroup): string {
  return keys.at(-2)!;
}

function isUsage({ keys }: ComparedGroup): boolean {
  return keys.at(-1) === 'Usage';
}
