import type { Wait } from '../kernel/time.ts';

/** How much may be under way at one place, and how much may wait for it. */
export interface QueueRule {
  readonly maxInFlight: number;
  readonly maxQueued: number;
  /** Of those who wait; so many may be one caller's. */
  readonly maxQueuedPerCaller: number;
  readonly queueTimeoutMs: number;
}

/** Why somebody was not let in. */
export type Turned = 'full' | 'late' | 'left';

interface Waiting {
  readonly enter: () => void;
}

/**
 * Lets so many in at once; the others wait, and callers take turns however many of each wait. Both the queue and one
 * caller's part of it are bounded, so that nobody can fill it.
 */
export class FairQueue {
  readonly #rule: QueueRule;
  readonly #wait: Wait;
  /** By caller; the caller whose turn is next comes first. */
  readonly #waiting = new Map<string, Waiting[]>();
  #inFlight = 0;
  #queued = 0;

  constructor(rule: QueueRule, wait: Wait) {
    this.#rule = rule;
    this.#wait = wait;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get queued(): number {
    return this.#queued;
  }

  /** Lets a caller in at once where there is room; it must `leave`. */
  tryEnter(): boolean {
    if (this.#inFlight >= this.#rule.maxInFlight) return false;
    this.#inFlight += 1;
    return true;
  }

  /** Undefined when the caller is in, and must `leave`; else why not. `until` aborts when it has gone. */
  async enter(caller: string, longestMs: number, until: AbortSignal): Promise<Turned | undefined> {
    if (this.tryEnter()) return undefined;
    const { maxQueued, maxQueuedPerCaller, queueTimeoutMs } = this.#rule;
    const own = this.#waiting.get(caller) ?? [];
    if (this.#queued >= maxQueued || own.length >= maxQueuedPerCaller) return 'full';
    const turn = new AbortController();
    let isIn = false;
    const waiting: Waiting = {
      enter: () => {
        isIn = true;
        turn.abort();
      },
    };
    own.push(waiting);
    this.#waiting.set(caller, own);
    this.#queued += 1;
    await this.#wait(Math.max(0, Math.min(queueTimeoutMs, longestMs)), AbortSignal.any([turn.signal, until]));
    if (isIn) return undefined;
    this.#forget(caller, waiting);
    return until.aborted ? 'left' : 'late';
  }

  /** Hands the place on to the next caller in turn. */
  leave(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#inFlight -= 1;
      return;
    }
    const [caller, own] = next;
    const first = own.shift()!;
    this.#queued -= 1;
    this.#waiting.delete(caller);
    if (own.length > 0) this.#waiting.set(caller, own);
    first.enter();
  }

  #forget(caller: string, waiting: Waiting): void {
    const own = this.#waiting.get(caller)!;
    own.splice(own.indexOf(waiting), 1);
    this.#queued -= 1;
    if (own.length === 0) this.#waiting.delete(caller);
  }
}
