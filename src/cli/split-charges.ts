import { Fault } from '../kernel/fault.ts';
import { formatUsd, parsePicoUsd } from '../kernel/money.ts';
import type { Present } from '../kernel/present.ts';
import { billingPeriodOf } from '../kernel/time.ts';
import type { TallylineClient } from './client.ts';
import { heldSplit } from './held-split.ts';
import { presentOf } from './known-range.ts';
import { type Column, formatCsv, formatTable } from './table.ts';

export interface SplitChargesOptions {
  readonly from?: string;
  readonly to?: string;
  /** Asks for models that are paid for by the hour. */
  readonly held?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
}

interface SplitRow {
  readonly BillingPeriod: string;
  readonly Value: string;
  readonly CostUsd: string;
  readonly AllocatedInUsd: string;
  readonly AllocatedOutUsd: string;
  readonly TotalUsd: string;
}

const COLUMNS: readonly Column[] = [
  { title: 'month', align: 'left' },
  { title: 'value', align: 'left' },
  { title: 'cost USD', align: 'right' },
  { title: 'allocated in', align: 'right' },
  { title: 'allocated out', align: 'right' },
  { title: 'total USD', align: 'right' },
];

const AMOUNTS = ['CostUsd', 'AllocatedInUsd', 'AllocatedOutUsd', 'TotalUsd'] as const;

/** `tallyline split-charges`: what the split charges of a cost category make of each of its values, month by month. */
export async function splitCharges(
  client: TallylineClient,
  category: string | undefined,
  options: SplitChargesOptions,
  nowMs: number,
  print: (text: string) => void,
): Promise<void> {
  // Models that are paid for by the hour are the ledger's.
  const present: Pick<Present, 'atMs' | 'ended'> =
    options.from === undefined
      ? await presentOf(client, { nowMs, book: options.held ? 'ledger' : undefined })
      : { atMs: nowMs };
  const first = readMonth('--from', options.from ?? billingPeriodOf(present.atMs));
  if (options.held) return heldSplit(client, first, options, print);
  if (category === undefined) throw new Fault('QueryInvalid', 'name a cost category, or ask with --held');
  const last = readMonth('--to', options.to ?? options.from ?? first);
  const input = { CostCategory: category, FirstPeriod: first, LastPeriod: last };
  const { Rows: rows } = await client.call<{ Rows: SplitRow[] }>('GetSplitCharges', input);
  if (options.json) return print(JSON.stringify({ category, first, last, rows }, null, 2));
  const cells = rows.map((row) => [row.BillingPeriod, row.Value, ...AMOUNTS.map((amount) => row[amount])]);
  if (options.csv) return print(formatCsv(COLUMNS, cells));
  if (present.ended !== undefined) print(`${first}, the latest month of the imported ${present.ended}\n`);
  if (rows.length === 0) return print('no usage in these months');
  const total = AMOUNTS.map((amount) => formatUsd(rows.reduce((sum, row) => sum + parsePicoUsd(row[amount]), 0n)));
  const named = cells.map(([month, value, ...amounts]) => [month!, value || '(uncategorized)', ...amounts]);
  print(formatTable(COLUMNS, [...named, ['total', '', ...total]]));
}

function readMonth(option: string, text: string): string {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new Fault('QueryInvalid', `${option} \`${text}\` is not a month: use YYYY-MM`);
}
