import type { UpstreamPatience } from '../../inference/upstream.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Wait } from '../../kernel/time.ts';

const TIMED_OUT = 'Model has timed out in processing the request. Try your request again.';
const UNWANTED = 'The client went away, and the answer was not waited for any longer.';

/** Ends an attempt at its upstream when it takes too long, or goes on for too long after its client has left. */
export class AttemptLimit {
  readonly #patience: UpstreamPatience;
  readonly #wait: Wait;
  readonly #stop = new AbortController();
  readonly #end = new AbortController();
  #isUnwanted = false;

  /** `leftMs`: of the whole call's time; infinite where it has no bound. */
  constructor(patience: UpstreamPatience, leftMs: number, clientGone: AbortSignal, wait: Wait) {
    this.#patience = patience;
    this.#wait = wait;
    const { totalTimeoutMs = Number.POSITIVE_INFINITY, drainTimeoutMs } = patience;
    const timeoutMs = Math.min(totalTimeoutMs, leftMs);
    if (timeoutMs < Number.POSITIVE_INFINITY) void this.#stopIn(timeoutMs, () => this.#stopFor(TIMED_OUT));
    const drain = () => void this.#stopIn(drainTimeoutMs, () => this.leave());
    if (clientGone.aborted) drain();
    else clientGone.addEventListener('abort', drain, { once: true, signal: this.#end.signal });
  }

  /** Its reason is the Fault that the attempt is to end with. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** It was ended because nobody wanted the answer: no fault of the upstream. */
  get isUnwanted(): boolean {
    return this.#isUnwanted;
  }

  /** So many tokens, roughly, came after the client had left. */
  drained(tokens: number): void {
    if (tokens > (this.#patience.drainTokens ?? Number.POSITIVE_INFINITY)) this.leave();
  }

  /** The attempt is over. */
  end(): void {
    this.#end.abort();
  }

  /** Nobody wants the answer any more. */
  leave(): void {
    this.#isUnwanted = true;
    this.#stopFor(UNWANTED);
  }

  #stopFor(message: string): void {
    this.#stop.abort(new Fault('ModelTimeoutException', message));
  }

  async #stopIn(delayMs: number, stop: () => void): Promise<void> {
    const { signal } = this.#end;
    await this.#wait(delayMs, signal);
    if (!signal.aborted) stop();
  }
}
