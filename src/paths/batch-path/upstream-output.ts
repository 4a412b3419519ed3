import type { BatchHold } from '../../admission/spend-gate.ts';
import { linesOf, type OutputRecord, readOutputRecord } from '../../batches/batch-record.ts';
import { type InvocationJob, invocationJobArn, type ObjectPlace } from '../../batches/invocation-job.ts';
import { OutputTally, type ReportedEnd } from '../../batches/output-tally.ts';
import type { UpstreamBatchState } from '../../inference/batch-upstream.ts';
import { isJsonObject } from '../../inference/json-value.ts';
import type { JsonObject } from '../../inference/model-call.ts';
import { type TokenUsage, totalInputTokens } from '../../inference/token-usage.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Bucket, ObjectStore, ObjectStoreOf } from '../../kernel/object-store.ts';
import { NO_TAGS, sortedTagPairs } from '../../kernel/tags.ts';
import { MINUTE_MS } from '../../kernel/time.ts';
import { type Admission, callerFacts } from '../../metering/usage-event.ts';
import type { InferParts } from '../request-path/infer.ts';
import { settleCompleted } from '../request-path/settle.ts';
import { bucketOf, outputFolder } from './batch-output.ts';
import type { DelegatedJob } from './delegated-job.ts';
import { recordRequestId } from './record-request-id.ts';

export interface MeterUpstreamParts extends Pick<InferParts, 'clock' | 'journal' | 'directory'> {
  readonly storeOf: ObjectStoreOf;
  /** Which of these requests are in the ledger; everything that was journaled before is there first. */
  readonly metered: (requestIds: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly onTrouble: (message: string) => void;
}

/** What came of a job. */
export interface UpstreamEnd {
  readonly processed: number;
  readonly success: number;
  /** What does not agree, and what was done about it; empty where all does. */
  readonly message: string;
}

/** Records that are looked up and journaled at a time. */
const METERED_AT_ONCE = 500;
/** How far the clocks of an upstream and of its object store may be apart. */
const CLOCK_SKEW_MS = MINUTE_MS;
const MANIFEST = 'manifest.json.out';

interface UsedRecord {
  readonly requestId: string;
  readonly usage: TokenUsage;
  /** A second event of a record: no request of its own. */
  readonly isRepeat: boolean;
}

/** Where the output of a job lies: below a folder of the upstream's own id. */
export function upstreamOutput({ upstream }: InvocationJob, place: ObjectPlace): string {
  const { jobArn } = upstream!;
  return outputFolder({ output: place, jobId: jobArn.slice(jobArn.lastIndexOf('/') + 1) });
}

/**
 * Meters what an ended job has used, record by record, from its output, and what the output lacks of what the upstream
 * reports. A record has the same request id however often this is done, and what the ledger has already is left out, so a
 * process that dies in between loses and doubles nothing.
 */
export async function meterUpstream(
  delegated: DelegatedJob,
  { state, place, hold }: { readonly state: UpstreamBatchState; readonly place: ObjectPlace; readonly hold: BatchHold },
  parts: MeterUpstreamParts,
): Promise<UpstreamEnd> {
  const { job, batches } = delegated;
  const output = { store: parts.storeOf(place.bucket), bucket: bucketOf(place, job.region) };
  const folder = upstreamOutput(job, place);
  const keys = [...(await output.store.list(output.bucket, folder))].sort();
  const tally = new OutputTally();
  const meter = meterOf(delegated, state, hold, parts);
  for (const key of keys.filter((one) => one.endsWith('.jsonl.out'))) {
    let index = 0;
    for await (const record of outputRecords(output, key)) {
      const usage =
        record?.modelOutput &&
        (await batches.usageOf(record.modelInput as JsonObject, record.modelOutput as JsonObject));
      if (!record) tally.noteUnreadable();
      else tally.note(record.recordId, usage && { ...usage, inputTokens: totalInputTokens(usage) });
      if (usage) await meter.add({ requestId: recordRequestId(job, key, index), usage, isRepeat: false });
      index += 1;
    }
  }
  const { disagreements, ...shortfall } = tally.verdict(job.handover!.bound, {
    ...state,
    isComplete: state.status === 'completed',
    ...(await manifestOf(output, `${folder}${MANIFEST}`)),
    rewritten: await rewrittenAfter(state.endedAtMs, keys, output),
  });
  for (const used of shortfallRecords(job, shortfall, tally.processed)) await meter.add(used);
  await meter.flush();
  const { processed, success } = tally;
  if (disagreements.length === 0) return { processed, success, message: '' };
  const message = `The output is not what the upstream reports (${disagreements.join('; ')}): metered at the most it can be.`;
  parts.onTrouble(`batch job ${invocationJobArn(job)}: ${message}`);
  return { processed, success, message };
}

/** Meters a job at its bound of which nobody says any more what became of it. */
export async function meterUnknown(delegated: DelegatedJob, hold: BatchHold, parts: MeterUpstreamParts): Promise<void> {
  const meter = meterOf(delegated, {}, hold, parts);
  const { inputTokens, outputTokens } = delegated.job.handover!.bound;
  for (const used of shortfallRecords(delegated.job, { inputTokens, outputTokens }, 0)) await meter.add(used);
  await meter.flush();
}

interface OpenOutput {
  readonly store: ObjectStore;
  readonly bucket: Bucket;
}

/** Undefined for a line that is no record. */
async function* outputRecords({ store, bucket }: OpenOutput, key: string): AsyncGenerator<OutputRecord | undefined> {
  const content = await store.open(bucket, key);
  if (!content) return;
  let index = 0;
  try {
    for await (const line of linesOf(content)) {
      yield readOrNothing(line, index);
      index += 1;
    }
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    yield undefined;
  }
}

function readOrNothing(line: string, index: number): OutputRecord | undefined {
  try {
    return readOutputRecord(line, index);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return undefined;
  }
}

function isUnreadable(error: unknown): boolean {
  return error instanceof Fault && error.code === 'ValidationException';
}

async function manifestOf({ store, bucket }: OpenOutput, key: string): Promise<Pick<ReportedEnd, 'manifest'>> {
  const text = await store.read(bucket, key);
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    return {};
  }
  const { inputTokenCount, outputTokenCount } = isJsonObject(value) ? value : {};
  const count = (one: unknown) => (Number.isSafeInteger(one) && (one as number) > 0 ? (one as number) : 0);
  return { manifest: { inputTokens: count(inputTokenCount), outputTokens: count(outputTokenCount) } };
}

