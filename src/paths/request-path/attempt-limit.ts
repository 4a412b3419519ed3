import type { CallStop } from '../../inference/model-call.ts';
import type { UpstreamPatience } from '../../inference/upstream.ts';
import type { ClientPresence } from '../../kernel/client-presence.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Wait } from '../../kernel/time.ts';

const TIMED_OUT = 'Model has timed out in processing the request. Try your request again.';
const UNWANTED = 'The client went away, and the answer was not waited for any longer.';
/** Given as a reason, so that none is made with a stack of its own. */
const OVER = 'the attempt is over';

/** Ends an attempt at its upstream when it takes too long, or goes on for too long after its client has left. */
export class AttemptLimit implements CallStop {
  readonly #patience: UpstreamPatience;
  readonly #client: ClientPresence;
  readonly #wait: Wait;
  #reason: Fault | undefined;
  readonly #listeners: ((reason: Fault) => void)[] = [];
  /** Ends what waits. Absent while nothing does: most attempts are over before. */
  #waiting: AbortController | undefined;
  #isOver = false;
  #isUnwanted = false;

  /** `leftMs`: of the whole call's time; infinite where it has no bound. */
  constructor(patience: UpstreamPatience, leftMs: number, client: ClientPresence, wait: Wait) {
    this.#patience = patience;
    this.#client = client;
    this.#wait = wait;
    const { totalTimeoutMs = Number.POSITIVE_INFINITY } = patience;
    const timeoutMs = Math.min(totalTimeoutMs, leftMs);
    if (timeoutMs < Number.POSITIVE_INFINITY) void this.#stopIn(timeoutMs, () => this.#stopFor(TIMED_OUT));
    if (client.isGone) this.#drain();
    else client.onGone(this.#drain);
  }

  get reason(): Fault | undefined {
    return this.#reason;
  }

  listen(listener: (reason: Fault) => void): void {
    this.#listeners.push(listener);
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
    this.#isOver = true;
    this.#client.offGone(this.#drain);
    this.#waiting?.abort(OVER);
  }

  /** Nobody wants the answer any more. */
  leave(): void {
    this.#isUnwanted = true;
    this.#stopFor(UNWANTED);
  }

  readonly #drain = () => void this.#stopIn(this.#patience.drainTimeoutMs, () => this.leave());

  #stopFor(message: string): void {
    if (this.#reason) return;
    this.#reason = new Fault('ModelTimeoutException', message);
    for (const listener of this.#listeners) listener(this.#reason);
  }

  async #stopIn(delayMs: number, stop: () => void): Promise<void> {
    this.#waiting ??= new AbortController();
    await this.#wait(delayMs, this.#waiting.signal);
    if (!this.#isOver) stop();
  }
}
