import { type BatchRecord, outputLine, type RecordOutcome } from '../batches/batch-record.ts';
import { expiresAtMs, type InvocationJob, isEnded } from '../batches/invocation-job.ts';
import type { InvocationJobs } from '../batches/invocation-jobs.ts';
import { retryAfterMsOf } from '../inference/upstream-failure.ts';
import { Fault } from '../kernel/fault.ts';
import { type BatchCallParts, type CalledRecord, callRecord } from './batch-path/batch-call.ts';
import { countRecords, inputKeys, inputRecords } from './batch-path/batch-input.ts';
import { BatchOutput } from './batch-path/batch-output.ts';
import { delegatedJob } from './batch-path/delegated-job.ts';
import { followUpstream, type UpstreamJobParts } from './batch-path/upstream-job.ts';
import { requireBatchRole } from './batch-role.ts';

export interface BatchPathParts extends BatchCallParts, UpstreamJobParts {
  readonly jobs: InvocationJobs;
  /** Calls of one job at the same time. */
  readonly recordsAtOnce: number;
  readonly maxRecords: number;
}

/** Records between two looks at what is kept of the job. */
const FLUSH_EVERY_RECORDS = 100;
/** A call that was throttled is tried so often; a batch is not in a hurry. */
const MAX_TRIES = 6;
const FIRST_WAIT_MS = 1_000;
/** What is to be tried again later than that, a budget that resets tomorrow for one, is an error now. */
const LONGEST_WAIT_MS = 60_000;

/**
 * The batch path: read > call (the request path's steps) > keep > publish; or hand over > follow > meter. A job that was cut
 * off, by a stop of the server, its death or the turn of others, goes on with the records that it has not kept; `closing`
 * aborts then.
 */
export async function runInvocationJob(arn: string, parts: BatchPathParts, closing: AbortSignal): Promise<void> {
  const { jobs, clock } = parts;
  const change = (changed: Partial<InvocationJob>) => jobs.change(arn, () => changed, clock());
  const job = await jobs.change(arn, ({ status }) => (status === 'Submitted' ? { status: 'Validating' } : {}), clock());
  if (!job || isEnded(job)) return;
  try {
    const delegated = delegatedJob(job, parts);
    if (delegated) await followUpstream(arn, delegated, parts);
    else await runHere(arn, job, parts, closing);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // The store is away: the job waits for it. What an upstream may have begun is not over because a question failed.
    if (error.code === 'StoreUnavailable' || error.code === 'ServiceUnavailableException') throw error;
    if (job.handover) throw error;
    await change({ status: 'Failed', message: error.message });
  } finally {
    const now = jobs.get(arn);
    if (!now || isEnded(now)) parts.holds.release(arn);
  }
}

async function runHere(arn: string, job: InvocationJob, parts: BatchPathParts, closing: AbortSignal): Promise<void> {
  const change = (changed: Partial<InvocationJob>) => parts.jobs.change(arn, () => changed, parts.clock());
  requireBatchRole(job, parts.directory, parts.clock());
  const fileKeys = await inputKeys(job, parts.storeOf);
  const total = job.counts?.total ?? (await countRecords(job, fileKeys, parts.storeOf, parts.maxRecords));
  const output = await BatchOutput.open(job, parts.storeOf(job.output.bucket));
  if (job.status !== 'Stopping') await change({ status: 'InProgress', counts: output.counts(total) });
  const end = await callAll({ arn, job, fileKeys, total, output }, parts, closing);
  if (end === 'closing') return;
  await output.publish(fileKeys, total);
  await change({ status: statusAfter(end, output.counts(total).processed), counts: output.counts(total) });
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
  readonly fileKeys: readonly string[];
  readonly total: number;
  readonly output: BatchOutput;
}

/** Calls what is not done yet, some at a time, until all is done or the job is to end. */
async function callAll(running: Running, parts: BatchPathParts, closing: AbortSignal): Promise<End> {
  const { arn, job, fileKeys, output, total } = running;
  const records = inputRecords(job, fileKeys, parts.storeOf)[Symbol.asyncIterator]();
  let end: End = 'done';
  let sinceFlush = 0;
  const work = async () => {
    for (;;) {
      if (end !== 'done') return;
      end = endOf(parts.jobs.get(arn), closing, parts.clock());
      if (end !== 'done') return;
      const next = await records.next();
      if (next.done) return;
      const { fileKey, index, ...record } = next.value;
      if (output.isDone(fileKey, index)) continue;
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
    const afterMs = retryAfterMsOf(called.fault) ?? 0;
    const isThrottled = called.fault?.code === 'ThrottlingException' && afterMs <= LONGEST_WAIT_MS;
    if (!isThrottled || tries === MAX_TRIES) return called;
    await parts.wait(Math.max(afterMs, FIRST_WAIT_MS * 2 ** (tries - 1)), closing);
    if (closing.aborted) return undefined;
  }
}
