import { nameUuid } from '../kernel/name-uuid.ts';
import { NO_TAGS, sortedTagPairs, type TagSet } from '../kernel/tags.ts';
import { DAY_MS } from '../kernel/time.ts';
import type { InferenceOperation, Route, Tier, UsageEvent } from '../metering/usage-event.ts';

/** What a model identifier of a log stands for. */
export interface LoggedModel {
  readonly modelId: string;
  readonly route: Route;
  readonly resourceArn: string;
  /** Of an application inference profile. */
  readonly resourceTags?: TagSet;
}

/** Undefined for a model that nobody knows here. */
export type ModelOf = (
  requestedModelId: string,
  scope: { readonly accountId: string; readonly region: string },
) => LoggedModel | undefined;

/** A call of Bedrock's model invocation log as usage. */
export interface LoggedUsage {
  /** `usage.isEstimated` is set: what a log counts can be rated, but the bill has the last word. No tags of the caller, and no upstream. */
  readonly event: UsageEvent;
  readonly isKnownModel: boolean;
  /** False where the log says no number of tokens: a model that is paid for by something else. */
  readonly isCounted: boolean;
  /** Request of the gateway that it was made for, as the caller of AWS says; empty where none is named. */
  readonly gatewayRequestId: string;
}

/** A record that is no usage, and why in a few words. */
export interface SkippedRecord {
  readonly skipped: string;
}

/** Those of AWS's log, and the doors that a gateway's own log has besides. */
const OPERATIONS: readonly InferenceOperation[] = [
  ...(['Converse', 'ConverseStream', 'InvokeModel', 'InvokeModelWithResponseStream'] as const),
  ...(['ChatCompletions', 'Responses', 'Embeddings', 'Messages'] as const),
];

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Longer texts of a log are cut: they are names, and may be anything. */
const NAME_CHARACTERS_MAX = 2_048;
/** AWS's ids have 36. */
const ID_CHARACTERS_MAX = 128;
/** Entries of `requestMetadata` and their characters: as AWS limits them. */
const PAIRS_MAX = 16;
const PAIR_CHARACTERS_MAX = 256;
/** No model reads or writes so many in one call. */
const TOKENS_MAX = 1e9;
/** Amazon Bedrock is not older. */
const FIRST_CALL_MS = Date.UTC(2023, 0, 1);

/**
 * Reads one record (Bedrock User Guide, model invocation logging; members as in published samples, read 2026-11). A log has no
 * tags, and names cache writes without their lifetime: five minutes, unless the answer's body says how much was kept for an hour.
 */
export function readLoggedUsage(record: unknown, modelOf: ModelOf, nowMs: number): LoggedUsage | SkippedRecord {
  if (!isObject(record) || record.schemaType !== 'ModelInvocationLog') return { skipped: 'no model invocation record' };
  const atMs = Date.parse(text(record.timestamp));
  if (!(atMs >= FIRST_CALL_MS && atMs <= nowMs + DAY_MS)) return { skipped: 'no time at which it can have been' };
  const operation = OPERATIONS.find((one) => one === record.operation);
  if (operation === undefined) return { skipped: `operation \`${text(record.operation)}\` is not understood` };
  const accountId = text(record.accountId);
  const region = text(record.region);
  if (!/^\d{12}$/.test(accountId) || !/^[a-z]{2,4}(-[a-z]+)+-\d$/.test(region))
    return { skipped: 'no account and region' };
  const upstreamRequestId = text(record.requestId);
  if (upstreamRequestId === '' || upstreamRequestId.length > ID_CHARACTERS_MAX) return { skipped: 'no request id' };
  const principalArn = text(object(record.identity).arn);
  const requestedModelId = text(record.modelId);
  const model = modelOf(requestedModelId, { accountId, region });
  const { modelId, route, resourceArn, resourceTags = NO_TAGS } = model ?? unknownModel(requestedModelId);
  const errorCode = text(record.errorCode);
  const requestMetadata = pairs(object(record.requestMetadata));
  const counts = tokenCounts(object(record.input), object(record.output));
  const event: UsageEvent = {
    requestId: loggedRequestId(upstreamRequestId, accountId, region),
    ...{ admittedAtMs: atMs, endedAtMs: atMs, accountId, region, operation },
    ...{ principalArn, principalId: '', accessKeyId: '', sourceIdentity: '' },
    ...{ principalTags: [], resourceTags: sortedTagPairs(resourceTags), accountTags: [] },
    ...{ requestedModelId, modelId, route, resourceArn },
    ...{ upstream: '', tier: tierOf(record), sourceIp: '', userAgent: '', isBatch: false, attemptOf: '' },
    ...{ requestMetadata, isRepeat: false, inputTokensEstimate: 0 },
    ...{ status: errorCode === '' ? 'completed' : 'failed', errorCode },
    usage: { ...counts.usage, raw: rawOf(record) },
    // AWS's bill names whoever its log names.
    ...{ upstreamRequestId, upstreamPrincipalArn: principalArn, isGatewayPrincipal: false, clientGone: false },
  };
  const gatewayRequestId = requestMetadata.find(([key]) => key === 'tallyline.request_id')?.[1] ?? '';
  return {
    ...{ event, isKnownModel: model !== undefined, isCounted: counts.isCounted },
    gatewayRequestId: UUID.test(gatewayRequestId) ? gatewayRequestId : '',
  };
}

