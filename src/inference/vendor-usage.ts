import { isJsonObject, isNestedTooDeep } from './json-value.ts';
import type { Json, JsonObject } from './model-call.ts';
import type { TokenUsage } from './token-usage.ts';

/**
 * What a vendor's usage object says, in our disjoint classes. A number that is absent was not reported or is not a
 * count of tokens. `isEstimated` is set where the numbers contradict each other.
 */
export interface ReportedUsage extends Omit<TokenUsage, 'inputTokens' | 'outputTokens'> {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

/** A larger number is not a count of one call; the bound keeps every sum exact. */
const MAX_TOKENS = 1e12;

/** Longer usage objects are not kept: every vendor's is below 1 KB. */
const MAX_RAW_CHARS = 16_384;

/**
 * Counts whatever the vendor left out; a promise only where it left something out. Both counters are called only when needed.
 */
export function completeUsage(
  reported: ReportedUsage,
  countInput: () => Promise<number>,
  countOutput: () => Promise<number>,
): TokenUsage | Promise<TokenUsage> {
  return isComplete(reported) ? reported : counted(reported, countInput, countOutput);
}

function isComplete(reported: ReportedUsage): reported is TokenUsage {
  const { inputTokens, outputTokens } = reported;
  return inputTokens !== undefined && outputTokens !== undefined;
}

async function counted(
  reported: ReportedUsage,
  countInput: () => Promise<number>,
  countOutput: () => Promise<number>,
): Promise<TokenUsage> {
  const { inputTokens, outputTokens } = reported;
  const cached =
    (reported.cacheReadInputTokens ?? 0) +
    (reported.cacheWrite5mInputTokens ?? 0) +
    (reported.cacheWrite1hInputTokens ?? 0);
  return {
    ...reported,
    inputTokens: inputTokens ?? Math.max(0, (await countInput()) - cached),
    outputTokens: outputTokens ?? (await countOutput()),
    isEstimated: true,
  };
}

/**
 * OpenAI's shape (also vLLM, Ollama, Qwen, DeepSeek, Mistral, AI21, xAI): `prompt_tokens` includes cached tokens and
 * `completion_tokens` includes reasoning; in the Responses API they are `input_tokens` and `output_tokens`. Vendors that break one of the two rules give themselves away in `total_tokens`,
 * so the total decides which reading is taken; without a total the rules hold.
 */
export function openaiUsage(vendor: unknown): ReportedUsage {
  if (!isJsonObject(vendor)) return nothingReported(vendor);
  const counts = new CountReader();
  const promptDetails = objectOrEmpty(vendor.prompt_tokens_details ?? vendor.input_tokens_details);
  const completionDetails = objectOrEmpty(vendor.completion_tokens_details ?? vendor.output_tokens_details);
  const prompt = counts.read(vendor.prompt_tokens ?? vendor.input_tokens);
  const completion = counts.read(vendor.completion_tokens ?? vendor.output_tokens);
  const total = counts.read(vendor.total_tokens);
  const cacheRead = counts.read(promptDetails.cached_tokens ?? vendor.prompt_cache_hit_tokens);
  const cacheWrite = counts.read(promptDetails.cache_write_tokens ?? promptDetails.cache_creation_tokens);
  const reasoning = counts.read(completionDetails.reasoning_tokens) ?? 0;
  const cached = (cacheRead ?? 0) + (cacheWrite ?? 0);

  let reasoningApart = 0;
  let cachedApart = 0;
  if (total !== undefined && prompt !== undefined && completion !== undefined) {
    const excess = total - prompt - completion;
    if (excess === reasoning || excess === reasoning + cached) reasoningApart = reasoning;
    if (excess === reasoningApart + cached) cachedApart = cached;
    counts.expect(excess === reasoningApart + cachedApart);
  }
  // A cache kept apart breaks OpenAI's contract: the reading is ours, so it is flagged.
  counts.expect(cachedApart === 0);

  const output = completion === undefined ? undefined : completion + reasoningApart;
  counts.expect(output === undefined || reasoning <= output);
  const wholeInput = prompt === undefined ? undefined : prompt + cachedApart;
  counts.expect(wholeInput === undefined || cached <= wholeInput);
  const readPart = smaller(cacheRead, wholeInput);
  const writePart = smaller(cacheWrite, wholeInput === undefined ? undefined : wholeInput - (readPart ?? 0));
  return {
    ...present('inputTokens', wholeInput === undefined ? undefined : wholeInput - (readPart ?? 0) - (writePart ?? 0)),
    ...present('outputTokens', output === undefined ? undefined : Math.max(output, reasoning)),
    ...present('cacheReadInputTokens', readPart),
    ...present('cacheWrite5mInputTokens', writePart),
    isEstimated: !counts.isSound,
    raw: rawText(vendor),
  };
}

/** Reasoning within the output, where OpenAI's shape of the vendor's own words names it. */
export function reasoningTokensOf({ raw }: Pick<TokenUsage, 'raw'>): number | undefined {
  if (!raw.includes('"reasoning_tokens"')) return undefined;
  const vendor: Json = JSON.parse(raw);
  if (!isJsonObject(vendor)) return undefined;
  const details = objectOrEmpty(vendor.completion_tokens_details ?? vendor.output_tokens_details);
  return new CountReader().read(details.reasoning_tokens);
}

/**
 * Anthropic Messages: `input_tokens` excludes the cache classes. Of a stream, pass the fields of `message_start` overlaid
 * with those of the last `message_delta`: the deltas are cumulative and must never be added up.
 */
export function anthropicUsage(vendor: unknown): ReportedUsage {
  if (!isJsonObject(vendor)) return nothingReported(vendor);
  const counts = new CountReader();
  const byLifetime = objectOrEmpty(vendor.cache_creation);
  return {
    ...present('inputTokens', counts.read(vendor.input_tokens)),
    ...present('outputTokens', counts.read(vendor.output_tokens)),
    ...present('cacheReadInputTokens', counts.read(vendor.cache_read_input_tokens)),
    ...cacheWrites(
      counts,
      counts.read(vendor.cache_creation_input_tokens),
      counts.read(byLifetime.ephemeral_5m_input_tokens),
      counts.read(byLifetime.ephemeral_1h_input_tokens),
    ),
    isEstimated: !counts.isSound,
    raw: rawText(vendor),
  };
}

/** Converse and Amazon Nova, whose native body ends the cache fields in `Count`: `inputTokens` excludes the cache classes. */
export function converseUsage(vendor: unknown): ReportedUsage {
  if (!isJsonObject(vendor)) return nothingReported(vendor);
  const counts = new CountReader();
  const input = counts.read(vendor.inputTokens);
  const output = counts.read(vendor.outputTokens);
  const cacheRead = counts.read(vendor.cacheReadInputTokens ?? vendor.cacheReadInputTokenCount);
  const cacheWrite = counts.read(vendor.cacheWriteInputTokens ?? vendor.cacheWriteInputTokenCount);
  const details = Array.isArray(vendor.cacheDetails) ? vendor.cacheDetails.filter(isJsonObject) : [];
  const writesOf = (ttl: string) => counts.read(details.find((detail) => detail.ttl === ttl)?.inputTokens);
  const total = counts.read(vendor.totalTokens);
  if (total !== undefined && input !== undefined && output !== undefined) {
    // Whether the total has the cache classes differs by model (unverified for most); both are sound.
    const excess = total - input - output;
    counts.expect(excess === 0 || excess === (cacheRead ?? 0) + (cacheWrite ?? 0));
  }
  return {
    ...present('inputTokens', input),
    ...present('outputTokens', output),
    ...present('cacheReadInputTokens', cacheRead),
    ...cacheWrites(counts, cacheWrite, writesOf('5m'), writesOf('1h')),
    isEstimated: !counts.isSound,
    raw: rawText(vendor),
  };
}

/** Reads counts and remembers whether all of them were sound. */
class CountReader {
  isSound = true;

