import { isLogUpstream } from '../../imports/log-source.ts';
import type { LoggedUsage } from '../../invocations/logged-usage.ts';
import { HOUR_MS, SECOND_MS } from '../../kernel/time.ts';
import { USAGE_EVENT_TABLE } from '../../reports/cost-schema.ts';
import type { CostStore } from '../../reports/cost-store.ts';

/** How a call of a log is in the ledger already. */
export type Known = 'imported' | 'metered';

interface StoredCall {
  readonly id: string;
  readonly upstream: string;
  readonly upstream_request_id: string;
}

/** A log may say another time of a call than whoever metered it. */
const APART_MS = HOUR_MS;

/**
 * The calls that the ledger has, by the request ids of their events. A call that went through a gateway here is told by AWS's
 * request id; where that never arrived, by the request that it was made for, which AWS was told. That alone proves nothing:
 * callers of AWS write what they like there.
 */
export async function knownCalls(
  calls: readonly LoggedUsage[],
  store: Pick<CostStore, 'query'>,
): Promise<ReadonlyMap<string, Known>> {
  if (calls.length === 0) return new Map();
  const times = calls.map(({ event }) => event.admittedAtMs);
  const stored = await store.query<StoredCall>({
    sql: `SELECT toString(request_id) AS id, toString(upstream) AS upstream, upstream_request_id FROM ${USAGE_EVENT_TABLE}
      WHERE admitted_at >= toDateTime({from:UInt32}, 'UTC') AND admitted_at <= toDateTime({to:UInt32}, 'UTC')
        AND (request_id IN (SELECT toUUID(arrayJoin({p1:Array(String)}))) OR upstream_request_id IN ({p2:Array(String)}))`,
    params: {
      from: Math.floor((Math.min(...times) - APART_MS) / SECOND_MS),
      to: Math.ceil((Math.max(...times) + APART_MS) / SECOND_MS),
      p1: calls.flatMap(({ event, gatewayRequestId }) => [event.requestId, gatewayRequestId].filter((id) => id !== '')),
      p2: calls.map(({ event }) => event.upstreamRequestId),
    },
    written: ['p1', 'p2'],
  });
  const byId = new Map(stored.map((one) => [one.id, one]));
  const metered = new Set(
    stored.flatMap(({ upstream, upstream_request_id: id }) => (id === '' || isLogUpstream(upstream) ? [] : [id])),
  );
  const known = new Map<string, Known>();
  for (const { event, gatewayRequestId } of calls) {
    const own = byId.get(event.requestId);
    const ofGateway = byId.get(gatewayRequestId);
    if (own) known.set(event.requestId, isLogUpstream(own.upstream) ? 'imported' : 'metered');
    else if (metered.has(event.upstreamRequestId) || ofGateway?.upstream_request_id === '') {
      known.set(event.requestId, 'metered');
    }
  }
  return known;
}
