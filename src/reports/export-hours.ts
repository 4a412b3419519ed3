import { SECOND_MS } from '../kernel/time.ts';
import { LineItemSql } from './compile-sql/line-item-sql.ts';
import { Parameters } from './compile-sql/parameters.ts';
import type { CompiledQuery } from './cost-store.ts';
import { accountFilter } from './cur-query/product-facts.ts';
import { type HourCount, wholePeriod } from './export-chunks.ts';
import type { BillFacts } from './export-table.ts';

/** Line items of each hour of a period. */
export async function hoursOf(
  period: string,
  onlyAccountId: string | undefined,
  bill: BillFacts,
  ask: <Row>(query: CompiledQuery) => Promise<Row[]>,
): Promise<HourCount[]> {
  const parameters = new Parameters();
  const lineItem = new LineItemSql(wholePeriod(period), bill, parameters);
  const sql = `
SELECT toUnixTimestamp(toStartOfHour(bucket_start)) AS startS, count() AS lineItems
FROM ${lineItem.from(accountFilter(onlyAccountId))}
GROUP BY startS
ORDER BY startS`;
  const hours = await ask<{ startS: number; lineItems: string }>({ sql, params: parameters.values });
  return hours.map(({ startS, lineItems }) => ({ startMs: startS * SECOND_MS, lineItems: Number(lineItems) }));
}
