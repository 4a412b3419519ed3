import type { UsageEvent } from '../../metering/usage-event.ts';
import { USAGE_EVENT_COLUMNS, USAGE_EVENT_TABLE } from '../../reports/cost-schema.ts';
import { blockWriter } from './native-block.ts';
import type { RowKind } from './row-batches.ts';

const blockOf = blockWriter<typeof USAGE_EVENT_COLUMNS, UsageEvent>(USAGE_EVENT_COLUMNS, {
  request_id: (event) => event.requestId,
  admitted_at: (event) => event.admittedAtMs,
  ended_at: (event) => event.endedAtMs,
  first_token_ms: (event) => event.firstTokenMs,
  account_id: (event) => event.accountId,
  principal_arn: (event) => event.principalArn,
  principal_id: (event) => event.principalId,
  access_key_id: (event) => event.accessKeyId,
  source_identity: (event) => event.sourceIdentity,
  principal_tags: (event) => event.principalTags,
  resource_tags: (event) => event.resourceTags,
  account_tags: (event) => event.accountTags,
  operation: (event) => event.operation,
  requested_model_id: (event) => event.requestedModelId,
  model_id: (event) => event.modelId,
  resource_arn: (event) => event.resourceArn,
  region: (event) => event.region,
  route: (event) => event.route,
  tier: (event) => event.tier,
  upstream: (event) => event.upstream,
  source_ip: (event) => event.sourceIp,
  user_agent: (event) => event.userAgent,
  request_metadata: (event) => event.requestMetadata,
  is_batch: (event) => event.isBatch,
  attempt_of: (event) => event.attemptOf,
  input_tokens_estimate: (event) => event.inputTokensEstimate,
  status: (event) => event.status,
  error_code: (event) => event.errorCode,
  upstream_request_id: (event) => event.upstreamRequestId,
  upstream_principal_arn: (event) => event.upstreamPrincipalArn,
  is_gateway_principal: (event) => event.isGatewayPrincipal,
  client_gone: (event) => event.clientGone,
  input_tokens: (event) => event.usage.inputTokens,
  output_tokens: (event) => event.usage.outputTokens,
  cache_read_input_tokens: (event) => event.usage.cacheReadInputTokens,
  cache_write_5m_input_tokens: (event) => event.usage.cacheWrite5mInputTokens,
  cache_write_1h_input_tokens: (event) => event.usage.cacheWrite1hInputTokens,
  units: (event) => Object.entries(event.usage.units ?? {}).map(([meter, count]) => [meter, String(count)] as const),
  usage_is_estimated: (event) => event.usage.isEstimated,
  usage_raw: (event) => event.usage.raw,
});

export const USAGE_EVENT_ROWS: RowKind<UsageEvent> = {
  table: USAGE_EVENT_TABLE,
  columns: Object.keys(USAGE_EVENT_COLUMNS),
  atMs: (event) => event.admittedAtMs,
  blockOf,
};
