import type { MetricValue } from '@aws-sdk/client-cost-explorer';
import { formatUsd, formatUsdRounded } from '../../kernel/money.ts';
import type { Measure, ReportRow } from '../../reports/report-query.ts';
import { invalid } from './invalid.ts';

/** How a metric is made from a row. Amounts are exact integers: 1e-12 USD, or millionths of a unit of usage. */
export interface Metric {
  readonly measure: Measure;
  readonly amount: (row: ReportRow) => bigint;
  readonly text: (amount: bigint) => string;
  /** Of all rows together. */
  readonly unit: (rows: readonly ReportRow[]) => string;
}

const USD = { text: usdAmount, unit: () => 'USD' };
/** No reservations and no plans: amortized, blended and unblended are one amount; net is after discounts. */
const COST: Metric = { ...USD, measure: 'cost', amount: ({ costPicoUsd }) => costPicoUsd };
const NET: Metric = { ...USD, measure: 'netCost', amount: ({ netCostPicoUsd }) => netCostPicoUsd };
const USAGE: Metric = {
  measure: 'usage',
  amount: ({ usage }) => usage!.microUnits,
  text: (microUnits) => formatUsd(microUnits * PICO_PER_MICRO),
  unit: unitOfUsage,
};
/** Defined for instance hours alone. */
const NORMALIZED: Metric = { measure: 'quantity', amount: () => 0n, text: () => '0', unit: () => 'N/A' };

const PICO_PER_MICRO = 1_000_000n;

/** By the name that answers carry. */
const METRICS: Readonly<Record<string, Metric>> = {
  AmortizedCost: COST,
  BlendedCost: COST,
  NetAmortizedCost: NET,
  NetUnblendedCost: NET,
  NormalizedUsageAmount: NORMALIZED,
  UnblendedCost: COST,
  UsageQuantity: USAGE,
};

/** `UNBLENDED_COST`, which AWS takes too and lists in its message, to `UnblendedCost`. */
const BY_UPPER_NAME = new Map(Object.keys(METRICS).map((name) => [upperName(name), name]));

/** Names as in answers, each once. Throws ValidationException for a name that is none. */
export function metricNames(requested: readonly string[]): string[] {
  if (requested.length === 0) throw invalid('Metrics must not be empty.');
  const names = requested.map((name) => {
    const known = Object.hasOwn(METRICS, name) ? name : BY_UPPER_NAME.get(name);
    if (!known) throw invalid(`Metric ${name} is invalid. Valid values are ${[...BY_UPPER_NAME.keys()].join(', ')}`);
    return known;
  });
  return [...new Set(names)];
}

export function measuresOf(names: readonly string[]): Measure[] {
  return [...new Set(names.map((name) => METRICS[name]!.measure))];
}

/** By one of the names that `metricNames` gives. */
export function metricOf(name: string): Metric {
  return METRICS[name]!;
}

export function metricValues(names: readonly string[], row: ReportRow): Record<string, MetricValue> {
  return Object.fromEntries(
    names.map((name) => {
      const { amount, text, unit } = metricOf(name);
      return [name, { Amount: text(amount(row)), Unit: unit([row]) }];
    }),
  );
}

/**
 * The only place where Cost Explorer rounds: AWS prints up to ten fraction digits, we keep twelve. Half away from zero,
 * each amount by itself, so printed groups may differ from their printed total by 0.5e-10 USD a group.
 */
export function usdAmount(costPicoUsd: bigint): string {
  return formatUsdRounded(costPicoUsd, 10).replace(/\.?0+$/, '');
}

/** `N/A` where units are mixed, and where nothing was used. */
function unitOfUsage(rows: readonly ReportRow[]): string {
  const units = new Set(rows.filter(({ usage }) => usage!.microUnits !== 0n).map(({ usage }) => usage!.unit));
  return (units.size === 1 && [...units][0]) || 'N/A';
}

function upperName(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}
