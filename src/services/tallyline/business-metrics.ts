import {
  type BusinessMetric,
  type MetricLineError,
  type MetricValue,
  periodRange,
  readMetricCsv,
  readMetricValue,
} from '../../allocation/business-metric.ts';
import type { BusinessMetricRegistry } from '../../allocation/business-metric-registry.ts';
import { Fault } from '../../kernel/fault.ts';
import { formatUsd } from '../../kernel/money.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import type { ReportDeps } from '../../paths/report-path.ts';
import { type PageInput, type PageManner, resultPage } from '../../paths/result-page.ts';
import { type UnitCostQuestion, unitCostReport } from '../../paths/unit-cost-path.ts';
import { ALL_KEYS, marginal, perUnit, type UnitCost } from '../../reports/unit-economics.ts';
import { managementOnly } from './management-only.ts';
import { readAsOf, readFilter, readGroupKey, readRange, type WireGroupKey } from './report-input.ts';

export interface BusinessMetricParts extends ReportDeps {
  readonly businessMetrics: BusinessMetricRegistry;
  readonly managementAccountId: string;
}

interface PutInput {
  readonly Name: string;
  readonly Unit: string;
  readonly Grain?: BusinessMetric['grain'];
  readonly By?: WireGroupKey;
}

interface ValuesInput {
  readonly Name: string;
  readonly Values?: readonly { readonly Period: string; readonly Key?: string; readonly Value: string }[];
  readonly Csv?: string;
}

interface UnitCostsInput {
  readonly Name: string;
  readonly Start: Date;
  readonly End: Date;
  readonly Granularity?: UnitCostQuestion['granularity'];
  readonly Filter?: unknown;
  readonly AsOf?: string;
}

/** Errors of a file that its refusal lists. */
const LISTED_ERRORS = 10;

const PAGE: PageManner = {
  size: 1_000,
  invalidToken: () => new Fault('InvalidNextTokenException', 'the token is not one of a page'),
};

/** Business metrics: what spend is divided by. */
export function businessMetricOperations({
  businessMetrics,
  managementAccountId,
}: BusinessMetricParts): OperationTable {
  const ofManagement = managementOnly(managementAccountId, 'has business metrics');
  return {
    PutBusinessMetric: ofManagement<PutInput>('PutBusinessMetric', async ({ input }) => {
      const { Name: name, Unit: unit, Grain: grain = 'DAY', By: by } = input;
      const metric = { name, unit, grain, ...(by && { by }) };
      await businessMetrics.put(metric);
      return { Metric: wireMetric(metric) };
    }),
    ListBusinessMetrics: ofManagement('ListBusinessMetrics', () => ({
      Metrics: businessMetrics.all().map((metric) => {
        const values = businessMetrics.values(metric.name);
        const [first, last] = [values[0], values.at(-1)];
        return {
          ...wireMetric(metric),
          Values: values.length,
          ...(first && last && { First: first.period, Last: last.period }),
        };
      }),
    })),
    DeleteBusinessMetric: ofManagement<{ readonly Name: string }>('DeleteBusinessMetric', async ({ input }) => {
      await businessMetrics.delete(input.Name);
      return {};
    }),
    PutBusinessMetricValues: ofManagement<ValuesInput>('PutBusinessMetricValues', async ({ input }) => {
      const values = readValues(businessMetrics.metric(input.Name), input);
      const added = await businessMetrics.putValues(input.Name, values);
      return { Added: added, Replaced: values.length - added };
    }),
    ListBusinessMetricValues: ofManagement<
      PageInput & { readonly Name: string; readonly Start?: Date; readonly End?: Date }
    >('ListBusinessMetricValues', ({ input }) => {
      const metric = businessMetrics.metric(input.Name);
      const found = businessMetrics.values(input.Name).filter(({ period }) => {
        const { startMs, endMs } = periodRange(metric, period);
        return endMs > (input.Start?.getTime() ?? 0) && startMs < (input.End?.getTime() ?? Number.POSITIVE_INFINITY);
      });
      const { items, rest } = resultPage(found, ({ period, key }) => `${period}\n${key}`, input, PAGE);
      return {
        Values: items.map(({ period, key, picoUnits }) => ({ Period: period, Key: key, Value: formatUsd(picoUnits) })),
        ...rest,
      };
    }),
  };
}