async function rewrittenAfter(
  endedAtMs: number | undefined,
  keys: readonly string[],
  { store, bucket }: OpenOutput,
): Promise<string[]> {
  const latestMs = (endedAtMs ?? Number.POSITIVE_INFINITY) + CLOCK_SKEW_MS;
  const rewritten: string[] = [];
  for (const key of keys) if (((await store.modifiedAtMs(bucket, key)) ?? 0) > latestMs) rewritten.push(key);
  return rewritten;
}

/** What is missing, in as many parts as there are records: one piece would come under the prices for long prompts. */
function* shortfallRecords(
  job: InvocationJob,
  shortfall: { readonly inputTokens: number; readonly outputTokens: number },
  found: number,
): Generator<UsedRecord> {
  const parts = Math.max(1, job.handover!.bound.records);
  const share = (total: number, index: number) => Math.floor(total / parts) + (index < total % parts ? 1 : 0);
  for (let index = 0; index < parts; index++) {
    const [inputTokens, outputTokens] = [share(shortfall.inputTokens, index), share(shortfall.outputTokens, index)];
    if (inputTokens + outputTokens === 0) return;
    const usage = { inputTokens, outputTokens, isEstimated: true, raw: '' };
    yield { requestId: recordRequestId(job, 'shortfall', index), usage, isRepeat: index < found };
  }
}

function meterOf(
  delegated: DelegatedJob,
  { endedAtMs }: Pick<UpstreamBatchState, 'endedAtMs'>,
  hold: BatchHold,
  parts: MeterUpstreamParts,
) {
  let waiting: UsedRecord[] = [];
  const flush = async () => {
    if (waiting.length === 0) return;
    const known = await parts.metered(waiting.map(({ requestId }) => requestId));
    for (const used of waiting) {
      if (!known.has(used.requestId)) await meterRecord(delegated, used, { endedAtMs, hold }, parts);
    }
    waiting = [];
  };
  const add = async (used: UsedRecord) => {
    waiting.push(used);
    if (waiting.length >= METERED_AT_ONCE) await flush();
  };
  return { add, flush };
}

async function meterRecord(
  { job, model }: DelegatedJob,
  { requestId, usage, isRepeat }: UsedRecord,
  { endedAtMs, hold }: { readonly endedAtMs: number | undefined; readonly hold: BatchHold },
  parts: MeterUpstreamParts,
): Promise<void> {
  const atMs = endedAtMs ?? parts.clock();
  const admission: Admission = {
    requestId,
    admittedAtMs: atMs,
    ...callerFacts(job.submitter),
    resourceTags: sortedTagPairs(model.resourceTags ?? NO_TAGS),
    accountTags: sortedTagPairs(parts.directory.account(job.accountId)?.tags ?? NO_TAGS),
    operation: 'ModelInvocationJob',
    requestedModelId: job.modelId,
    modelId: model.modelId,
    resourceArn: model.resourceArn,
    region: job.region,
    route: model.route,
    upstream: job.handover!.upstream,
    tier: 'standard',
    sourceIp: job.sourceIp,
    userAgent: job.userAgent,
    requestMetadata: [],
    isBatch: true,
    attemptOf: '',
    isRepeat,
    inputTokensEstimate: usage.inputTokens,
  };
  await parts.journal.admit(admission);
  const { principalArn, isGatewayPrincipal, jobArn } = job.upstream!;
  const upstream = { ...(principalArn !== '' && { principalArn }), isGatewayPrincipal, requestId: jobArn };
  await settleCompleted({ admission, hold }, { endedAtMs: atMs, usage, clientGone: false, upstream }, parts);
}
