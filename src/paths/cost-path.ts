import { batchToken, type JournalBatch, type JournalReader } from '../metering/journal-batch.ts';
import type { JournalPosition } from '../metering/usage-journal.ts';
import { billedInOpenPeriods } from '../rating/correction.ts';
import { itemize } from '../rating/itemize.ts';
import type { LineItem } from '../rating/line-item.ts';
import type { PriceBook } from '../rating/price-book.ts';
import type { CostStore } from '../reports/cost-store.ts';

export interface CostPathParts {
  /** Tells this journal from every other one that the same store may take. */
  readonly journalId: string;
  readonly reader: JournalReader;
  readonly prices: PriceBook;
  /** Instants at which some cost allocation tag was switched, ascending. */
  readonly sliceInstants: () => readonly number[];
  /** Usage of the billing periods before it is billed there, as corrections. Empty: no period is closed. */
  readonly firstOpenPeriod: () => string;
  /** The first period that has a bill. Usage of earlier ones is billed where it was. Absent: all have one. */
  readonly firstPeriod?: string;
  readonly store: CostStore;
}

/** A batch with what it costs. */
interface RatedBatch {
  readonly batch: JournalBatch;
  readonly lineItems: readonly LineItem[];
}

/**
 * The cost path: read > rate > itemize > bill in an open period > store, batch by batch. While the store takes one batch, the next is read and
 * rated. Whatever fails, the same batch is handed over again with the same token, and the store takes it once.
 */
export class CostPath {
  readonly #parts: CostPathParts;
  /** The next batch, read and rated ahead of its turn. */
  #ahead: Promise<RatedBatch | undefined> = Promise.resolve(undefined);

  constructor(parts: CostPathParts) {
    this.#parts = parts;
  }

  /** Hands over one batch of what is durable and answers it, or nothing when there is none. */
  async shipNext(durable: JournalPosition): Promise<JournalBatch | undefined> {
    const { reader, firstOpenPeriod } = this.#parts;
    const rated = (await this.#ahead) ?? (await this.#rate(reader.position, durable));
    if (!rated) return undefined;
    const period = await reader.freeze(rated.batch, firstOpenPeriod());
    const stored = this.#store(rated, period);
    this.#ahead = this.#rate(rated.batch.to, durable);
    // A failure to read ahead is met again, and thrown, when it is that batch's turn.
    this.#ahead.catch(() => undefined);
    try {
      await stored;
      await reader.shipped(rated.batch);
    } catch (error) {
      this.#ahead = Promise.resolve(rated);
      throw error;
    }
    return rated.batch;
  }

  async #rate(from: JournalPosition, durable: JournalPosition): Promise<RatedBatch | undefined> {
    const { reader, prices, sliceInstants } = this.#parts;
    const batch = await reader.read(from, durable);
    return batch && { batch, lineItems: itemize(batch.events, prices, sliceInstants()) };
  }

  async #store({ batch, lineItems: rated }: RatedBatch, firstOpenPeriod: string): Promise<void> {
    if (batch.events.length === 0) return;
    const { journalId, store, firstPeriod } = this.#parts;
    const lineItems = billedInOpenPeriods(rated, {
      firstOpen: firstOpenPeriod,
      ...(firstPeriod !== undefined && { first: firstPeriod }),
    });
    const token = batchToken(journalId, batch);
    await store.insert({ token, usageEvents: batch.events, lineItems });
  }
}
