import { SECOND_MS } from '../kernel/time.ts';
import { BILL_LINE_TABLE } from './bill-schema.ts';
import type { Books } from './book.ts';
import { Parameters } from './compile-sql/parameters.ts';
import type { CostStore } from './cost-store.ts';

/** The end of the latest usage that was billed, now at the latest. Undefined: nothing was. */
export async function billedThrough(
  { billSources }: Books,
  nowMs: number,
  store: CostStore,
  signal?: AbortSignal,
): Promise<number | undefined> {
  if (billSources.length === 0) return undefined;
  const parameters = new Parameters();
  const counted = `source_id IN ${parameters.add('Array(String)', billSources)} AND record_type = 'Usage'`;
  // Of the latest billing period alone.
  const query = parameters.statement(`SELECT toUnixTimestamp(max(usage_end)) AS latest
FROM ${BILL_LINE_TABLE}
WHERE ${counted} AND period = (SELECT max(period) FROM ${BILL_LINE_TABLE} WHERE ${counted})`);
  const [row] = await store.query<{ latest: number }>(query, signal);
  const latestMs = Number(row?.latest ?? 0) * SECOND_MS;
  // A bill by the month ends in the future.
  return latestMs > 0 ? Math.min(latestMs, nowMs) : undefined;
}
