import { readFileSync } from 'node:fs';
import { Fault } from '../kernel/fault.ts';
import { isoSeconds } from '../kernel/time.ts';
import { readKnownRange, sayRange } from './known-range.ts';
import { readKey, wireKey } from './report/report-key.ts';
import { type Column, formatTable } from './table.ts';
import type { RangeOptions } from './time-range.ts';
import type { VerbParts } from './verb-parts.ts';

interface ImportOptions {
  readonly data: string;
  readonly unit?: string;
  readonly by?: string;
  readonly monthly?: boolean;
}

interface UnitCostOptions extends RangeOptions {
  readonly data: string;
  readonly every?: string;
  readonly asOf?: string;
  readonly json?: boolean;
}

interface Metric {
  readonly Name: string;
  readonly Unit: string;
  readonly Grain: string;
  readonly By?: { readonly Type: string; readonly Key: string };
  readonly Values?: number;
  readonly First?: string;
  readonly Last?: string;
}

interface UnitCostRow {
  readonly Start: string;
  readonly Key: string;
  readonly IsTotal?: boolean;
  readonly CoveredCostUsd: string;
  readonly Units?: string;
  readonly UnitCostUsd?: string;
  readonly MarginalUsd?: string;
  readonly Periods: number;
  readonly CoveredPeriods: number;
}

interface UnitCostAnswer {
  readonly Metric: Metric;
  readonly Rows: readonly UnitCostRow[];
  readonly Changes: readonly {
    readonly Key: string;
    readonly IsTotal?: boolean;
    readonly PreviousUnitCostUsd: string;
    readonly UnitCostUsd: string;
    readonly ByCostUsd: string;
    readonly ByUnitsUsd: string;
  }[];
}

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });
const METRIC_COLUMNS = [
  left('metric'),
  left('unit'),
  left('by'),
  left('grain'),
  right('values'),
  left('first'),
  left('last'),
];
const COST_COLUMNS = [
  ...[left('from'), left('key'), right('cost USD'), right('units'), right('USD per unit'), right('USD per unit more')],
  right('days or months with both'),
];
/** The row of all keys. */
const ALL = '(all)';
const CHANGE_COLUMNS = [left('key'), right('before'), right('now'), right('by cost'), right('by units')];

/** `tallyline metrics import | list | delete`, `tallyline unit-cost`. */
export function metricVerbs({ program, verb, client, print, now }: VerbParts): void {
  const metrics = program.command('metrics').description('business metrics: what spend is divided by');
  verb('import <name> <file>', 'values from a CSV file: period,value or period,key,value', metrics)
    .option('--unit <unit>', 'make the metric first; one of what is counted: ticket')
    .option('--by <key>', 'what its keys are: membership:team, tag:team, principal, ...')
    .option('--monthly', 'its values are of months, not of days')
    .action(async (name: string, file: string, options: ImportOptions) => {
      if (options.unit !== undefined) {
        await client(options).call('PutBusinessMetric', {
          ...{ Name: name, Unit: options.unit, Grain: options.monthly ? 'MONTH' : 'DAY' },
          ...(options.by !== undefined && { By: wireKey(readKey(options.by)) }),
        });
      }
      const input = { Name: name, Csv: readText(file) };
      const answer = await client(options).call<{ Added: number; Replaced: number }>('PutBusinessMetricValues', input);
      print(`${answer.Added} values added, ${answer.Replaced} replaced`);
    });
  verb('list', 'the metrics', metrics)
    .option('--json', 'JSON')
    .action(async (options: { data: string; json?: boolean }) => {
      const { Metrics } = await client(options).call<{ Metrics: Metric[] }>('ListBusinessMetrics', {});
      if (options.json) return print(JSON.stringify(Metrics, null, 2));
      if (Metrics.length === 0) return print('no metrics');
      const rows = Metrics.map(({ Name, Unit, By, Grain, Values = 0, First = '', Last = '' }) => {
        return [Name, Unit, By ? `${By.Type} ${By.Key}` : '', Grain, String(Values), First, Last];
      });
      print(formatTable(METRIC_COLUMNS, rows));
    });
  verb('delete <name>', 'a metric with its values', metrics).action(async (name: string, options: { data: string }) => {
    await client(options).call('DeleteBusinessMetric', { Name: name });
    print(`deleted ${name}`);
  });
  verb('unit-cost <metric>', 'what one unit of a business metric cost, and why that changed')
    .option('--every <time>', 'day, month or total (default: total)', 'total')
    .option('--as-of <time>', 'whose structure memberships are read by: was (default), is, or an instant')
    .option('--from <time>', 'from this date (UTC) on (default: start of the month)')
    .option('--to <time>', 'before it')
    .option('--last <time>', 'the last days: 30d')
    .option('--month <month>', 'one month: 2026-05')
    .option('--json', 'JSON')
    .action(async (metric: string, options: UnitCostOptions) => {
      const range = await readKnownRange(client(options), options, { nowMs: now() });
      const answer = await client(options).call<UnitCostAnswer>('GetUnitCosts', {
        ...{
          Name: metric,
          Start: isoSeconds(range.startMs),
          End: isoSeconds(range.endMs),
          Granularity: granularityOf(options.every),
        },
        ...(options.asOf !== undefined && { AsOf: options.asOf.toUpperCase() }),
      });
      if (options.json) return print(JSON.stringify(answer, null, 2));
      sayRange(range, print);
      print(unitCostText(answer));
    });
}

const GRANULARITIES: Readonly<Record<string, string>> = { day: 'DAILY', month: 'MONTHLY', total: 'TOTAL' };

function granularityOf(every = 'total'): string {
  const granularity = GRANULARITIES[every];
  if (granularity) return granularity;
  throw new Fault('QueryInvalid', `--every \`${every}\` is not valid: use day, month or total`);
}

function unitCostText({ Metric: { Unit }, Rows, Changes }: UnitCostAnswer): string {
  if (Rows.length === 0) return 'no whole day or month in this range';
  const nameOf = ({ Key, IsTotal }: { readonly Key: string; readonly IsTotal?: boolean }) =>
    IsTotal ? ALL : Key || '(none)';
  // What is never counted is named once, and not in every day.
  const counted = new Set(Rows.flatMap((row) => (row.Units === undefined ? [] : [nameOf(row)])));
  const uncounted = [...new Set(Rows.map(nameOf))].filter((name) => !counted.has(name) && name !== ALL);
  const rows = Rows.filter((row) => row.IsTotal || counted.has(nameOf(row))).map((row) => [
    ...[row.Start.slice(0, 10), nameOf(row), row.CoveredCostUsd, row.Units ?? 'missing', row.UnitCostUsd ?? '-'],
    ...[row.MarginalUsd ?? '-', `${row.CoveredPeriods} of ${row.Periods}`],
  ]);
  const changes = Changes.map((change) => [
    ...[nameOf(change), change.PreviousUnitCostUsd, change.UnitCostUsd, change.ByCostUsd, change.ByUnitsUsd],
  ]);
  const why = changes.length > 0 ? `\n\nbeside the time before\n\n${formatTable(CHANGE_COLUMNS, changes)}` : '';
  const others = uncounted.length > 0 ? `\n\nwithout a count, and in no figure: ${uncounted.join(', ')}` : '';
  return `a unit is one ${Unit}; costs are of days or months with a count\n\n${formatTable(COST_COLUMNS, rows)}${others}${why}`;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Fault('NotFound', `\`${file}\` cannot be read; name a CSV file`);
  }
}
