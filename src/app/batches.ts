import { type InvocationJob, invocationJobArn } from '../batches/invocation-job.ts';
import type { InvocationJobs } from '../batches/invocation-jobs.ts';
import { JobSlots } from '../batches/job-slots.ts';
import { MINUTE_MS, SECOND_MS } from '../kernel/time.ts';
import { type BatchPathParts, runInvocationJob } from '../paths/batch-path.ts';
import { JobHolds } from '../paths/job-holds.ts';

export interface BatchesParts extends Omit<BatchPathParts, 'holds'> {
  readonly jobs: InvocationJobs;
  /** How often jobs at an upstream, and those that could not go on because a store was away, are looked at. */
  readonly pollSeconds: number;
}

/** Jobs at the same time; each makes some calls at once. */
const JOBS_AT_ONCE = 4;
const TURN_MS = 10 * MINUTE_MS;

/** Runs batch jobs beside the requests: of each account the oldest first, and of all accounts alike. */
export class Batches {
  readonly #parts: BatchesParts & BatchPathParts;
  readonly #closing = new AbortController();
  readonly #slots = new JobSlots(JOBS_AT_ONCE, TURN_MS);
  readonly #running = new Set<Promise<void>>();
  /** Had their turn in this round, which ends with the clock when all have had theirs. */
  readonly #looked = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;

  constructor(parts: BatchesParts) {
    this.#parts = { ...parts, holds: new JobHolds(parts.batchGate) };
  }

  start(): void {
    const { jobs, holds, pollSeconds } = this.#parts;
    for (const job of jobs.underWay()) if (job.handover) holds.resume(job);
    jobs.onChange(() => this.#lookSoon());
    this.#lookSoon();
    this.#timer = setInterval(() => {
      const isOver = jobs.underWay().every((job) => this.#looked.has(invocationJobArn(job)));
      if (isOver) this.#looked.clear();
      this.#look();
    }, pollSeconds * SECOND_MS).unref();
  }

  /** Calls under way are answered and kept; the rest goes on at the next start. */
  async stop(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#timer);
    await Promise.all(this.#running);
  }

  /** Not while a change is being told: a look makes changes itself. */
  #lookSoon(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#look();
    });
  }

  /** Others may wait for room; one that has come back waits for the next round, so that none spins and none is passed over. */
  #look(): void {
    if (this.#closing.signal.aborted) return;
    const isWaiting = (job: InvocationJob) => {
      const arn = invocationJobArn(job);
      return !this.#slots.isRunning(arn) && !this.#looked.has(arn);
    };
    const waiting = this.#parts.jobs.underWay().filter(isWaiting);
    for (let job = this.#slots.next(waiting); job; job = this.#slots.next(waiting)) {
      waiting.splice(waiting.indexOf(job), 1);
      this.#begin(job);
    }
    this.#slots.makeRoom(waiting, this.#parts.clock());
  }

  #begin(job: InvocationJob): void {
    const arn = invocationJobArn(job);
    const turn = new AbortController();
    this.#looked.add(arn);
    this.#slots.begin(job, this.#parts.clock(), () => turn.abort());
    const run = this.#run(arn, AbortSignal.any([this.#closing.signal, turn.signal])).finally(() => {
      this.#slots.end(arn);
      this.#running.delete(run);
      this.#lookSoon();
    });
    this.#running.add(run);
  }

  async #run(arn: string, closing: AbortSignal): Promise<void> {
    try {
      await runInvocationJob(arn, this.#parts, closing);
    } catch (error) {
      this.#parts.onTrouble(`batch job ${arn} waits: ${(error as Error).message}`);
    }
  }
}
