import { formatUsd, parsePicoUsd } from '../kernel/money.ts';
import type { TallylineClient } from './client.ts';
import { type Column, formatCsv, formatTable } from './table.ts';

interface HeldRow {
  readonly BillingPeriod: string;
  readonly Resource: string;
  readonly Principal: string;
  readonly CostUsd: string;
  readonly Rule: string;
}

const COLUMNS: readonly Column[] = [
  { title: 'month', align: 'left' },
  { title: 'model', align: 'left' },
  { title: 'principal', align: 'left' },
  { title: 'cost USD', align: 'right' },
  { title: 'split by', align: 'left' },
];

/** `tallyline split-charges --held`: hours of provisioned and imported models by who used them. */
export async function heldSplit(
  client: TallylineClient,
  period: string,
  options: { readonly json?: boolean; readonly csv?: boolean },
  print: (text: string) => void,
): Promise<void> {
  const { Rows: rows } = await client.call<{ Rows: HeldRow[] }>('GetHeldModelSplit', { Period: period });
  if (options.json) return print(JSON.stringify({ period, rows }, null, 2));
  const cells = rows.map((row) => [row.BillingPeriod, row.Resource, row.Principal, row.CostUsd, row.Rule]);
  if (options.csv) return print(formatCsv(COLUMNS, cells));
  if (rows.length === 0) return print('no model was paid for by the hour in this month');
  const named = cells.map(([month, model, principal, cost, rule]) => [
    month!,
    model!,
    principal || '(idle)',
    cost!,
    rule!,
  ]);
  const total = formatUsd(rows.reduce((sum, { CostUsd }) => sum + parsePicoUsd(CostUsd), 0n));
  print(formatTable(COLUMNS, [...named, ['total', '', '', total, '']]));
}