/** GetUnitCosts: what one unit of a metric cost, over time and by its key. */
export function getUnitCosts(parts: BusinessMetricParts): OperationHandler<UnitCostsInput, unknown> {
  const { businessMetrics } = parts;
  return managementOnly(parts.managementAccountId, 'has business metrics')<UnitCostsInput>(
    'GetUnitCosts',
    async ({ input, request }) => {
      const metric = businessMetrics.metric(input.Name);
      const question: UnitCostQuestion = {
        ...{ metric, values: businessMetrics.values(metric.name), range: readRange(input) },
        key: metric.by && readGroupKey(metric.by),
        granularity: input.Granularity ?? (metric.grain === 'DAY' ? 'DAILY' : 'MONTHLY'),
        filter: input.Filter === undefined ? undefined : readFilter(input.Filter),
        asOf: input.AsOf === undefined ? undefined : readAsOf(input.AsOf),
      };
      const { rows, changes } = await unitCostReport(question, parts, request.client.gone);
      const last = new Map<string, UnitCost>();
      return {
        Metric: wireMetric(metric),
        Rows: rows.map((row) => {
          const before = last.get(row.key);
          if (row.picoUnits !== undefined) last.set(row.key, row);
          return wireRow(row, before);
        }),
        Changes: changes.map(({ key, beforePicoUsd, afterPicoUsd, byCostPicoUsd, byUnitsPicoUsd }) => ({
          ...wireKey(key),
          ...{ PreviousUnitCostUsd: formatUsd(beforePicoUsd), UnitCostUsd: formatUsd(afterPicoUsd) },
          ...{ ByCostUsd: formatUsd(byCostPicoUsd), ByUnitsUsd: formatUsd(byUnitsPicoUsd) },
        })),
      };
    },
  );
}

function readValues(metric: BusinessMetric, { Values = [], Csv }: ValuesInput): readonly MetricValue[] {
  if (Csv === undefined) {
    return Values.map(({ Period: period, Key: key = '', Value: value }) =>
      readMetricValue(metric, { period, key, value }),
    );
  }
  const { values, errors } = readMetricCsv(metric, Csv);
  if (errors.length > 0) throw unreadable(errors);
  return values;
}

function unreadable(errors: readonly MetricLineError[]): Fault {
  const lines = errors.slice(0, LISTED_ERRORS).map(({ line, message }) => `line ${line}: ${message}`);
  const more = errors.length > LISTED_ERRORS ? `; and ${errors.length - LISTED_ERRORS} more` : '';
  return new Fault('ValidationException', `nothing was imported. ${lines.join('; ')}${more}`);
}

function wireMetric({ name, unit, grain, by }: BusinessMetric): object {
  return { Name: name, Unit: unit, Grain: grain, ...(by && { By: by }) };
}

function wireRow(row: UnitCost, before: UnitCost | undefined): object {
  const unitCost = perUnit(row);
  const more = before && marginal(before, row);
  return {
    ...{ Start: new Date(row.startMs), End: new Date(row.endMs), ...wireKey(row.key) },
    ...{ CostUsd: formatUsd(row.costPicoUsd), CoveredCostUsd: formatUsd(row.coveredPicoUsd) },
    ...(row.picoUnits !== undefined && { Units: formatUsd(row.picoUnits) }),
    ...(unitCost !== undefined && { UnitCostUsd: formatUsd(unitCost) }),
    ...(more !== undefined && { MarginalUsd: formatUsd(more) }),
    ...{ Periods: row.periods, CoveredPeriods: row.coveredPeriods },
  };
}

function wireKey(key: string): object {
  return key === ALL_KEYS ? { Key: '', IsTotal: true } : { Key: key };
}
