import { LineItemSql } from './compile-sql/line-item-sql.ts';
import { Parameters } from './compile-sql/parameters.ts';
import type { CostCatalog } from './cost-catalog.ts';
import type { CompiledQuery } from './cost-store.ts';
import type { ReportFilter } from './report-query.ts';
import type { TimeRange } from './time-bucket.ts';

/** How many rows a bill of some grain would have. */
export interface UsageRecordsQuery {
  readonly range: TimeRange;
  readonly granularity: 'HOURLY' | 'DAILY' | 'MONTHLY';
  /** True: resources have rows of their own. */
  readonly byResource: boolean;
  readonly filter?: ReportFilter;
}

const ROW_TIME_SQL = {
  HOURLY: 'toStartOfHour(bucket_start)',
  DAILY: 'toStartOfDay(bucket_start)',
  MONTHLY: 'toStartOfMonth(bucket_start)',
} as const;

/** One row a service, `service` and `records`; the count is the store's estimate, within a few percent. */
export function compileUsageRecords(query: UsageRecordsQuery, catalog: CostCatalog): CompiledQuery {
  const parameters = new Parameters();
  const lines = new LineItemSql(query.range, catalog, parameters);
  const row = [ROW_TIME_SQL[query.granularity], 'account_id', 'usage_type', 'operation', 'record_type'];
  if (query.byResource) row.push('resource_arn');
  const sql = `SELECT service, uniq(${row.join(', ')}) AS records
FROM ${lines.from(query.filter)}
GROUP BY service ORDER BY service`;
  return { sql, params: parameters.values };
}
