import { PassingMap } from '../kernel/passing-map.ts';
import type { Admission, UsageEvent } from './usage-event.ts';
import type { JournalPosition } from './usage-journal.ts';
import type { JournalWatcher } from './watched-journal.ts';

/** Records that became durable together. */
interface DurableStretch {
  readonly end: JournalPosition;
  /** No call in it was admitted before; undefined where that is not known. */
  readonly fromMs: number | undefined;
}

/**
 * Up to when all usage of this process is in the store. What is on its way there is known by when it was admitted at the
 * earliest: while a record becomes durable its call still counts as open.
 */
export class UsageFrontier implements JournalWatcher {
  /** Calls by request id with the time of their admission, the oldest first. */
  readonly #open = new PassingMap<string, number>();
  readonly #stretches: DurableStretch[] = [];
  #shipped: JournalPosition = { segment: 0, offset: 0 };

  /** What an earlier process left in the journal before a position was admitted at any time. */
  beginAt(position: JournalPosition): void {
    this.#stretches.push({ end: position, fromMs: undefined });
  }

  admitting({ requestId, admittedAtMs }: Admission): void {
    this.#open.set(requestId, admittedAtMs);
  }

  refused({ requestId }: Admission): void {
    this.#open.delete(requestId);
  }

  settled({ requestId }: UsageEvent): void {
    this.#open.delete(requestId);
  }

  durableUpTo(end: JournalPosition, nowMs: number): void {
    if (isAfter(end, this.#shipped)) this.#stretches.push({ end, fromMs: this.#oldestOpenMs ?? nowMs });
  }

  shippedUpTo(position: JournalPosition): void {
    if (isAfter(position, this.#shipped)) this.#shipped = position;
    const left = this.#stretches.findIndex(({ end }) => isAfter(end, position));
    this.#stretches.splice(0, left === -1 ? this.#stretches.length : left);
  }

  /** All calls that were admitted before are in the store. Undefined while that is not known. */
  completeToMs(nowMs: number): number | undefined {
    const oldest = this.#stretches[0];
    if (oldest && oldest.fromMs === undefined) return undefined;
    return Math.min(nowMs, this.#oldestOpenMs ?? nowMs, oldest?.fromMs ?? nowMs);
  }

  get #oldestOpenMs(): number | undefined {
    return this.#open.values().next().value;
  }
}

function isAfter(a: JournalPosition, b: JournalPosition): boolean {
  return a.segment === b.segment ? a.offset > b.offset : a.segment > b.segment;
}
