import { type BatchRecord, linesOf, outputLine, type RecordOutcome, readBatchRecord } from '../batches/batch-record.ts';
import { expiresAtMs, type InvocationJob, isEnded, objectUri } from '../batches/invocation-job.ts';
import type { InvocationJobs } from '../batches/invocation-jobs.ts';
import { Fault } from '../kernel/fault.ts';
import type { ObjectStore, ObjectStoreOf } from '../kernel/object-store.ts';
import { type BatchCallParts, type CalledRecord, callRecord } from './batch-path/batch-call.ts';
import { BatchOutput, bucketOf } from './batch-path/batch-output.ts';
import { requireBatchRole } from './batch-role.ts';

export interface BatchPathParts extends BatchCallParts {
  readonly jobs: InvocationJobs;
  readonly storeOf: ObjectStoreOf;
  /** Calls of one job at the same time. */
  readonly recordsAtOnce: number;
  readonly maxRecords: number;
  /** Resolves after so many milliseconds, or when the signal aborts. */
  readonly wait: (ms: number, stopped: AbortSignal) => Promise<void>;
}

/** Records between two looks at what is kept of the job. */
const FLUSH_EVERY_RECORDS = 100;
/** A call that was throttled is tried so often; a batch is not in a hurry. */
const MAX_TRIES = 6;
const FIRST_WAIT_MS = 1_000;

/**
 * The batch path: read > call (the request path's steps) > keep > publish. A job that was cut off, by a stop of the server or
 * its death, goes on with the records that it has not kept; `closing` aborts when the server stops.
 */
export async function runInvocationJob(arn: string, parts: BatchPathParts, closing: AbortSignal): Promise<void> {
  const { jobs, clock } = parts;
  const change = (changed: Partial<InvocationJob>) => jobs.change(arn, () => changed, clock());
  const job = await jobs.change(arn, ({ status }) => (status === 'Submitted' ? { status: 'Validating' } : {}), clock());
  if (!job || isEnded(job)) return;
  try {
    requireBatchRole(job, parts.directory, clock());
    const input = parts.storeOf(job.input.bucket);
    const fileKeys = await inputKeys(job, input);
    const total = await countRecords(job, input, fileKeys, parts.maxRecords);
    const output = await BatchOutput.open(job, parts.storeOf(job.output.bucket));
    if (job.status !== 'Stopping') await change({ status: 'InProgress', counts: output.counts(total) });
    const end = await callAll({ arn, job, input, fileKeys, total, output }, parts, closing);
    if (end === 'closing') return;
    await output.publish(fileKeys, total);
    await change({ status: statusAfter(end, output.counts(total).processed), counts: output.counts(total) });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // The store is away: the job waits for it.
    if (error.code === 'StoreUnavailable' || error.code === 'ServiceUnavailableException') throw error;
    await change({ status: 'Failed', message: error.message });
  }
}

type End = 'done' | 'stopped' | 'expired' | 'closing';

function statusAfter(end: Exclude<End, 'closing'>, processed: number): InvocationJob['status'] {
  if (end === 'stopped') return 'Stopped';
  if (end === 'expired') return processed > 0 ? 'PartiallyCompleted' : 'Expired';
  return 'Completed';
}

interface Running {
  readonly arn: string;
  readonly job: InvocationJob;
  readonly input: ObjectStore;
  readonly fileKeys: readonly string[];
  readonly total: number;
  readonly output: BatchOutput;
}

/** Calls what is not done yet, some at a time, until all is done or the job is to end. */
async function callAll(running: Running, parts: BatchPathParts, closing: AbortSignal): Promise<End> {
  const { arn, job, output, total } = running;
  const records = recordsLeft(running)[Symbol.asyncIterator]();
  let end: End = 'done';
  let sinceFlush = 0;
  const work = async () => {
    for (;;) {
      if (end !== 'done') return;
      end = endOf(parts.jobs.get(arn), closing, parts.clock());
      if (end !== 'done') return;
      const next = await records.next();
      if (next.done) return;
      const { fileKey, index, record } = next.value;
      const called = await callWithPatience(job, record, parts, closing);
      if (!called) return;
      await output.keep({ fileKey, index, ...called, line: outputLine(record, called.outcome) });
      sinceFlush += 1;
      if (sinceFlush < FLUSH_EVERY_RECORDS) continue;
      sinceFlush = 0;
      await output.flush();
      await parts.jobs.change(arn, () => ({ counts: output.counts(total) }), parts.clock());
    }
  };
  await Promise.all(Array.from({ length: parts.recordsAtOnce }, work));
  await output.flush();
  return closing.aborted ? 'closing' : end;
}

function endOf(job: InvocationJob | undefined, closing: AbortSignal, nowMs: number): End {
  if (closing.aborted || !job) return 'closing';
  if (job.status === 'Stopping') return 'stopped';
  return nowMs >= expiresAtMs(job) ? 'expired' : 'done';
}

/** Undefined when the server stops before there is an answer that counts. */
async function callWithPatience(
  job: InvocationJob,
  record: BatchRecord,
  parts: BatchPathParts,
  closing: AbortSignal,
): Promise<(Omit<CalledRecord, 'fault'> & { readonly outcome: RecordOutcome }) | undefined> {
  for (let tries = 1; ; tries += 1) {
    const called = await callRecord(job, record, parts);
    if (called.fault?.code !== 'ThrottlingException' || tries === MAX_TRIES) return called;
    await parts.wait(FIRST_WAIT_MS * 2 ** (tries - 1), closing);
    if (closing.aborted) return undefined;
  }
}

async function* recordsLeft({
  job,
  input,
  fileKeys,
  output,
}: Running): AsyncGenerator<{ fileKey: string; index: number; record: BatchRecord }> {
  for (const fileKey of fileKeys) {
    let index = 0;
    for await (const line of linesOf(await content(job, input, fileKey))) {
      if (!output.isDone(fileKey, index)) yield { fileKey, index, record: readBatchRecord(line, index) };
      index += 1;
    }
  }
}

/** The one object that the job names, or all of JSONL below the folder that it names. Throws ValidationException. */
async function inputKeys({ input, region }: InvocationJob, store: ObjectStore): Promise<string[]> {
  if (input.key !== '' && !input.key.endsWith('/')) return [input.key];
  const keys = await store.list(bucketOf(input, region), input.key);
  const found = keys.filter((key) => key.endsWith('.jsonl')).sort();
  if (found.length > 0) return found;
  throw new Fault('ValidationException', `There is no .jsonl file under ${objectUri(input)}.`);
}

/** Reads every line once before the first call: a batch with a line that is none fails as a whole. Throws ValidationException. */
async function countRecords(
  job: InvocationJob,
  store: ObjectStore,
  fileKeys: readonly string[],
  maxRecords: number,
): Promise<number> {
  let total = 0;
  for (const fileKey of fileKeys) {
    let index = 0;
    for await (const line of linesOf(await content(job, store, fileKey))) {
      readBatchRecord(line, index);
      index += 1;
      total += 1;
      if (total > maxRecords) throw new Fault('ValidationException', `A job may have ${maxRecords} records at most.`);
    }
  }
  if (total === 0) throw new Fault('ValidationException', `There is no record in ${objectUri(job.input)}.`);
  return total;
}

async function content(
  { input, region }: InvocationJob,
  store: ObjectStore,
  key: string,
): Promise<AsyncIterable<Uint8Array>> {
  const found = await store.open(bucketOf(input, region), key);
  if (found) return found;
  throw new Fault('ValidationException', `There is no object ${objectUri({ ...input, key })}.`);
}
