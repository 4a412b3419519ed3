import type { Admission, UsageEvent } from './usage-event.ts';
import type { UsageJournal } from './usage-journal.ts';

/** Sees what goes into the journal. Must not throw: the call goes on whatever is seen of it. */
export interface JournalWatcher {
  /** An admission is about to be noted. */
  admitting?(admission: Admission): void;
  /** It could not be noted: there is no such call. */
  refused?(admission: Admission): void;
  /** It is noted. */
  admitted?(admission: Admission): void;
  /** An outcome is about to be noted. */
  settling?(event: UsageEvent): void;
  /** It is as durable as it was asked to be. */
  settled?(event: UsageEvent): void;
}

/** A journal with those who watch it; one for all of them, so that a call waits once for each of its records. */
export class WatchedJournal implements UsageJournal {
  readonly #journal: UsageJournal;
  readonly #watchers: readonly JournalWatcher[];

  constructor(journal: UsageJournal, watchers: readonly JournalWatcher[]) {
    this.#journal = journal;
    this.#watchers = watchers;
  }

  async admit(admission: Admission): Promise<void> {
    for (const watcher of this.#watchers) watcher.admitting?.(admission);
    try {
      await this.#journal.admit(admission);
    } catch (error) {
      for (const watcher of this.#watchers) watcher.refused?.(admission);
      throw error;
    }
    for (const watcher of this.#watchers) watcher.admitted?.(admission);
  }

  async settle(event: UsageEvent): Promise<void> {
    for (const watcher of this.#watchers) watcher.settling?.(event);
    await this.#journal.settle(event);
    for (const watcher of this.#watchers) watcher.settled?.(event);
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}
