import { randomUUID } from 'node:crypto';
import type { UsageEvent } from '../../src/metering/usage-event.ts';

const PRINCIPALS = 2_000;
const TEAMS = 40;
const MODELS = [
  'anthropic.claude-sonnet-4-6',
  'anthropic.claude-opus-4-6-v1',
  'anthropic.claude-haiku-4-5-20251001-v1:0',
  'amazon.nova-lite-v1:0',
  'amazon.nova-pro-v1:0',
  'openai.gpt-oss-120b-1:0',
] as const;

/** An organisation's calls: few principals make most of them (zipf), three tags each, half of the calls read a cache. */
export function* usageEvents(count: number, startMs: number, everyMs: number): Generator<UsageEvent> {
  let state = 20_261_122;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  for (let index = 0; index < count; index++) {
    const principal = Math.floor(PRINCIPALS ** next());
    const modelId = MODELS[Math.floor(next() * MODELS.length)]!;
    const admittedAtMs = startMs + Math.floor(index * everyMs);
    const hasCache = next() < 0.5;
    yield {
      requestId: randomUUID(),
      admittedAtMs,
      endedAtMs: admittedAtMs + 900,
      accountId: '123456789012',
      principalArn: `arn:aws:sts::123456789012:assumed-role/App-${principal % 12}/user-${principal}@acme.org`,
      principalId: 'AROAEXAMPLEEXAMPLE123',
      accessKeyId: 'ASIAEXAMPLEEXAMPLE12',
      sourceIdentity: '',
      principalTags: [
        ['cost-center', String(10_000 + (principal % 25))],
        ['project', `project-${principal % 60}`],
        ['team', `team-${principal % TEAMS}`],
      ],
      resourceTags: [],
      accountTags: [],
      operation: next() < 0.7 ? 'ConverseStream' : 'Converse',
      requestedModelId: modelId,
      modelId,
      resourceArn: `arn:aws:bedrock:us-east-1::foundation-model/${modelId}`,
      region: 'us-east-1',
      route: 'in_region',
      upstream: 'vllm',
      isBatch: false,
      attemptOf: '',
      isRepeat: false,
      tier: 'standard',
      sourceIp: '10.0.0.1',
      userAgent: 'aws-sdk-js/3.1164.0',
      requestMetadata: [],
      inputTokensEstimate: 700,
      status: 'completed',
      errorCode: '',
      upstreamRequestId: '',
      upstreamPrincipalArn: '',
      isGatewayPrincipal: false,
      clientGone: false,
      usage: {
        inputTokens: 100 + Math.floor(next() * 5_000),
        outputTokens: 20 + Math.floor(next() * 800),
        ...(hasCache && { cacheReadInputTokens: Math.floor(next() * 20_000) }),
        isEstimated: false,
        raw: '{"prompt_tokens":120,"completion_tokens":40,"total_tokens":160}',
      },
    };
  }
}
