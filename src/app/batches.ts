import { invocationJobArn } from '../batches/invocation-job.ts';
import type { InvocationJobs } from '../batches/invocation-jobs.ts';
import { SECOND_MS } from '../kernel/time.ts';
import { type BatchPathParts, runInvocationJob } from '../paths/batch-path.ts';

export interface BatchesParts extends BatchPathParts {
  readonly jobs: InvocationJobs;
  /** How often jobs at an upstream, and those that could not go on because a store was away, are looked at. */
  readonly pollSeconds: number;
  readonly onTrouble: (message: string) => void;
}

/** Jobs at the same time; each makes some calls at once. */
const JOBS_AT_ONCE = 4;

/** Runs batch jobs beside the requests, oldest first. */
export class Batches {
  readonly #parts: BatchesParts;
  readonly #closing = new AbortController();
  /** By ARN. */
  readonly #running = new Map<string, Promise<void>>();
  /** Had their turn in this round, which ends with the clock when all have had theirs. */
  readonly #looked = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;

  constructor(parts: BatchesParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.jobs.onChange(() => this.#lookSoon());
    this.#lookSoon();
    this.#timer = setInterval(() => {
      const isOver = this.#parts.jobs.underWay().every((job) => this.#looked.has(invocationJobArn(job)));
      if (isOver) this.#looked.clear();
      this.#look();
    }, this.#parts.pollSeconds * SECOND_MS).unref();
  }

  /** Calls under way are answered and kept; the rest goes on at the next start. */
  async stop(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#timer);
    await Promise.all(this.#running.values());
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
    for (const job of this.#parts.jobs.underWay()) {
      const arn = invocationJobArn(job);
      if (this.#running.size >= JOBS_AT_ONCE) return;
      if (this.#running.has(arn) || this.#looked.has(arn)) continue;
      this.#looked.add(arn);
      const run = this.#run(arn).finally(() => {
        this.#running.delete(arn);
        this.#lookSoon();
      });
      this.#running.set(arn, run);
    }
  }

  async #run(arn: string): Promise<void> {
    try {
      await runInvocationJob(arn, this.#parts, this.#closing.signal);
    } catch (error) {
      this.#parts.onTrouble(`batch job ${arn} waits: ${(error as Error).message}`);
    }
  }
}
