import { Fault } from '../kernel/fault.ts';
import { anewOnConflict, RecordConflict, type RecordStore } from '../kernel/record-store.ts';
import {
  type CallerRecord,
  callerOf,
  callerRecord,
  type InvocationJob,
  invocationJobArn,
  isEnded,
} from './invocation-job.ts';

const JOB_KIND = 'model-invocation-job';
/** Which job a client request token made. */
const TOKEN_KIND = 'model-invocation-job-token';
/** Jobs of an account and region that have not ended. */
const MAX_UNDER_WAY = 100;
/** Ended jobs that are kept for each account and region; older ones are forgotten. */
const MAX_KEPT = 1_000;

type Body = Omit<InvocationJob, 'submitter'> & { readonly submitter: CallerRecord };
type Place = Pick<InvocationJob, 'accountId' | 'region'>;

/** Batch jobs on the record store. */
export class InvocationJobs {
  readonly #records: RecordStore;
  #onChange = () => {};

  constructor(records: RecordStore) {
    this.#records = records;
    records.watch((changes) => {
      if (changes.some(({ kind }) => kind === JOB_KIND)) this.#onChange();
    });
  }

  /** Calls back when a job was made or changed, on whichever node. */
  onChange(callback: () => void): void {
    this.#onChange = callback;
  }

  get(arn: string): InvocationJob | undefined {
    const body = this.#records.get<Body>(JOB_KIND, arn)?.body;
    return body && jobOf(body);
  }

  /** In the order of their submission. */
  of({ accountId, region }: Place): InvocationJob[] {
    return this.#all().filter((job) => job.accountId === accountId && job.region === region);
  }

  /** Jobs that have not ended, oldest first. */
  underWay(): InvocationJob[] {
    return this.#all().filter((job) => !isEnded(job));
  }

  /**
   * Keeps a new job; answers the one that an earlier request with the same client request token made, if any. Throws
   * ServiceQuotaExceededException, and ConflictException for a token that made another job.
   */
  async create(job: InvocationJob): Promise<InvocationJob> {
    const made = this.#madeBy(job);
    if (made) return sameRequest(made, job);
    const own = this.of(job);
    if (own.filter((one) => !isEnded(one)).length >= MAX_UNDER_WAY) {
      // AWS's text is not published.
      const message = `You have reached the limit of ${MAX_UNDER_WAY} batch inference jobs that are under way.`;
      throw new Fault('ServiceQuotaExceededException', message);
    }
    const ended = own.filter(isEnded);
    const forgotten = ended.slice(0, Math.max(0, ended.length + 1 - MAX_KEPT));
    const token = tokenKey(job);
    try {
      await this.#records.write([
        { kind: JOB_KIND, key: invocationJobArn(job), body: bodyOf(job), expectedVersion: 0 },
        ...(token === undefined
          ? []
          : [{ kind: TOKEN_KIND, key: token, body: { jobId: job.jobId }, expectedVersion: 0 }]),
        ...forgotten.flatMap((one) => {
          const oldToken = tokenKey(one);
          return [
            { kind: JOB_KIND, key: invocationJobArn(one) },
            ...(oldToken === undefined ? [] : [{ kind: TOKEN_KIND, key: oldToken }]),
          ];
        }),
      ]);
    } catch (error) {
      const faster = error instanceof RecordConflict ? this.#madeBy(job) : undefined;
      if (!faster) throw error;
      return sameRequest(faster, job);
    }
    return job;
  }

  /** Lays changed members over a job that has not ended. Answers the job as it is then; undefined when there is none. */
  async change(
    arn: string,
    change: (job: InvocationJob) => Partial<InvocationJob>,
    nowMs: number,
  ): Promise<InvocationJob | undefined> {
    return await anewOnConflict(async () => {
      const record = this.#records.get<Body>(JOB_KIND, arn);
      if (!record) return undefined;
      const job = jobOf(record.body);
      const changes = change(job);
      if (isEnded(job) || Object.keys(changes).length === 0) return job;
      const changed = { ...job, ...changes, modifiedAtMs: nowMs };
      const body = bodyOf(isEnded(changed) ? { ...changed, endedAtMs: nowMs } : changed);
      await this.#records.write([{ kind: JOB_KIND, key: arn, body, expectedVersion: record.version }]);
      return changed;
    });
  }

  #all(): InvocationJob[] {
    const jobs = Array.from(this.#records.all<Body>(JOB_KIND), ({ body }) => jobOf(body));
    return jobs.sort((a, b) => a.submittedAtMs - b.submittedAtMs || (a.jobId < b.jobId ? -1 : 1));
  }

  #madeBy(job: InvocationJob): InvocationJob | undefined {
    const token = tokenKey(job);
    const made = token === undefined ? undefined : this.#records.get<{ readonly jobId: string }>(TOKEN_KIND, token);
    return made && this.get(invocationJobArn({ ...job, jobId: made.body.jobId }));
  }
}

function jobOf({ submitter, ...facts }: Body): InvocationJob {
  return { ...facts, submitter: callerOf(submitter) };
}

function bodyOf({ submitter, ...facts }: InvocationJob): Body {
  return { ...facts, submitter: callerRecord(submitter) };
}

function tokenKey({ accountId, region, clientRequestToken }: InvocationJob): string | undefined {
  return clientRequestToken === undefined ? undefined : `${accountId}/${region}/${clientRequestToken}`;
}

function sameRequest(made: InvocationJob, asked: InvocationJob): InvocationJob {
  const factsOf = ({ name, modelId, roleArn, input, output, invocationType, timeoutHours }: InvocationJob) =>
    JSON.stringify([name, modelId, roleArn, input, output, invocationType, timeoutHours]);
  if (factsOf(made) === factsOf(asked)) return made;
  // AWS's text is not published.
  throw new Fault('ConflictException', 'The client request token was used with other parameters.');
}
