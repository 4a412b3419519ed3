import { DAY_MS } from '../kernel/time.ts';
import { USAGE_EVENT_TABLE } from './cost-schema.ts';
import type { CostStore } from './cost-store.ts';

/** From how many addresses a principal called. */
export interface PrincipalAddresses {
  readonly principalArn: string;
  readonly addresses: number;
  readonly days: number;
}

const DAYS = 30;
/** Principals with the most addresses that are listed. */
const PRINCIPALS_MAX = 1_000;

/** Principals that called from several addresses in the last thirty days, those with the most first. */
export async function principalAddresses(store: CostStore, nowMs: number): Promise<PrincipalAddresses[]> {
  const rows = await store.query<{ principal_arn: string; addresses: number | string }>({
    sql: `SELECT principal_arn, uniqExact(source_ip) AS addresses
FROM ${USAGE_EVENT_TABLE}
WHERE admitted_at >= fromUnixTimestamp64Milli({from:Int64})
GROUP BY principal_arn
HAVING addresses > 1
ORDER BY addresses DESC, principal_arn
LIMIT ${PRINCIPALS_MAX}`,
    params: { from: nowMs - DAYS * DAY_MS },
  });
  return rows.map((row) => ({ principalArn: row.principal_arn, addresses: Number(row.addresses), days: DAYS }));
}
