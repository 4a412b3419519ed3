import { LineItemSql } from '../compile-sql/line-item-sql.ts';
import { Parameters } from '../compile-sql/parameters.ts';
import type { Ask, RowRequest } from '../export-table.ts';
import type { TimeRange } from '../time-bucket.ts';
import { accountFilter } from './product-facts.ts';

/** Accounts that have a discount on something in the range: only their rows have net costs, as on AWS. */
export async function discountedAccounts(
  { onlyAccountId, bill }: RowRequest,
  range: TimeRange,
  ask: Ask,
): Promise<readonly string[]> {
  const parameters = new Parameters();
  const lines = new LineItemSql(range, bill, parameters).from(accountFilter(onlyAccountId));
  const sql = `SELECT DISTINCT account_id FROM ${lines} AND notEmpty(discount_prices) ORDER BY account_id`;
  const rows = await ask<{ account_id: string }>({ sql, params: parameters.values });
  return rows.map(({ account_id }) => account_id);
}
