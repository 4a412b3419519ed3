import { createHash } from 'node:crypto';
import { linesOf, readBatchRecord } from '../../batches/batch-record.ts';
import { type InvocationJob, invocationJobArn, objectUri, type UpstreamJob } from '../../batches/invocation-job.ts';
import type { BatchUpstream, UpstreamBatchState } from '../../inference/batch-upstream.ts';
import { isJsonObject } from '../../inference/json-value.ts';
import type { CallFacts, JsonObject } from '../../inference/model-call.ts';
import { type ModelCatalog, profileFacts, type ResolvedModel } from '../../inference/model-catalog.ts';
import type { ModelRoute, ModelRouter } from '../../inference/model-router.ts';
import type { TokenUsage } from '../../inference/token-usage.ts';
import type { ObjectStoreOf } from '../../kernel/object-store.ts';
import { NO_TAGS, sortedTagPairs } from '../../kernel/tags.ts';
import { type Admission, callerFacts } from '../../metering/usage-event.ts';
import type { InferParts } from '../request-path/infer.ts';
import { settleCompleted } from '../request-path/settle.ts';
import { inputRecords } from './batch-input.ts';
import { bucketOf, outputFolder } from './batch-output.ts';

export interface UpstreamJobParts extends Pick<InferParts, 'clock' | 'journal' | 'spendGate' | 'directory'> {
  readonly catalog: ModelCatalog;
  readonly router: ModelRouter;
  readonly storeOf: ObjectStoreOf;
  /** Which of these requests are in the ledger; everything that was journaled before is there first. */
  readonly metered: (requestIds: readonly string[]) => Promise<ReadonlySet<string>>;
}

/** A job whose model is served by an upstream that runs whole batches. */
export interface DelegatedJob {
  readonly job: InvocationJob;
  readonly model: ResolvedModel;
  readonly batches: BatchUpstream;
  readonly facts: CallFacts;
  readonly upstreamName: string;
}

/** Undefined for a job whose calls are made one by one. Throws what is wrong with the model. */
export function delegatedJob(job: InvocationJob, { catalog, router }: UpstreamJobParts): DelegatedJob | undefined {
  const model = catalog.resolve(job.modelId, job);
  const { backend, upstreamModelId }: ModelRoute = router.route(model.modelId);
  if (!backend.batches) return undefined;
  const facts: CallFacts = {
    requestId: requestIdOf(job, '', 0),
    modelId: model.modelId,
    upstreamModelId,
    caller: job.submitter,
    region: job.region,
    route: model.route,
    tier: 'standard',
    requestMetadata: [],
    ...profileFacts(model),
  };
  return { job, model, batches: backend.batches, facts, upstreamName: backend.name };
}

/**
 * Asks once whether every budget has room for the most that all records can cost. Nothing is held from then on: what a batch
 * costs is known when it ends. Throws the refusal.
 */
export async function requireRoom(
  { job, facts }: DelegatedJob,
  fileKeys: readonly string[],
  parts: UpstreamJobParts,
): Promise<void> {
  let bodyBytes = 0;
  let maxTokens = 0;
  for await (const { modelInput } of inputRecords(job, fileKeys, parts.storeOf)) {
    bodyBytes += Buffer.byteLength(JSON.stringify(modelInput));
    maxTokens += maxTokensOf(modelInput as JsonObject).maxTokens ?? DEFAULT_MAX_TOKENS;
  }
  const { requestId, modelId, region, route, tier } = facts;
  const prompt = { ...NO_PROMPT, maxTokens };
  const claim = {
    requestId,
    caller: job.submitter,
    prompt,
    bodyBytes,
    nowMs: parts.clock(),
    modelId,
    region,
    route,
    tier,
  };
  (await parts.spendGate.reserve(claim)).release();
}

/** For a record that sets no limit itself. */
const DEFAULT_MAX_TOKENS = 4_096;

/** Hands the job to the upstream; handing it over again is the same job there. */
export async function submitUpstream({ job, batches, facts, upstreamName }: DelegatedJob): Promise<UpstreamJob> {
  const { name, invocationType, timeoutHours } = job;
  const {
    jobArn,
    principalArn = '',
    isGatewayPrincipal,
  } = await batches.submit({
    ...{ facts, name, invocationType, timeoutHours },
    inputUri: objectUri(job.input),
    outputUri: objectUri(job.output),
    token: `tallyline-${job.accountId}-${job.jobId}`,
  });
  return { name: upstreamName, jobArn, principalArn, isGatewayPrincipal };
}

/** Records that are looked up and journaled at a time. */
const METERED_AT_ONCE = 500;

interface OutputRecord {
  readonly requestId: string;
  readonly modelInput: JsonObject;
  /** Absent: the record failed, and cost nothing. */
  readonly modelOutput?: JsonObject;
}

/**
 * Meters what an ended job has used, record by record, from its output. A record has the same request id however often this
 * is done, and what the ledger has already is left out, so a process that dies in between loses and doubles nothing.
 */
