import { isJsonObject } from '../../inference/json-value.ts';
import type { Json, JsonObject } from '../../inference/model-call.ts';
import { type TokenUsage, totalInputTokens } from '../../inference/token-usage.ts';
import { anthropicUsage, converseUsage, openaiUsage, type ReportedUsage } from '../../inference/vendor-usage.ts';
import type { ReplyHeaders } from '../model-connection/reply.ts';

const NOTHING: ReportedUsage = { isEstimated: false, raw: '' };

/** What a native body, or a chunk of one, reports in its vendor's words; undefined where it reports nothing. */
export function nativeUsage(body: JsonObject): ReportedUsage | undefined {
  const usage = usageObject(body);
  if (usage) {
    if (usage.input_tokens !== undefined) return anthropicUsage(usage);
    return usage.inputTokens === undefined ? openaiUsage(usage) : converseUsage(usage);
  }
  // Meta Llama, then Amazon Titan; both count no cache.
  const { prompt_token_count, generation_token_count, inputTextTokenCount, totalOutputTextTokenCount, results } = body;
  if (prompt_token_count !== undefined || generation_token_count !== undefined) {
    return plainUsage(prompt_token_count, generation_token_count);
  }
  if (inputTextTokenCount === undefined && totalOutputTextTokenCount === undefined) return undefined;
  return plainUsage(inputTextTokenCount, totalOutputTextTokenCount ?? titanOutput(results));
}

/** Amazon Nova names usage within the `metadata` event of a stream. */
function usageObject({ usage, metadata }: JsonObject): JsonObject | undefined {
  if (isJsonObject(usage)) return usage;
  return isJsonObject(metadata) && isJsonObject(metadata.usage) ? metadata.usage : undefined;
}

function plainUsage(inputTokens: Json | undefined, outputTokens: Json | undefined): ReportedUsage {
  return converseUsage({
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
  });
}

function titanOutput(results: Json | undefined): Json | undefined {
  const counts = Array.isArray(results) ? results.map((one) => (isJsonObject(one) ? one.tokenCount : undefined)) : [];
  return counts.every((count) => typeof count === 'number') && counts.length > 0
    ? counts.reduce((sum, count) => sum + count, 0)
    : undefined;
}

/** Bedrock's own counts of a native answer: headers of a whole one, `amazon-bedrock-invocationMetrics` of a stream. */
export interface BedrockCounts {
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly cacheReadInputTokens?: number | undefined;
  readonly cacheWriteInputTokens?: number | undefined;
}

export function countsOfHeaders(headers: ReplyHeaders): BedrockCounts {
  return {
    inputTokens: countOf(headers['x-amzn-bedrock-input-token-count']),
    outputTokens: countOf(headers['x-amzn-bedrock-output-token-count']),
    cacheReadInputTokens: countOf(headers['x-amzn-bedrock-cache-read-input-token-count']),
    cacheWriteInputTokens: countOf(headers['x-amzn-bedrock-cache-write-input-token-count']),
  };
}

export function countsOfMetrics(metrics: Json | undefined): BedrockCounts {
  if (!isJsonObject(metrics)) return {};
  return {
    inputTokens: countOf(metrics.inputTokenCount),
    outputTokens: countOf(metrics.outputTokenCount),
    cacheReadInputTokens: countOf(metrics.cacheReadInputTokenCount),
    cacheWriteInputTokens: countOf(metrics.cacheWriteInputTokenCount),
  };
}

/**
 * Bedrock's counts are what its bill is made of; the vendor's tell the lifetimes of cache writes apart. Where the two
 * disagree, Bedrock's are taken and the usage is flagged.
 */
export function agreedUsage(vendor: ReportedUsage = NOTHING, bedrock: BedrockCounts): ReportedUsage {
  const own = countsIn(vendor);
  const counts = isWholeInput(vendor, bedrock) ? { ...bedrock, inputTokens: own.inputTokens } : bedrock;
  const { inputTokens, outputTokens, cacheReadInputTokens, cacheWriteInputTokens } = counts;
  return {
    ...vendor,
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(cacheReadInputTokens !== undefined && { cacheReadInputTokens }),
    ...(cacheWriteInputTokens !== own.cacheWriteInputTokens && cacheWrites(vendor, cacheWriteInputTokens)),
    isEstimated: vendor.isEstimated || CLASSES.some((name) => isContradicted(own[name], counts[name])),
    raw: vendor.raw || rawCounts(bedrock),
  };
}

const CLASSES = ['inputTokens', 'outputTokens', 'cacheReadInputTokens', 'cacheWriteInputTokens'] as const;

function countsIn(vendor: ReportedUsage): BedrockCounts {
  const { cacheWrite5mInputTokens: fiveMinutes, cacheWrite1hInputTokens: oneHour } = vendor;
  const hasWrites = fiveMinutes !== undefined || oneHour !== undefined;
  return { ...vendor, cacheWriteInputTokens: hasWrites ? (fiveMinutes ?? 0) + (oneHour ?? 0) : undefined };
}

/**
 * The header's input excludes the cache; that it does so for every vendor is not verified, so the whole input
 * is no contradiction.
 */
function isWholeInput(vendor: ReportedUsage, { inputTokens }: BedrockCounts): boolean {
  if (vendor.inputTokens === undefined) return false;
  return inputTokens === totalInputTokens({ ...vendor, inputTokens: vendor.inputTokens, outputTokens: 0 });
}

function isContradicted(vendor: number | undefined, bedrock: number | undefined): boolean {
  return vendor !== undefined && bedrock !== undefined && vendor !== bedrock;
}

/** Bedrock's number of cache writes, with as much of the longer lifetime as the vendor names. */
function cacheWrites({ cacheWrite1hInputTokens = 0 }: ReportedUsage, written: number | undefined): Partial<TokenUsage> {
  if (written === undefined) return {};
  const longLived = Math.min(cacheWrite1hInputTokens, written);
  return {
    cacheWrite5mInputTokens: written - longLived,
    ...(longLived > 0 && { cacheWrite1hInputTokens: longLived }),
  };
}

function rawCounts(counts: BedrockCounts): string {
  const text = JSON.stringify(counts);
  return text === '{}' ? '' : text;
}

/** Undefined for what is no count. */
function countOf(value: Json | string[] | undefined): number | undefined {
  const count = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}
