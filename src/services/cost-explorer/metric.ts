import type { MetricValue } from '@aws-sdk/client-cost-explorer';
import { formatUsdRounded } from '../../kernel/money.ts';
import { PRICING_UNIT } from '../../rating/usage-type.ts';
import type { Measure, ReportRow } from '../../reports/report-query.ts';
import { invalid } from './invalid.ts';

/** How a metric is made from a row. Usage here has no reservations or plans, so that amortized, blended and unblended are one amount; net is after discounts. */
interface Metric {
  readonly measure: Measure;
  readonly value: (row: ReportRow) => MetricValue;
}

const COST: Metric = { measure: 'cost', value: ({ costPicoUsd }) => ({ Amount: usdAmount(costPicoUsd), Unit: 'USD' }) };
const NET: Metric = {
  measure: 'netCost',
  value: ({ netCostPicoUsd }) => ({ Amount: usdAmount(netCostPicoUsd), Unit: 'USD' }),
};
const USAGE: Metric = { measure: 'quantity', value: ({ quantity }) => usageQuantity(quantity) };
/** Defined for instance hours alone. */
const NORMALIZED: Metric = { measure: 'quantity', value: () => ({ Amount: '0', Unit: 'N/A' }) };

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

export function metricValues(names: readonly string[], row: ReportRow): Record<string, MetricValue> {
  return Object.fromEntries(names.map((name) => [name, METRICS[name]!.value(row)]));
}

/**
 * The only place where Cost Explorer rounds: AWS prints up to ten fraction digits, we keep twelve. Half away from zero,
 * each amount by itself, so printed groups may differ from their printed total by 0.5e-10 USD a group.
 */
function usdAmount(costPicoUsd: bigint): string {
  return withoutTrailingZeros(formatUsdRounded(costPicoUsd, 10));
}

/** All usage is billed by one unit, so it is never mixed; AWS writes `N/A` where there is no usage. */
function usageQuantity(tokens: bigint): MetricValue {
  const { name, tokens: unit } = PRICING_UNIT;
  const fraction = (tokens % unit).toString().padStart(unit.toString().length - 1, '0');
  return { Amount: withoutTrailingZeros(`${tokens / unit}.${fraction}`), Unit: tokens === 0n ? 'N/A' : name };
}

/** Of a number with a fraction. */
function withoutTrailingZeros(decimal: string): string {
  return decimal.replace(/\.?0+$/, '');
}

function upperName(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}