export async function meterUpstream(
  delegated: DelegatedJob,
  state: UpstreamBatchState,
  parts: UpstreamJobParts,
): Promise<{ readonly processed: number; readonly success: number }> {
  let processed = 0;
  let success = 0;
  let waiting: OutputRecord[] = [];
  const meter = async () => {
    const known = await parts.metered(waiting.map(({ requestId }) => requestId));
    for (const record of waiting) {
      if (record.modelOutput && !known.has(record.requestId)) await meterRecord(delegated, record, state, parts);
    }
    waiting = [];
  };
  for await (const record of outputRecords(delegated, parts.storeOf)) {
    processed += 1;
    if (record.modelOutput) success += 1;
    waiting.push(record);
    if (waiting.length >= METERED_AT_ONCE) await meter();
  }
  if (waiting.length > 0) await meter();
  return { processed, success };
}

/** What it was asked says nothing any more about what it costs. */
const NO_PROMPT = { messages: [], system: [], additionalFields: {} };

async function meterRecord(
  { job, model, batches, facts }: DelegatedJob,
  { requestId, modelInput, modelOutput }: OutputRecord,
  state: UpstreamBatchState,
  parts: UpstreamJobParts,
): Promise<void> {
  const usage = await batches.usageOf(modelInput, modelOutput!);
  const admission = admissionOf(
    job,
    model,
    { requestId, admittedAtMs: state.endedAtMs ?? parts.clock(), usage },
    parts,
  );
  await parts.journal.admit(admission);
  const { principalArn, isGatewayPrincipal } = job.upstream!;
  const upstream = {
    ...(principalArn !== '' && { principalArn }),
    isGatewayPrincipal,
    requestId: job.upstream!.jobArn,
  };
  const claim = {
    ...{ requestId, caller: job.submitter, prompt: NO_PROMPT, bodyBytes: 0, nowMs: parts.clock() },
    ...{ modelId: facts.modelId, region: facts.region, route: facts.route, tier: facts.tier },
  };
  const hold = parts.spendGate.spent(claim);
  try {
    const ending = { endedAtMs: admission.admittedAtMs, usage, clientGone: false, upstream };
    await settleCompleted({ admission, hold }, ending, parts);
  } finally {
    hold.release();
  }
}

/** Nobody has checked the record: what is no limit sets none, and of several names whichever allows the most counts. */
function maxTokensOf({ max_tokens, max_completion_tokens, inferenceConfig }: JsonObject): { maxTokens?: number } {
  const { maxTokens, max_new_tokens } = isJsonObject(inferenceConfig) ? inferenceConfig : {};
  const limits = [max_tokens, max_completion_tokens, maxTokens, max_new_tokens].filter(isLimit);
  return limits.length > 0 ? { maxTokens: Math.max(...limits) } : {};
}

function isLimit(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function admissionOf(
  job: InvocationJob,
  model: ResolvedModel,
  call: { readonly requestId: string; readonly admittedAtMs: number; readonly usage: TokenUsage },
  { directory }: UpstreamJobParts,
): Admission {
  return {
    requestId: call.requestId,
    admittedAtMs: call.admittedAtMs,
    ...callerFacts(job.submitter),
    resourceTags: sortedTagPairs(model.resourceTags ?? NO_TAGS),
    accountTags: sortedTagPairs(directory.account(job.accountId)?.tags ?? NO_TAGS),
    operation: 'ModelInvocationJob',
    requestedModelId: job.modelId,
    modelId: model.modelId,
    resourceArn: model.resourceArn,
    region: job.region,
    route: model.route,
    upstream: job.upstream!.name,
    tier: 'standard',
    sourceIp: job.sourceIp,
    userAgent: job.userAgent,
    requestMetadata: [],
    isBatch: true,
    attemptOf: '',
    isRepeat: false,
    inputTokensEstimate: call.usage.inputTokens,
  };
}

/** Every record of the output that the upstream wrote below a folder of its own id. */
async function* outputRecords({ job }: DelegatedJob, storeOf: ObjectStoreOf): AsyncGenerator<OutputRecord> {
  const store = storeOf(job.output.bucket);
  const bucket = bucketOf(job.output, job.region);
  const upstreamId = job.upstream!.jobArn.slice(job.upstream!.jobArn.lastIndexOf('/') + 1);
  const keys = await store.list(bucket, outputFolder({ output: job.output, jobId: upstreamId }));
  for (const key of keys.filter((one) => one.endsWith('.jsonl.out')).sort()) {
    let index = 0;
    const content = await store.open(bucket, key);
    if (!content) continue;
    for await (const line of linesOf(content)) {
      const { modelInput } = readBatchRecord(line, index);
      const { modelOutput } = JSON.parse(line) as { readonly modelOutput?: unknown };
      const requestId = requestIdOf(job, key, index);
      yield {
        ...{ requestId, modelInput: modelInput as JsonObject },
        ...(isJsonObject(modelOutput as JsonObject) && { modelOutput: modelOutput as JsonObject }),
      };
      index += 1;
    }
  }
}

/** A UUID of the record: version 8, made of a digest (RFC 9562). */
function requestIdOf(job: InvocationJob, key: string, index: number): string {
  const bytes = createHash('sha256')
    .update(`${invocationJobArn(job)}\n${key}\n${index}`)
    .digest()
    .subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
