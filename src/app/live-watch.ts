import type { SpendGate } from '../admission/spend-gate.ts';
import { Fault } from '../kernel/fault.ts';
import type { Clock } from '../kernel/time.ts';
import { type Admission, callerFacts, type UsageEvent } from '../metering/usage-event.ts';
import type { JournalWatcher } from '../metering/watched-journal.ts';
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
export class LiveWatch implements JournalWatcher {
  readonly usage: LiveUsage;
  readonly prompts = new PromptWatch();
  readonly #parts: LiveWatchParts;

  constructor(parts: LiveWatchParts) {
    this.usage = new LiveUsage(parts.clock);
    this.#parts = parts;
  }

  admitted(admission: Admission): void {
    this.usage.begun(admission);
  }

  settling(event: UsageEvent): void {
    this.usage.ended(event, costOf(event, this.#parts.prices));
  }

  watchingGate(gate: SpendGate): SpendGate {
    return {
      reserve: (claim) => {
        if (this.#parts.countsPrompts) this.prompts.note(claim);
        const refused = (error: unknown): never => {
          if (error instanceof Fault) {
            const subject = liveSubjectOf({ ...callerFacts(claim.caller), modelId: claim.modelId });
            this.usage.refused(claim.requestId, subject, error.message);
          }
          throw error;
        };
        try {
          const hold = gate.reserve(claim);
          return hold instanceof Promise ? hold.catch(refused) : hold;
        } catch (error) {
          return refused(error);
        }
      },
    };
  }
}
