import type { SpendGate } from '../admission/spend-gate.ts';
import { Fault } from '../kernel/fault.ts';
import type { Clock } from '../kernel/time.ts';
import { callerFacts } from '../metering/usage-event.ts';
import type { UsageJournal } from '../metering/usage-journal.ts';
import type { PriceBook } from '../rating/price-book.ts';
import { costOf } from '../rating/rate.ts';
import { liveSubjectOf } from '../reports/live-subject.ts';
import { LiveUsage } from '../reports/live-usage.ts';
import { PromptWatch } from './prompt-watch.ts';

export interface LiveWatchParts {
  readonly clock: Clock;
  readonly prices: PriceBook;
  /** Whether anybody asks how often prompts come again. */
  readonly countsPrompts: boolean;
}

/** Sees every call begin and end at the journal, and every refusal at the gate. */
export class LiveWatch {
  readonly usage: LiveUsage;
  readonly prompts = new PromptWatch();
  readonly #parts: LiveWatchParts;

  constructor(parts: LiveWatchParts) {
    this.usage = new LiveUsage(parts.clock);
    this.#parts = parts;
  }

  watchingJournal(journal: UsageJournal): UsageJournal {
    return {
      admit: async (admission) => {
        await journal.admit(admission);
        this.usage.begun(admission);
      },
      settle: (event) => {
        this.usage.ended(event, costOf(event, this.#parts.prices));
        return journal.settle(event);
      },
      close: () => journal.close(),
    };
  }

  watchingGate(gate: SpendGate): SpendGate {
    return {
      reserve: async (claim) => {
        if (this.#parts.countsPrompts) this.prompts.note(claim);
        try {
          return await gate.reserve(claim);
        } catch (error) {
          if (error instanceof Fault) {
            const subject = liveSubjectOf({ ...callerFacts(claim.caller), modelId: claim.modelId });
            this.usage.refused(claim.requestId, subject, error.message);
          }
          throw error;
        }
      },
    };
  }
}
