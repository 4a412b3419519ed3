import type { UsageEvent } from '../../src/metering/usage-event.ts';

/** A plain call of Claude Sonnet 4.6 from us-east-1, with what a test cares about laid over it. */
export function usageEvent(
  changes: Partial<Omit<UsageEvent, 'usage'>> & { usage?: Partial<UsageEvent['usage']> } = {},
): UsageEvent {
  const { usage, ...rest } = changes;
  const admittedAtMs = changes.admittedAtMs ?? Date.parse('2026-10-05T12:34:56.789Z');
  return {
    requestId: '00000000-0000-4000-8000-000000000000',
    admittedAtMs,
    endedAtMs: admittedAtMs + 1_500,
    accountId: '123456789012',
    principalArn: 'arn:aws:iam::123456789012:user/alice',
    principalId: 'AIDAALICE',
    accessKeyId: 'AKIAALICE',
    sourceIdentity: '',
    principalTags: [],
    resourceTags: [],
    accountTags: [],
    operation: 'Converse',
    requestedModelId: 'us.anthropic.claude-sonnet-4-6',
    modelId: 'anthropic.claude-sonnet-4-6',
    resourceArn: 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-6',
    region: 'us-east-1',
    route: 'geo',
    upstream: 'simulated',
    tier: 'standard',
    sourceIp: '127.0.0.1',
    userAgent: 'test',
    requestMetadata: [],
    isBatch: false,
    attemptOf: '',
    isRepeat: false,
    inputTokensEstimate: 100,
    status: 'completed',
    errorCode: '',
    upstreamRequestId: '',
    upstreamPrincipalArn: '',
    isGatewayPrincipal: false,
    clientGone: false,
    ...rest,
    usage: { inputTokens: 0, outputTokens: 0, isEstimated: false, raw: '', ...usage },
  };
}