/** AWS's own, which is a UUID; whatever else a log has gets one of its own. */
function loggedRequestId(requestId: string, accountId: string, region: string): string {
  const lower = requestId.toLowerCase();
  return UUID.test(lower) ? lower : nameUuid('invocation-log', accountId, region, requestId);
}

/** What the log says of it beside the bodies. */
function rawOf({ input, output, inferenceRegion }: JsonObject): string {
  const numbers = Object.entries({ ...object(input), ...object(output) }).filter(([key, value]) => {
    return key.endsWith('TokenCount') && typeof value === 'number';
  });
  return JSON.stringify({ ...Object.fromEntries(numbers), ...(isText(inferenceRegion) && { inferenceRegion }) });
}

function tokenCounts(input: JsonObject, output: JsonObject) {
  const body = usageOf(output.outputBodyJson);
  const inputTokens = firstCount(input.inputTokenCount, body.inputTokens, body.input_tokens);
  const outputTokens = firstCount(output.outputTokenCount, body.outputTokens, body.output_tokens);
  const read = firstCount(input.cacheReadInputTokenCount, body.cacheReadInputTokens, body.cache_read_input_tokens);
  const written = firstCount(
    ...[input.cacheWriteInputTokenCount, body.cacheWriteInputTokens, body.cache_creation_input_tokens],
  );
  const forAnHour = Math.min(hourlyWrites(body), written ?? 0);
  const usage = {
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    ...(read !== undefined && { cacheReadInputTokens: read }),
    ...(written !== undefined && { cacheWrite5mInputTokens: written - forAnHour }),
    ...(forAnHour > 0 && { cacheWrite1hInputTokens: forAnHour }),
    isEstimated: true,
  };
  return { usage, isCounted: (inputTokens ?? outputTokens) !== undefined };
}

/** The usage object of an answer, in Converse's or the vendor's own form; of an answer in pieces what the last of them say. */
function usageOf(body: unknown): JsonObject {
  const pieces = (Array.isArray(body) ? body : [body]).map(object);
  const all = pieces.flatMap(({ message, usage, metadata }) => [object(message).usage, usage, object(metadata).usage]);
  return Object.assign({}, ...all.filter(isObject));
}

/** Converse's `cacheDetails`, or Claude's `cache_creation`. */
function hourlyWrites(usage: JsonObject): number {
  const details = Array.isArray(usage.cacheDetails) ? usage.cacheDetails.map(object) : [];
  const hourly = details.find(({ ttl }) => ttl === '1h');
  return count(hourly?.inputTokens) ?? count(object(usage.cache_creation).ephemeral_1h_input_tokens) ?? 0;
}

function tierOf({ performanceConfig, serviceTier }: JsonObject): Tier {
  if (object(performanceConfig).latency === 'optimized') return 'latency_optimized';
  const tier = isObject(serviceTier) ? serviceTier.type : serviceTier;
  return tier === 'priority' || tier === 'flex' || tier === 'reserved' ? tier : 'standard';
}

/** Its id, without what an ARN has in front and a geography before it. */
function unknownModel(requested: string): LoggedModel {
  const id = requested.replace(/^arn:.*\//, '');
  const [, prefix, modelId] = /^(global|us|eu|apac|jp|au|ca|in|us-gov)\.(.+)$/.exec(id) ?? [];
  if (modelId === undefined) return { modelId: id, route: 'in_region', resourceArn: requested };
  return { modelId, route: prefix === 'global' ? 'global' : 'geo', resourceArn: requested };
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function object(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= NAME_CHARACTERS_MAX;
}

/** Without NUL, which separates what is compared as one. */
function text(value: unknown, charactersMax = NAME_CHARACTERS_MAX): string {
  return typeof value === 'string' ? value.slice(0, charactersMax).replaceAll('\u0000', '') : '';
}

/** Whole, not negative and no more than a call can have; anything else was not counted. */
function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= TOKENS_MAX
    ? (value as number)
    : undefined;
}

function firstCount(...values: readonly unknown[]): number | undefined {
  return values.map(count).find((number) => number !== undefined);
}

function pairs(value: JsonObject): [string, string][] {
  return Object.entries(value)
    .slice(0, PAIRS_MAX)
    .map(([key, item]): [string, string] => [text(key, PAIR_CHARACTERS_MAX), text(item, PAIR_CHARACTERS_MAX)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
