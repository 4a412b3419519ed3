import type { TokenUsage } from '../inference/token-usage.ts';

/** Bedrock's headers on answers in one piece. Input excludes cache reads and writes; a class not reported has no header. */
export function tokenCountHeaders(usage: TokenUsage, latencyMs: number): Record<string, string> {
  const { cacheReadInputTokens, cacheWrite5mInputTokens, cacheWrite1hInputTokens } = usage;
  const headers: Record<string, string> = {
    'x-amzn-bedrock-invocation-latency': String(latencyMs),
    'x-amzn-bedrock-input-token-count': String(usage.inputTokens),
    'x-amzn-bedrock-output-token-count': String(usage.outputTokens),
  };
  if (cacheReadInputTokens !== undefined) {
    headers['x-amzn-bedrock-cache-read-input-token-count'] = String(cacheReadInputTokens);
  }
  if (cacheWrite5mInputTokens !== undefined || cacheWrite1hInputTokens !== undefined) {
    const written = (cacheWrite5mInputTokens ?? 0) + (cacheWrite1hInputTokens ?? 0);
    headers['x-amzn-bedrock-cache-write-input-token-count'] = String(written);
  }
  return headers;
}
