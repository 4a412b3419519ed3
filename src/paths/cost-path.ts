import type { JournalBatch, JournalReader } from '../metering/journal-batch.ts';
import { batchToken } from '../metering/journal-batch.ts';
import type { JournalPosition } from '../metering/usage-journal.ts';
import { itemize } from '../rating/itemize.ts';
import type { PriceBook } from '../rating/price-book.ts';
import type { CostStore } from '../reports/cost-store.ts';

export interface CostPathParts {
  /** Tells this journal from every other one that the same store may take. */
  readonly journalId: string;
  readonly reader: JournalReader;
  readonly prices: PriceBook;
  /** Instants at which some cost allocation tag was switched, ascending. */
  readonly sliceInstants: () => readonly number[];
  readonly store: CostStore;
}

/**
 * The cost path, one step of it: read > rate > itemize > store. Hands over one batch of what is durable and answers it, or
 * nothing when there is none. Whatever fails, the same batch comes again with the same token, and the store takes it once.
 */
export async function shipNext(durable: JournalPosition, parts: CostPathParts): Promise<JournalBatch | undefined> {
  const batch = await parts.reader.next(durable);
  if (!batch) return undefined;
  if (batch.events.length > 0) {
    const lineItems = itemize(batch.events, parts.prices, parts.sliceInstants());
    await parts.store.insert({ token: batchToken(parts.journalId, batch), usageEvents: batch.events, lineItems });
  }
  await parts.reader.shipped(batch);
  return batch;
}
