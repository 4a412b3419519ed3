import type { InferenceOperation, Route, Tier, UsageEvent } from '../metering/usage-event.ts';

/** What a model identifier of a log stands for. */
export interface LoggedModel {
  readonly modelId: string;
  readonly route: Route;
  readonly resourceArn: string;
}

/** Undefined for a model that nobody knows here. */
export type ModelOf = (
  requestedModelId: string,
  scope: { readonly accountId: string; readonly region: string },
) => LoggedModel | undefined;

/** A call of Bedrock's model invocation log as usage. */
export interface LoggedUsage {
  /** `usage.isEstimated` is set: what a log counts can be rated, but the bill has the last word. */
  readonly event: UsageEvent;
  /** Where the model ran, of cross-region inference; empty where the log does not say. */
  readonly inferenceRegion: string;
}

/** A record that is no usage, and why in a few words. */
export interface SkippedRecord {
  readonly skipped: string;
}

const OPERATIONS: readonly InferenceOperation[] = [
  ...(['Converse', 'ConverseStream', 'InvokeModel', 'InvokeModelWithResponseStream'] as const),
];

/**
 * Reads one record (Bedrock User Guide, model invocation logging; members as in published samples, read 2026-11). A log has no
 * tags, and names cache writes without their lifetime: five minutes, unless the answer's body says how much was kept for an hour.
 */
export function readLoggedUsage(record: unknown, modelOf: ModelOf): LoggedUsage | SkippedRecord {
  if (!isObject(record) || record.schemaType !== 'ModelInvocationLog') return { skipped: 'no model invocation record' };
  const atMs = Date.parse(text(record.timestamp));
  if (Number.isNaN(atMs)) return { skipped: `timestamp \`${text(record.timestamp)}\`` };
  const operation = OPERATIONS.find((one) => one === record.operation);
  if (operation === undefined) return { skipped: `operation \`${text(record.operation)}\`` };
  const accountId = text(record.accountId);
  const region = text(record.region);
  const requestedModelId = text(record.modelId);
  const model = modelOf(requestedModelId, { accountId, region }) ?? unknownModel(requestedModelId);
  const errorCode = text(record.errorCode);
  const event: UsageEvent = {
    ...{ requestId: text(record.requestId), admittedAtMs: atMs, endedAtMs: atMs, accountId, region, operation },
    ...{ principalArn: text(object(record.identity).arn), principalId: '', accessKeyId: '', sourceIdentity: '' },
    ...{ principalTags: [], resourceTags: [], accountTags: [], requestedModelId, ...model },
    ...{ upstream: '', tier: tierOf(record), sourceIp: '', userAgent: '', isBatch: false, attemptOf: '' },
    requestMetadata: pairs(object(record.requestMetadata)),
    ...{ isRepeat: false, inputTokensEstimate: 0, status: errorCode === '' ? 'completed' : 'failed', errorCode },
    usage: tokenUsage(object(record.input), object(record.output)),
    ...{ upstreamRequestId: '', upstreamPrincipalArn: '', isGatewayPrincipal: false, clientGone: false },
  };
  return { event, inferenceRegion: text(record.inferenceRegion) };
}

/** A file of the log by its key: `{prefix}/AWSLogs/{account}/BedrockModelInvocationLogs/{region}/2026/05/01/12/name.json.gz`. */
export interface InvocationLogFile {
  readonly accountId: string;
  readonly region: string;
  /** Start of the hour of its records, UTC. */
  readonly hourMs: number;
}

const KEY =
  /(?:^|\/)AWSLogs\/(\d{12})\/BedrockModelInvocationLogs\/([a-z0-9-]+)\/(\d{4})\/(\d{2})\/(\d{2})\/(\d{2})\/[^/]+\.json(?:\.gz)?$/;

/** Undefined for anything else, such as bodies that lie apart under `data/` and the permission check. */
export function invocationLogFile(key: string): InvocationLogFile | undefined {
  const [, accountId, region, year, month, day, hour] = KEY.exec(key) ?? [];
  if (accountId === undefined || region === undefined) return undefined;
  return { accountId, region, hourMs: Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour)) };
}

function tokenUsage(input: JsonObject, output: JsonObject): UsageEvent['usage'] {
  const body = usageOf(output.outputBodyJson);
  const read = count(input.cacheReadInputTokenCount) ?? count(body.cacheReadInputTokens);
  const written = count(input.cacheWriteInputTokenCount) ?? count(body.cacheWriteInputTokens);
  const forAnHour = Math.min(hourlyWrites(body), written ?? 0);
  return {
    inputTokens: count(input.inputTokenCount) ?? count(body.inputTokens) ?? count(body.input_tokens) ?? 0,
    outputTokens: count(output.outputTokenCount) ?? count(body.outputTokens) ?? count(body.output_tokens) ?? 0,
    ...(read !== undefined && { cacheReadInputTokens: read }),
    ...(written !== undefined && { cacheWrite5mInputTokens: written - forAnHour }),
    ...(forAnHour > 0 && { cacheWrite1hInputTokens: forAnHour }),
    isEstimated: true,
    raw: '',
  };
}

/** The usage object of an answer, in Converse's or the vendor's own form; of an answer in pieces the last that has one. */
function usageOf(body: unknown): JsonObject {
  const pieces = Array.isArray(body) ? body : [body];
  for (const piece of pieces.toReversed()) {
    const of = object(piece);
    for (const usage of [of.usage, object(of.metadata).usage, object(of.message).usage]) {
      if (isObject(usage)) return usage;
    }
  }
  return {};
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

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Whole and not negative; anything else was not counted. */
function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

function pairs(value: JsonObject): [string, string][] {
  return Object.entries(value)
    .flatMap(([key, item]) => (typeof item === 'string' ? [[key, item] as [string, string]] : []))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
