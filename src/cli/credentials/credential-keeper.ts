import { Fault } from '../../kernel/fault.ts';
import { SECOND_MS } from '../../kernel/time.ts';
import { refreshAtMs, type WorkloadCredentials } from './workload-credentials.ts';

export interface CredentialKeeperParts {
  readonly fetch: (nowMs: number) => Promise<WorkloadCredentials>;
  readonly now: () => number;
  /** Told what kept credentials from being renewed, once for each try. */
  readonly onTrouble: (message: string) => void;
}

/** After a try that failed, so that callers do not hammer a server that is down. */
const RETRY_MS = 5 * SECOND_MS;
/** A caller that could have the old ones waits this long for new ones; SDKs give up after one second. */
const PATIENCE_MS = 500;
/** Longest that setTimeout takes. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/**
 * Keeps credentials fresh: fetches new ones before the old ones end, whether or not anybody asks, once for all who wait.
 * While the server is down the last good ones are given out for as long as they are valid.
 */
export class CredentialKeeper {
  readonly #parts: CredentialKeeperParts;
  #held: WorkloadCredentials | undefined;
  #fetching: Promise<WorkloadCredentials> | undefined;
  #trouble: { readonly error: unknown; readonly retryAtMs: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(parts: CredentialKeeperParts) {
    this.#parts = parts;
  }

  /** Fetches the first ones and goes on from there. */
  start(): void {
    this.#refresh().catch(() => undefined);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** Throws what kept them from being fetched when there are none that are still valid. */
  async current(): Promise<WorkloadCredentials> {
    const nowMs = this.#parts.now();
    const held = this.#held;
    if (!held || nowMs >= held.expiresAtMs) return await this.#refreshUnlessJustFailed(nowMs);
    if (nowMs < refreshAtMs(held)) return held;
    const refreshed = this.#refreshUnlessJustFailed(nowMs).catch(() => held);
    return await Promise.race([refreshed, later(PATIENCE_MS, held)]);
  }

  async #refreshUnlessJustFailed(nowMs: number): Promise<WorkloadCredentials> {
    if (!this.#fetching && this.#trouble && nowMs < this.#trouble.retryAtMs) throw this.#trouble.error;
    return await this.#refresh();
  }

  #refresh(): Promise<WorkloadCredentials> {
    this.#fetching ??= this.#fetchOnce().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetchOnce(): Promise<WorkloadCredentials> {
    const { fetch, now, onTrouble } = this.#parts;
    try {
      const credentials = await fetch(now());
      this.#held = credentials;
      this.#trouble = undefined;
      this.#scheduleIn(refreshAtMs(credentials) - now());
      return credentials;
    } catch (error) {
      this.#trouble = { error, retryAtMs: now() + RETRY_MS };
      onTrouble(error instanceof Fault ? error.message : String(error));
      this.#scheduleIn(RETRY_MS);
      throw error;
    }
  }

  #scheduleIn(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    const timer = setTimeout(() => this.start(), Math.min(Math.max(delayMs, 0), TIMER_MS_MAX));
    this.#timer = timer.unref();
  }
}

function later<Value>(delayMs: number, value: Value): Promise<Value> {
  return new Promise((resolve) => setTimeout(() => resolve(value), delayMs).unref());
}
