import { type InvocationJob, invocationJobArn } from './invocation-job.ts';

type WaitingJob = Pick<InvocationJob, 'accountId' | 'region' | 'jobId'>;

interface RunningJob {
  readonly accountId: string;
  readonly sinceMs: number;
  readonly putOff: () => void;
  isPutOff: boolean;
}

/**
 * The places at which jobs run. Every account with work has one before any has a second; where more accounts have work than
 * there are places, they take turns.
 */
export class JobSlots {
  readonly #places: number;
  readonly #turnMs: number;
  /** By ARN, in the order in which they began. */
  readonly #running = new Map<string, RunningJob>();

  /** A job may run for `turnMs` while others wait for its account's only place. */
  constructor(places: number, turnMs: number) {
    this.#places = places;
    this.#turnMs = turnMs;
  }

  isRunning(arn: string): boolean {
    return this.#running.has(arn);
  }

  /** `putOff` is called at most once, when the job is to end soon and go on later. */
  begin(job: WaitingJob, sinceMs: number, putOff: () => void): void {
    const { accountId } = job;
    this.#running.set(invocationJobArn(job), { accountId, sinceMs, putOff, isPutOff: false });
  }

  end(arn: string): void {
    this.#running.delete(arn);
  }

  /** The job whose turn it is, of some that wait, oldest first: of the accounts that have the fewest places. Undefined: none. */
  next<Job extends WaitingJob>(waiting: readonly Job[]): Job | undefined {
    if (this.#running.size >= this.#places) return undefined;
    const counts = this.#placesByAccount();
    let chosen: Job | undefined;
    const has = ({ accountId }: Job) => counts.get(accountId) ?? 0;
    for (const job of waiting) if (!chosen || has(job) < has(chosen)) chosen = job;
    return chosen;
  }

  /** Puts off one job for an account that waits and has no place, if there is one to be put off. */
  makeRoom(waiting: readonly WaitingJob[], nowMs: number): void {
    const counts = this.#placesByAccount();
    const running = [...this.#running.values()];
    const isWaiting = waiting.some(({ accountId }) => !counts.has(accountId));
    if (!isWaiting || running.length < this.#places || running.some(({ isPutOff }) => isPutOff)) return;
    const has = ({ accountId }: RunningJob) => counts.get(accountId) ?? 0;
    const most = running.reduce((a, b) => (has(b) >= has(a) ? b : a));
    const chosen = has(most) > 1 ? most : running.find(({ sinceMs }) => nowMs - sinceMs >= this.#turnMs);
    if (!chosen) return;
    chosen.isPutOff = true;
    chosen.putOff();
  }

  #placesByAccount(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { accountId } of this.#running.values()) counts.set(accountId, (counts.get(accountId) ?? 0) + 1);
    return counts;
  }
}
