import { withoutSession } from '../kernel/arn.ts';
import { USAGE_EVENT_TABLE } from './cost-schema.ts';
import type { CostStore } from './cost-store.ts';
import type { TimeRange } from './time-bucket.ts';

/** Calls of one principal that an upstream's bill puts under one principal of its own. */
export interface BilledCalls {
  readonly upstream: string;
  readonly principalArn: string;
  /** Empty: the upstream named none. */
  readonly billedArn: string;
  readonly isGatewayPrincipal: boolean;
  readonly requests: number;
  readonly tokens: bigint;
}

/** A caller that an upstream's bill does not name, or a name in it that is no caller's. */
export interface AttributionGap {
  readonly kind: GapKind;
  readonly upstream: string;
  /** Ours; empty where it is not known. */
  readonly principalArn: string;
  /** In the upstream's bill; empty where there is none. */
  readonly billedArn: string;
  readonly requests: number;
  readonly tokens: bigint;
}

export type GapKind =
  /** The bill names the gateway. */
  | 'billed-to-gateway'
  /** The bill has one name for several of our principals. */
  | 'shared-name'
  /** The upstream has not said what its bill names. */
  | 'no-name'
  /** The bill was looked at and does not have the name. */
  | 'not-in-bill'
  /** The bill has a name under a role of ours that no call here had: something goes past the gateway. */
  | 'not-in-ledger';

const ROWS_MAX = 10_000;

/** Calls at upstreams whose bill names principals, those with the most tokens first; what used nothing is not billed. */
export async function billedCalls(
  store: CostStore,
  { startMs, endMs }: TimeRange,
  upstreams: readonly string[],
): Promise<{ calls: BilledCalls[]; isComplete: boolean }> {
  const rows = await store.query<{
    upstream: string;
    principal_arn: string;
    upstream_principal_arn: string;
    is_gateway_principal: number | string;
    requests: string;
    tokens: string;
  }>({
    sql: `SELECT upstream, principal_arn, upstream_principal_arn, is_gateway_principal, count() AS requests,
  sum(input_tokens + output_tokens + ifNull(cache_read_input_tokens, 0) + ifNull(cache_write_5m_input_tokens, 0)
    + ifNull(cache_write_1h_input_tokens, 0)) AS tokens
FROM ${USAGE_EVENT_TABLE}
WHERE admitted_at >= fromUnixTimestamp64Milli({from:Int64}) AND admitted_at < fromUnixTimestamp64Milli({to:Int64})
  AND (upstream IN {upstreams:Array(String)} OR upstream_principal_arn != '')
GROUP BY upstream, principal_arn, upstream_principal_arn, is_gateway_principal
HAVING tokens > 0
ORDER BY tokens DESC, principal_arn, upstream, upstream_principal_arn
LIMIT ${ROWS_MAX + 1}`,
    params: { from: startMs, to: endMs, upstreams },
  });
  const calls = rows.slice(0, ROWS_MAX).map((row) => ({
    upstream: row.upstream,
    principalArn: row.principal_arn,
    billedArn: row.upstream_principal_arn,
    isGatewayPrincipal: Number(row.is_gateway_principal) === 1,
    requests: Number(row.requests),
    tokens: BigInt(row.tokens),
  }));
  return { calls, isComplete: rows.length <= ROWS_MAX };
}

/** `bill`: every principal that the upstream's bill names. Absent: what the ledger alone can tell. */
export function attributionGaps(calls: readonly BilledCalls[], bill?: ReadonlySet<string>): AttributionGap[] {
  const principals = new Map<string, Set<string>>();
  for (const { billedArn, principalArn } of calls) {
    const known = principals.get(billedArn);
    if (known) known.add(principalArn);
    else principals.set(billedArn, new Set([principalArn]));
  }
  const kindOf = ({ billedArn, isGatewayPrincipal }: BilledCalls): GapKind | undefined => {
    if (billedArn === '') return isGatewayPrincipal ? 'billed-to-gateway' : 'no-name';
    if (isGatewayPrincipal) return 'billed-to-gateway';
    if (principals.get(billedArn)!.size > 1) return 'shared-name';
    return bill && !bill.has(billedArn) ? 'not-in-bill' : undefined;
  };
  const ours = calls.flatMap(({ isGatewayPrincipal: _, ...call }, index): AttributionGap[] => {
    const kind = kindOf(calls[index]!);
    return kind ? [{ kind, ...call }] : [];
  });
  const roles = new Set([...principals.keys()].map(withoutSession));
  const strangers = [...(bill ?? [])].filter((arn) => !principals.has(arn) && roles.has(withoutSession(arn)));
  return [
    ...ours,
    ...strangers.sort().map((billedArn) => ({
      ...{ kind: 'not-in-ledger' as const, upstream: '', principalArn: '', billedArn },
      ...{ requests: 0, tokens: 0n },
    })),
  ];
}
