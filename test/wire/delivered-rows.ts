import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { EXPORT } from '../../examples/demo/billing.ts';
import type { TestServer } from '../server.ts';

/** Principal, usage type, cost to four decimals, exact cost, tags. */
export type DeliveredRow = readonly [string, string, string, number, Readonly<Record<string, string>>];

/** Start of the month in which the tests run, UTC. */
export function monthStart(): Date {
  return new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth(), 1));
}

/** Lines of the CUR 2.0 file that was delivered for this month, by principal and usage type. */
export async function deliveredRows(server: TestServer): Promise<DeliveredRow[]> {
  const period = monthStart().toISOString().slice(0, 7);
  const folder = join(server.data, 'exports', EXPORT.bucket, EXPORT.prefix, EXPORT.name);
  const bytes = readFileSync(join(folder, 'data', `BILLING_PERIOD=${period}`, `${EXPORT.name}-00001.snappy.parquet`));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const rows = await parquetReadObjects({ file, compressors });
  return rows
    .map(
      (row): DeliveredRow => [
        row.line_item_iam_principal,
        row.line_item_usage_type,
        Number(row.line_item_unblended_cost).toFixed(4),
        row.line_item_unblended_cost,
        row.tags,
      ],
    )
    .sort((a, b) => (String(a.slice(0, 2)) < String(b.slice(0, 2)) ? -1 : 1));
}
