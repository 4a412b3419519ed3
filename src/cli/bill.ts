import { Option } from 'commander';
import { billingPeriodOf, isoSeconds } from '../kernel/time.ts';
import type { TallylineClient } from './client.ts';
import { type KnownRange, presentOf, readKnownRange, sayRange } from './known-range.ts';
import { collect } from './repeated-option.ts';
import { readFilter } from './report/report-key.ts';
import { type Column, formatCsv, formatTable } from './table.ts';
import { type RangeOptions, readRange } from './time-range.ts';
import type { VerbParts } from './verb-parts.ts';

interface BillOptions extends RangeOptions {
  readonly data: string;
  readonly filter?: readonly string[];
  readonly all?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
}

interface UnitCost {
  readonly ModelId: string;
  readonly Meter: string;
  readonly Route: string;
  readonly Tier: string;
  readonly Context: string;
  readonly Region: string;
  readonly Unit: string;
  readonly CostUsd: string;
  readonly UnitCostUsd?: string;
  readonly NetUnitCostUsd?: string;
  readonly ListUnitCostUsd?: string;
  readonly Ratio?: string;
  readonly DifferenceUsd: string;
  readonly Verdict: string;
}

interface UnitCosts {
  readonly UnitCosts: readonly UnitCost[];
  readonly CostUsd: string;
  readonly DifferenceUsd: string;
  readonly UnlistedUsd: string;
}

interface UnrecognisedType {
  readonly UsageType: string;
  readonly Service: string;
  readonly Operation: string;
  readonly Unread: readonly { readonly Part: string; readonly Text: string }[];
  readonly Rows: string;
  readonly CostUsd: string;
  readonly Descriptions: readonly string[];
}

interface Unrecognised {
  readonly UsageTypes: readonly UnrecognisedType[];
  readonly Rows: string;
  readonly CostUsd: string;
  readonly AllRows: string;
  readonly AllUsd: string;
}

const UNIT_COST_COLUMNS: readonly Column[] = [
  ...['model', 'meter', 'route', 'tier', 'region', 'per'].map((title) => ({ title, align: 'left' }) as const),
  ...['billed USD', 'net USD', 'list USD', 'ratio', 'cost USD', 'over list USD'].map(
    (title) => ({ title, align: 'right' }) as const,
  ),
  { title: 'verdict', align: 'left' },
];

const UNRECOGNISED_COLUMNS: readonly Column[] = [
  { title: 'usage type', align: 'left' },
  { title: 'service', align: 'left' },
  { title: 'operation', align: 'left' },
  { title: 'not understood', align: 'left' },
  { title: 'rows', align: 'right' },
  { title: 'cost USD', align: 'right' },
  { title: 'example', align: 'left' },
];

/** `tallyline bill`: what imported bills say of prices, and what of them was not understood. */
export function billVerbs({ verb, program, client, print, now }: VerbParts): void {
  const bill = program.command('bill').description('what imported bills say');
  const ranged = (name: string, description: string) =>
    verb(name, description, bill)
      .option('--from <time>', 'usage from this date (UTC) or instant on')
      .option('--to <time>', 'before this one (default: now)')
      .option('--last <time>', 'the last hours or days: 36h, 7d')
      .option('--month <month>', 'one month: 2026-05 (default: the latest that was billed)')
      .addOption(new Option('--json', 'JSON').conflicts('csv'))
      .option('--csv', 'CSV');
  ranged('unit-costs', 'what a million tokens cost on the bill, beside the price book')
    .option('--filter <key=value>', 'keep only; repeat to narrow; KEY!=VALUE to exclude', collect, [])
    .option('--all', 'also what is billed as listed')
    .action((options: BillOptions) => unitCosts(client(options), options, now(), print));
  ranged('unrecognised', 'usage types that were not understood, with rows, cost and examples').action(
    (options: BillOptions) => unrecognised(client(options), options, now(), print),
  );
}

async function askedRange(client: TallylineClient, options: BillOptions, nowMs: number): Promise<KnownRange> {
  const { from, to, last, month } = options;
  const isAsked = [from, to, last, month].some((one) => one !== undefined);
  return isAsked ? readKnownRange(client, options, { nowMs, book: 'bill' }) : latestMonth(client, nowMs);
}

function wireRange({ startMs, endMs }: KnownRange): object {
  return { Start: isoSeconds(startMs), End: isoSeconds(endMs) };
}

async function latestMonth(client: TallylineClient, nowMs: number): Promise<KnownRange> {
  const { atMs, ended } = await presentOf(client, { nowMs, book: 'bill' });
  const note = ended === undefined ? '' : ', the latest month of the imported bill';
  return { ...readRange({ month: billingPeriodOf(atMs) }, nowMs), note };
}

async function unitCosts(
  client: TallylineClient,
  options: BillOptions,
  nowMs: number,
  print: (text: string) => void,
): Promise<void> {
  const range = await askedRange(client, options, nowMs);
  const answer = await client.call<UnitCosts>('GetBilledUnitCosts', {
    ...wireRange(range),
    ...(options.filter?.length && { Filter: { and: options.filter.map(readFilter) } }),
  });
  if (options.json) return print(JSON.stringify(answer, null, 2));
  const shown = answer.UnitCosts.filter(({ Verdict }) => options.all || options.csv || Verdict !== 'as listed');
  const rows = shown.map((cost) => [
    cost.ModelId,
    cost.Context === 'long_context' ? `${cost.Meter}, long context` : cost.Meter,
    ...[cost.Route, cost.Tier, cost.Region, cost.Unit],
    ...[cost.UnitCostUsd ?? '-', cost.NetUnitCostUsd ?? '-', cost.ListUnitCostUsd ?? '-', cost.Ratio ?? '-'],
    ...[cost.CostUsd, cost.DifferenceUsd, cost.Verdict],
  ]);
  if (options.csv) return print(formatCsv(UNIT_COST_COLUMNS, rows));
  sayRange(range, print);
  if (answer.UnitCosts.length === 0) return print('no usage on an imported bill in this time');
  if (rows.length > 0) print(formatTable(UNIT_COST_COLUMNS, rows));
  const listed = answer.UnitCosts.length - answer.UnitCosts.filter(({ Verdict }) => Verdict !== 'as listed').length;
  print(
    `${listed} of ${answer.UnitCosts.length} prices as listed; ${answer.CostUsd} USD billed, ${answer.DifferenceUsd} USD over the price book, ${answer.UnlistedUsd} USD without a price in it`,
  );
}

async function unrecognised(
  client: TallylineClient,
  options: BillOptions,
  nowMs: number,
  print: (text: string) => void,
): Promise<void> {
  const range = await askedRange(client, options, nowMs);
  const answer = await client.call<Unrecognised>('ListUnrecognisedUsage', wireRange(range));
  if (options.json) return print(JSON.stringify(answer, null, 2));
  const rows = answer.UsageTypes.map((one) => [
    ...[one.UsageType, one.Service, one.Operation],
    one.Unread.map(({ Part, Text }) => (Text ? `${Part} ${Text}` : Part)).join(', '),
    ...[one.Rows, one.CostUsd, one.Descriptions[0] ?? ''],
  ]);
  if (options.csv) return print(formatCsv(UNRECOGNISED_COLUMNS, rows));
  sayRange(range, print);
  if (rows.length === 0) return print(`all ${answer.AllRows} rows are understood`);
  print(formatTable(UNRECOGNISED_COLUMNS, rows));
  print(
    `${answer.Rows} of ${answer.AllRows} rows, ${answer.CostUsd} of ${answer.AllUsd} USD, are not understood in full`,
  );
}
