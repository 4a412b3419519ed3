import { compileReport } from '../reports/compile-sql.ts';
import type { CostCatalog } from '../reports/cost-catalog.ts';
import type { CostStore } from '../reports/cost-store.ts';
import type { ReportQuery, ReportRow } from '../reports/report-query.ts';
import { type StoredRow, shapeRows } from '../reports/report-rows.ts';
import { compileTagsInUse, type TagQuery } from '../reports/tag-usage.ts';
import { validateQuery } from '../reports/validate-query.ts';

export interface ReportDeps {
  readonly store: CostStore;
  /** As it is now. */
  readonly costCatalog: () => CostCatalog;
}

/**
 * The report path: query > validate > compile > run > shape. Every surface asks here, so that no two can disagree.
 * Throws QueryInvalid for a query that cannot be answered, StoreUnavailable when the store is down.
 */
export async function report(query: ReportQuery, deps: ReportDeps, signal?: AbortSignal): Promise<ReportRow[]> {
  validateQuery(query);
  const compiled = compileReport(query, deps.costCatalog());
  const stored = await deps.store.query<StoredRow>(compiled, signal);
  return shapeRows(query, stored);
}

/** The same path for the keys of the cost allocation tags that show a value somewhere in a range, in key order. */
export async function tagsInUse(query: TagQuery, deps: ReportDeps, signal?: AbortSignal): Promise<string[]> {
  validateQuery({ ...query, granularity: 'TOTAL', groupBy: [] });
  const { tagKeys, ...compiled } = compileTagsInUse(query, deps.costCatalog());
  const [used] = await deps.store.query<StoredRow>(compiled, signal);
  return tagKeys.filter((_, index) => Number(used?.[`used${index}`]) === 1);
}
