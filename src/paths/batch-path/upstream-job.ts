import { expiresAtMs, type InvocationJob, type JobBound } from '../../batches/invocation-job.ts';
import type { InvocationJobs } from '../../batches/invocation-jobs.ts';
import type { UpstreamBatchState } from '../../inference/batch-upstream.ts';
import { Fault } from '../../kernel/fault.ts';
import { DAY_MS } from '../../kernel/time.ts';
import { requireBatchRole } from '../batch-role.ts';
import type { JobHolds } from '../job-holds.ts';
import { type DelegatedJob, type DelegatedJobParts, handoverOf, submitUpstream } from './delegated-job.ts';
import { type JobSurveyParts, surveyJob } from './job-survey.ts';
import { type MeterUpstreamParts, meterUnknown, meterUpstream, upstreamOutput } from './upstream-output.ts';
import { clearWork, giveOutput, type JobPlaces, takeInput, workPlaces } from './work-folder.ts';

export interface UpstreamJobParts extends DelegatedJobParts, JobSurveyParts, MeterUpstreamParts {
  readonly jobs: InvocationJobs;
  readonly holds: JobHolds;
}

/** An upstream that says nothing of a job for so long after its time is not asked any more. */
const SILENCE_MS = DAY_MS;

const ENDS = {
  completed: 'Completed',
  partiallyCompleted: 'PartiallyCompleted',
  failed: 'Failed',
  stopped: 'Stopped',
  expired: 'Expired',
} as const satisfies Record<Exclude<UpstreamBatchState['status'], 'underWay'>, InvocationJob['status']>;

/** One look at a job that an upstream runs: it is handed over, stopped, followed, or metered at its end. */
export async function followUpstream(arn: string, delegated: DelegatedJob, parts: UpstreamJobParts): Promise<void> {
  const { job, batches, facts } = delegated;
  const change = (changed: Partial<InvocationJob>) => parts.jobs.change(arn, () => changed, parts.clock());
  if (!job.upstream) return handOver(arn, delegated, parts);
  const { places, isOurs } = placesOf(delegated);
  const hold = parts.holds.resume(job);
  let state: UpstreamBatchState;
  try {
    state = await batches.look(job.upstream.jobArn, facts);
  } catch (error) {
    if (parts.clock() < expiresAtMs(job) + SILENCE_MS) throw error;
    await meterUnknown(delegated, hold, parts);
    const message = `Nobody says what became of the job, which is metered at the most that it can be: ${(error as Error).message}`;
    parts.onTrouble(`batch job ${arn}: ${message}`);
    await change({ status: 'Failed', message });
    return;
  }
  const { status } = state;
  if (status === 'underWay') {
    const reason = stopReason(delegated, parts);
    if ((job.status === 'Stopping' || reason !== undefined) && !state.isStopping) {
      await batches.stop(job.upstream.jobArn, facts);
    }
    if (reason !== undefined && job.status !== 'Stopping') await change({ status: 'Stopping', message: reason });
    return;
  }
  const { processed, success, message } = await meterUpstream(delegated, { state, place: places.output, hold }, parts);
  const from = { place: places.output, folder: upstreamOutput(job, places.output) };
  if (isOurs) await giveOutput(job, from, parts.storeOf);
  const total = job.counts?.total ?? processed;
  const messages = [job.message, state.message, message].filter((one) => one !== '');
  await change({
    status: ENDS[status],
    message: messages.join(' '),
    counts: { total, processed, success, error: processed - success },
  });
  if (isOurs) await clearWork(job, places, parts.storeOf);
}

/** What is handed over is noted first: a process that dies in between finds a job that may run, and hands it over again. */
async function handOver(arn: string, delegated: DelegatedJob, parts: UpstreamJobParts): Promise<void> {
  const { job } = delegated;
  const { jobs, holds, storeOf, clock } = parts;
  const { places, isOurs } = placesOf(delegated);
  if (!job.handover) {
    if (job.status === 'Stopping') {
      await jobs.change(arn, () => ({ status: 'Stopped' }), clock());
      return;
    }
    requireBatchRole(job, parts.directory, clock());
    if (isOurs) await takeInput(job, places, storeOf);
    const bound = await surveyJob(delegated, { ...job, input: places.input }, parts);
    await holds.reserve(job, delegated.model.modelId, bound);
    await jobs.change(arn, () => ({ handover: handoverOf(delegated, bound), counts: noneOf(bound) }), clock());
  } else holds.resume(job);
  const upstream = await submitUpstream(delegated, places);
  await jobs.change(
    arn,
    ({ status }) => ({ upstream, ...(status !== 'Stopping' && { status: 'InProgress' }) }),
    clock(),
  );
}

function noneOf({ records }: JobBound): NonNullable<InvocationJob['counts']> {
  return { total: records, processed: 0, success: 0, error: 0 };
}

/** `isOurs`: the upstream works in a folder that the submitter cannot write. */
function placesOf({ job, batches: { workFolder } }: DelegatedJob): { places: JobPlaces; isOurs: boolean } {
  return workFolder === undefined
    ? { places: job, isOurs: false }
    : { places: workPlaces(job, workFolder), isOurs: true };
}

/** Why a job is not to go on that nobody has stopped by name: inference is stopped, or its role was taken away. */
function stopReason({ job, model }: DelegatedJob, parts: UpstreamJobParts): string | undefined {
  const refusal = parts.batchGate.stopFor(job.submitter, model.modelId);
  if (refusal) return refusal.message;
  try {
    requireBatchRole(job, parts.directory, parts.clock());
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return error.message;
  }
}
