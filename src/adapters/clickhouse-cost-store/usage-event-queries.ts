import type { UsageEvent } from '../../metering/usage-event.ts';
import { USAGE_EVENT_COLUMNS, USAGE_EVENT_TABLE } from '../../reports/cost-schema.ts';
import type { CompiledQuery } from '../../reports/cost-store.ts';
import type { TimeRange } from '../../reports/time-bucket.ts';

/** Events read at a time: some tens of megabytes. */
export const EVENTS_PER_PAGE = 10_000;

/** Columns whose JSON would lose something: milliseconds of a time, order and doubled keys of a map. */
const SELECTED_AS: Readonly<Partial<Record<keyof typeof USAGE_EVENT_COLUMNS, string>>> = {
  admitted_at: 'toUnixTimestamp64Milli(admitted_at)',
  ended_at: 'toUnixTimestamp64Milli(ended_at)',
  principal_tags: 'principal_tags::Array(Tuple(String, String))',
  resource_tags: 'resource_tags::Array(Tuple(String, String))',
  account_tags: 'account_tags::Array(Tuple(String, String))',
  request_metadata: 'request_metadata::Array(Tuple(String, String))',
  units: 'units::Array(Tuple(String, String))',
};

const SELECTED = Object.keys(USAGE_EVENT_COLUMNS).map((name) => {
  const expression = SELECTED_AS[name as keyof typeof USAGE_EVENT_COLUMNS];
  return expression ? `${expression} AS ${name}_` : name;
});

const SELECT = `SELECT ${SELECTED.join(', ')} FROM ${USAGE_EVENT_TABLE}`;

/** Where a page ended: the next one begins behind it, in the table's order. */
export interface PagePosition {
  readonly admittedAtMs: number;
  readonly requestId: string;
}

/** Before every event of the range that begins at `startMs`. */
export function pageStart(startMs: number): PagePosition {
  return { admittedAtMs: startMs, requestId: '00000000-0000-0000-0000-000000000000' };
}

export function usageEventPage(after: PagePosition, endMs: number): CompiledQuery {
  return {
    sql: `${SELECT}
      WHERE admitted_at >= {after_at:DateTime64(3, 'UTC')} AND admitted_at < {end:DateTime64(3, 'UTC')}
        AND (admitted_at, request_id) > ({after_at:DateTime64(3, 'UTC')}, {after_id:UUID})
      ORDER BY admitted_at, request_id
      LIMIT ${EVENTS_PER_PAGE}`,
    params: { after_at: new Date(after.admittedAtMs), after_id: after.requestId, end: new Date(endMs) },
  };
}

/** Calls by their ids; the range is what keeps the store from looking through all of its days. */
export function usageEventsById(requestIds: readonly string[], { startMs, endMs }: TimeRange): CompiledQuery {
  return {
    sql: `${SELECT}
      WHERE admitted_at >= {start:DateTime64(3, 'UTC')} AND admitted_at < {end:DateTime64(3, 'UTC')}
        AND request_id IN ({ids:Array(UUID)})`,
    params: { start: new Date(startMs), end: new Date(endMs), ids: requestIds },
  };
}

/** A row of these queries as JSON: 64-bit integers are text. */
export interface UsageEventRow {
  readonly request_id: string;
  readonly admitted_at_: string;
  readonly ended_at_: string;
  readonly first_token_ms: number | null;
  readonly account_id: string;
  readonly principal_arn: string;
  readonly principal_id: string;
  readonly access_key_id: string;
  readonly source_identity: string;
  readonly principal_tags_: [string, string][];
  readonly resource_tags_: [string, string][];
  readonly account_tags_: [string, string][];
  readonly operation: string;
  readonly requested_model_id: string;
  readonly model_id: string;
  readonly resource_arn: string;
  readonly region: string;
  readonly route: string;
  readonly tier: string;
  readonly upstream: string;
  readonly source_ip: string;
  readonly user_agent: string;
  readonly request_metadata_: [string, string][];
  readonly is_batch: number;
  readonly attempt_of: string;
  readonly is_repeat: number;
  readonly input_tokens_estimate: string;
  readonly status: string;
  readonly error_code: string;
  readonly upstream_request_id: string;
  readonly upstream_principal_arn: string;
  readonly is_gateway_principal: number;
  readonly client_gone: number;
  readonly input_tokens: string;
  readonly output_tokens: string;
  readonly cache_read_input_tokens: string | null;
  readonly cache_write_5m_input_tokens: string | null;
  readonly cache_write_1h_input_tokens: string | null;
  readonly units_: [string, string][];
  readonly usage_is_estimated: number;
  readonly usage_raw: string;
}

/** The event that `writeUsageEvent` wrote. */
export function usageEventOf(row: UsageEventRow): UsageEvent {
  return {
    requestId: row.request_id,
    admittedAtMs: Number(row.admitted_at_),
    endedAtMs: Number(row.ended_at_),
    ...(row.first_token_ms !== null && { firstTokenMs: row.first_token_ms }),
    accountId: row.account_id,
    principalArn: row.principal_arn,
    principalId: row.principal_id,
    accessKeyId: row.access_key_id,
    sourceIdentity: row.source_identity,
    principalTags: row.principal_tags_,
    resourceTags: row.resource_tags_,
    accountTags: row.account_tags_,
    operation: row.operation as UsageEvent['operation'],
    requestedModelId: row.requested_model_id,
    modelId: row.model_id,
    resourceArn: row.resource_arn,
    region: row.region,
    route: row.route as UsageEvent['route'],
    tier: row.tier as UsageEvent['tier'],
    upstream: row.upstream,
    sourceIp: row.source_ip,
    userAgent: row.user_agent,
    requestMetadata: row.request_metadata_,
    isBatch: row.is_batch === 1,
    attemptOf: row.attempt_of,
    isRepeat: row.is_repeat === 1,
    inputTokensEstimate: Number(row.input_tokens_estimate),
    status: row.status as UsageEvent['status'],
    errorCode: row.error_code,
    upstreamRequestId: row.upstream_request_id,
    upstreamPrincipalArn: row.upstream_principal_arn,
    isGatewayPrincipal: row.is_gateway_principal === 1,
    clientGone: row.client_gone === 1,
    usage: usageOf(row),
  };
}

function usageOf(row: UsageEventRow): UsageEvent['usage'] {
  const read = row.cache_read_input_tokens;
  const write5m = row.cache_write_5m_input_tokens;
  const write1h = row.cache_write_1h_input_tokens;
  return {
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
    ...(read !== null && { cacheReadInputTokens: Number(read) }),
    ...(write5m !== null && { cacheWrite5mInputTokens: Number(write5m) }),
    ...(write1h !== null && { cacheWrite1hInputTokens: Number(write1h) }),
    ...(row.units_.length > 0 && {
      units: Object.fromEntries(row.units_.map(([meter, count]) => [meter, Number(count)])),
    }),
    isEstimated: row.usage_is_estimated === 1,
    raw: row.usage_raw,
  };
}
