import type { UsageEvent } from './usage-event.ts';
import type { JournalPosition } from './usage-journal.ts';

/** A stretch of the journal that is handed over as one: its events, and where the next stretch begins. */
export interface JournalBatch {
  readonly from: JournalPosition;
  readonly to: JournalPosition;
  /** Outcomes only, in the order in which they were settled. */
  readonly events: readonly UsageEvent[];
}

/** Port: reads what is durable, and remembers across restarts how far the store has it. */
export interface JournalReader {
  /** Everything before it is in the store. */
  readonly position: JournalPosition;
  /**
   * The batch that begins at `from`, or undefined when nothing is durable there yet. A batch that was frozen and never
   * marked as shipped comes back with the same bounds, whatever else has been appended.
   */
  read(from: JournalPosition, durable: JournalPosition): Promise<JournalBatch | undefined>;
  /**
   * Fixes the batch's bounds for good, before it is handed to the store, and with them the billing period that was the first
   * open one then. Answers that period: the one of the first time, whenever the batch comes back.
   */
  freeze(batch: JournalBatch, firstOpenPeriod: string): Promise<string>;
  /** Notes that the batch is in the store. */
  shipped(batch: JournalBatch): Promise<void>;
}

/** Names a batch for ever: the store refuses to take the same token twice. */
export function batchToken(journalId: string, { from, to }: JournalBatch): string {
  return `${journalId}/${from.segment}.${from.offset}-${to.segment}.${to.offset}`;
}
