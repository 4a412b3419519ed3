import type { Admission, UsageEvent } from './usage-event.ts';

/** A place in the journal. Positions grow; what lies before a shipped position may be deleted. */
export interface JournalPosition {
  readonly segment: number;
  readonly offset: number;
}

/**
 * Port: the durable, append-only record of what happened. Losing nothing that a client was acknowledged is its one duty.
 */
export interface UsageJournal {
  /**
   * Notes an admitted request. When it resolves the record survives the death of this process.
   * Throws ServiceUnavailableException when the journal cannot take it (disk full): the call must not be made.
   */
  admit(admission: Admission): Promise<void>;
  /**
   * Notes how it ended: the event says what the admission said, but for the tier that was used. Resolves when the record is as
   * durable as configured (`durability`).
   */
  settle(event: UsageEvent): Promise<void>;
  /** Resolves when everything appended so far is durable; then closes the files. */
  close(): Promise<void>;
}

/** Port: the same record, for calls that were made elsewhere and are over. */
export interface PastCalls {
  /**
   * Notes how it ended; it was never admitted. Resolves as `settle` does. Throws ServiceUnavailableException when there is no
   * room, which calls that are made here come before.
   */
  note(event: UsageEvent): Promise<void>;
}
