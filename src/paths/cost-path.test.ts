import { describe, expect, it } from 'vitest';
import { usageEvent } from '../../test/rating/usage-event.ts';
import type { JournalBatch, JournalReader } from '../metering/journal-batch.ts';
import type { JournalPosition } from '../metering/usage-journal.ts';
import { PriceBook } from '../rating/price-book.ts';
import type { CostBatch, CostStore } from '../reports/cost-store.ts';
import { CostPath } from './cost-path.ts';

const prices = new PriceBook({ models: [], sheet: { sources: {}, entries: [] } });

/** A journal of three batches with one call each, in memory. */
class ThreeBatches implements JournalReader {
  position: JournalPosition = { segment: 1, offset: 0 };
  readonly log: string[] = [];

  async read(from: JournalPosition, durable: JournalPosition): Promise<JournalBatch | undefined> {
    if (from.offset >= durable.offset) return undefined;
    this.log.push(`read ${from.offset}`);
    const to = { segment: 1, offset: from.offset + 1 };
    return { from, to, events: [usageEvent({ requestId: `r${from.offset}` })] };
  }
  async freeze({ from }: JournalBatch, firstOpenPeriod: string): Promise<string> {
    this.log.push(`freeze ${from.offset}`);
    return firstOpenPeriod;
  }
  async shipped({ to }: JournalBatch): Promise<void> {
    this.position = to;
  }
}

function storeThat(insert: (batch: CostBatch) => Promise<void>): CostStore {
  return { insert } as unknown as CostStore;
}

describe('CostPath', () => {
  const durable = { segment: 1, offset: 3 };

  it('ships every batch once, in order, each frozen before it is stored', async () => {
    const reader = new ThreeBatches();
    const stored: string[] = [];
    const store = storeThat(async ({ token, usageEvents }) => {
      reader.log.push(`store ${usageEvents[0]?.requestId}`);
      stored.push(token);
    });
    const path = new CostPath({
      journalId: 'j',
      reader,
      prices,
      sliceInstants: () => [],
      firstOpenPeriod: () => '',
      store,
    });
    while (await path.shipNext(durable));
    expect(stored).toEqual(['j/1.0-1.1', 'j/1.1-1.2', 'j/1.2-1.3']);
    for (const batch of [0, 1, 2]) {
      expect(reader.log.indexOf(`freeze ${batch}`)).toBeLessThan(reader.log.indexOf(`store r${batch}`));
    }
    expect(await path.shipNext(durable)).toBeUndefined();
    expect((await path.shipNext({ segment: 1, offset: 4 }))?.from.offset).toBe(3);
  });

  // peers rows 44.
  it('hands a batch that failed over again with the same token before any other', async () => {
    const reader = new ThreeBatches();
    const tokens: string[] = [];
    let failures = 2;
    const store = storeThat(async ({ token }) => {
      tokens.push(token);
      if (tokens.length > 1 && failures-- > 0) throw new Error('the store is down');
    });
    const path = new CostPath({
      journalId: 'j',
      reader,
      prices,
      sliceInstants: () => [],
      firstOpenPeriod: () => '',
      store,
    });
    await path.shipNext(durable);
    await expect(path.shipNext(durable)).rejects.toThrowError('the store is down');
    await expect(path.shipNext(durable)).rejects.toThrowError('the store is down');
    while (await path.shipNext(durable));
    expect(tokens).toEqual(['j/1.0-1.1', 'j/1.1-1.2', 'j/1.1-1.2', 'j/1.1-1.2', 'j/1.2-1.3']);
  });
});
