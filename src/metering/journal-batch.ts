import type { UsageEvent } from './usage-event.ts';
import type { JournalPosition } from './usage-journal.ts';

/** A stretch of the journal that is handed over as one: its events, and where the next stretch begins. */
export interface JournalBatch {
  readonly from: JournalPosition;
  readonly to: JournalPosition;
  /** Outcomes only, in the order in which they were settled. */
  readonly events: readonly UsageEvent[];
}

/** Port: reads what is durable, and remembers how far the store has it. */
export interface JournalReader {
  /**
   * The next batch before `durable`, or undefined when there is nothing new. A batch that was frozen by an earlier call
   * and never marked as shipped comes back with the same bounds, whatever else has been appended.
   */
  next(durable: JournalPosition): Promise<JournalBatch | undefined>;
  /** Notes that the batch is in the store; the next call goes on behind it. */
  shipped(batch: JournalBatch): Promise<void>;
}

/** Names a batch for ever: the store refuses to take the same token twice. */
export function batchToken(journalId: string, { from, to }: JournalBatch): string {
  return `${journalId}/${from.segment}.${from.offset}-${to.segment}.${to.offset}`;
}
