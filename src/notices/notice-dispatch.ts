import type { NoticeSender } from '../kernel/notice.ts';
import type { Clock } from '../kernel/time.ts';
import type { NoticeBook } from './notice-book.ts';
import { afterFailure, afterSuccess, type NoticeRecord } from './notice-record.ts';

export interface NoticeDispatchParts {
  readonly book: NoticeBook;
  readonly sender: NoticeSender;
  readonly clock: Clock;
  /** Calls back once after so many milliseconds; returns what takes it back. */
  readonly setTimer: (callback: () => void, delayMs: number) => () => void;
  /** A notice was given up, or the outbox could not be written. */
  readonly onTrouble: (message: string) => void;
}

/** Notices under way at once. */
const MAX_UNDER_WAY = 4;
const RETRY_WRITE_MS = 5_000;

/**
 * Sends what is in the book. A notice is marked as sent after its receiver has taken it, so a process that dies in between
 * sends it once more under the same id.
 */
export class NoticeDispatch {
  readonly #parts: NoticeDispatchParts;
  #round: Promise<void> | undefined;
  #isStopped = true;
  #cancelTimer = () => {};

  constructor(parts: NoticeDispatchParts) {
    this.#parts = parts;
    parts.book.onPending(() => this.#wake());
  }

  start(): void {
    this.#isStopped = false;
    this.#wake();
  }

  /** Resolves when nothing is under way any more; what was not sent waits in the book. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer();
    await this.#round;
  }

  #wake(): void {
    if (this.#isStopped || this.#round) return;
    this.#cancelTimer();
    this.#round = this.#sendDue().finally(() => {
      this.#round = undefined;
      this.#sleep();
    });
  }

  #sleep(): void {
    const { book, clock, setTimer } = this.#parts;
    const nextMs = book.nextDueAtMs();
    if (this.#isStopped || nextMs === undefined) return;
    this.#cancelTimer = setTimer(() => this.#wake(), Math.max(0, nextMs - clock()));
  }

  async #sendDue(): Promise<void> {
    const { book, clock } = this.#parts;
    const due = book.due(clock())[Symbol.iterator]();
    const sendOnes = async () => {
      for (const record of due) {
        if (this.#isStopped) return;
        await this.#send(record);
      }
    };
    await Promise.all(Array.from({ length: MAX_UNDER_WAY }, sendOnes));
  }

  async #send(record: NoticeRecord): Promise<void> {
    const { book, sender, clock, onTrouble } = this.#parts;
    let outcome: NoticeRecord;
    try {
      await sender.send(record.notice);
      outcome = afterSuccess(record, clock());
    } catch (error) {
      outcome = afterFailure(record, (error as Error).message, clock());
    }
    if (outcome.state === 'failed') onTrouble(`the notice ${record.notice.id} was given up: ${outcome.failure}`);
    try {
      await book.advance(outcome);
    } catch (error) {
      onTrouble(`the outbox of notices cannot be written: ${(error as Error).message}`);
      await new Promise<void>((resolve) => this.#parts.setTimer(resolve, RETRY_WRITE_MS));
    }
  }
}
