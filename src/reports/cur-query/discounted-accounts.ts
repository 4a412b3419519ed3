import { LineItemSql } from '../compile-sql/line-item-sql.ts';
import { Parameters } from '../compile-sql/parameters.ts';
import { wholePeriod } from '../export-chunks.ts';
import type { Ask, RowRequest } from '../export-table.ts';
import { accountFilter } from './product-facts.ts';

/** Accounts that have a discount on something in the billing period: only their rows have net costs, as on AWS. */
export async function discountedAccounts(
  { period, onlyAccountId, bill }: RowRequest,
  ask: Ask,
): Promise<readonly string[]> {
  const parameters = new Parameters();
  const lines = new LineItemSql(wholePeriod(period), bill, parameters).from(accountFilter(onlyAccountId));
  const sql = `SELECT DISTINCT account_id FROM ${lines} AND notEmpty(discount_prices) ORDER BY account_id`;
  const rows = await ask<{ account_id: string }>({ sql, params: parameters.values });
  return rows.map(({ account_id }) => account_id);
}