  /** Undefined for an absent field (null counts as absent) and for anything that is not a count. */
  read(value: Json | undefined): number | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS) return value;
    this.isSound = false;
    return undefined;
  }

  expect(holds: boolean): void {
    if (!holds) this.isSound = false;
  }
}

/** Cache writes by lifetime. The total is kept when the parts do not add up to it: it is what vendors bill from. */
function cacheWrites(
  counts: CountReader,
  reportedTotal: number | undefined,
  fiveMinutes: number | undefined,
  oneHour: number | undefined,
): Pick<TokenUsage, 'cacheWrite5mInputTokens' | 'cacheWrite1hInputTokens'> {
  const hasParts = fiveMinutes !== undefined || oneHour !== undefined;
  const partsTotal = (fiveMinutes ?? 0) + (oneHour ?? 0);
  const total = reportedTotal ?? (hasParts ? partsTotal : undefined);
  if (total === undefined) return {};
  counts.expect(!hasParts || partsTotal === total);
  const longLived = smaller(oneHour, total);
  return {
    cacheWrite5mInputTokens: total - (longLived ?? 0),
    ...present('cacheWrite1hInputTokens', longLived),
  };
}

function nothingReported(vendor: unknown): ReportedUsage {
  const isAbsent = vendor === undefined || vendor === null;
  return { isEstimated: !isAbsent, raw: isAbsent ? '' : rawText(vendor) };
}

function rawText(vendor: unknown): string {
  const text = isNestedTooDeep(vendor) ? '' : JSON.stringify(vendor);
  return text.length > MAX_RAW_CHARS ? '' : text;
}

function objectOrEmpty(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function present<Name extends string>(name: Name, count: number | undefined): { [name in Name]?: number } {
  return count === undefined ? {} : ({ [name]: count } as { [name in Name]?: number });
}

function smaller(count: number | undefined, bound: number | undefined): number | undefined {
  return count === undefined || bound === undefined ? count : Math.min(count, bound);
}
