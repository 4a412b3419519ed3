import { parsePicoUsd } from '../../kernel/money.ts';
import { HOUR_MS } from '../../kernel/time.ts';
import type { ReportFilter } from '../../reports/report-query.ts';
import type { TallylineClient } from '../client.ts';
import { formatTable } from '../table.ts';

interface Row {
  readonly Keys: readonly string[];
  readonly IsOther?: boolean;
  readonly CostUsd: string;
}

interface Stretch {
  readonly UsageFrom?: string;
  readonly UsageTo?: string;
}

const TOP = 10;

/** Whole hours around some stretches of usage. */
export function rangeOf(periods: readonly Stretch[]): { readonly Start: string; readonly End: string } | undefined {
  const from = periods.flatMap(({ UsageFrom }) => UsageFrom ?? []).sort()[0];
  const to = periods
    .flatMap(({ UsageTo }) => UsageTo ?? [])
    .sort()
    .at(-1);
  if (from === undefined || to === undefined) return undefined;
  return {
    Start: new Date(Math.floor(Date.parse(from) / HOUR_MS) * HOUR_MS).toISOString(),
    End: new Date(Math.ceil((Date.parse(to) + 1) / HOUR_MS) * HOUR_MS).toISOString(),
  };
}

/** The costliest values of a dimension in a book. */
export async function top(
  client: TallylineClient,
  key: string,
  range: { readonly Start: string; readonly End: string },
  title: string,
  more: { readonly Book: 'bill' | 'ledger'; readonly Filter?: ReportFilter },
): Promise<string> {
  const question = { ...range, Granularity: 'TOTAL', GroupBy: [{ Type: 'DIMENSION', Key: key }], TopN: TOP, ...more };
  const { Rows } = await client.call<{ Rows: Row[] }>('GetReport', question);
  const order = Rows.toSorted((a, b) => Number(a.IsOther ?? false) - Number(b.IsOther ?? false) || byCost(a, b));
  const rows = order.map(({ Keys, IsOther, CostUsd }) => [IsOther ? 'all others' : Keys[0] || '(none)', CostUsd]);
  const columns = [
    { title: `${title}: ${key}`, align: 'left' },
    { title: 'cost USD', align: 'right' },
  ] as const;
  return formatTable(columns, rows);
}

function byCost(a: Row, b: Row): number {
  const [left, right] = [parsePicoUsd(a.CostUsd), parsePicoUsd(b.CostUsd)];
  return left === right ? 0 : left > right ? -1 : 1;
}
