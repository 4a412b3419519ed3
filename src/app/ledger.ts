import { join } from 'node:path';
import type { Logger } from 'pino';
import { FileJournal } from '../adapters/file-journal.ts';
import type { TagLedger } from '../allocation/tag-ledger.ts';
import type { PeriodLedger } from '../billing/period-ledger.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../kernel/time.ts';
import { interruptedEvent } from '../metering/usage-event.ts';
import { UsageFrontier } from '../metering/usage-frontier.ts';
import type { CostEngine } from './cost-engine.ts';
import { CostThread } from './cost-thread-handle.ts';
import { priceSettings } from './price-data.ts';

/** The way of usage from a request to the cost store. */
export interface Ledger {
  readonly journal: FileJournal;
  readonly costThread: CostThread;
  /** Calls go through its journal, so that it knows which of them are not in the store yet. */
  readonly frontier: UsageFrontier;
  /** When usage last reached the store, in milliseconds since the epoch. */
  readonly usageArrivedAtMs: () => number;
}

/** Opens the journal and starts to ship it; requests that an earlier process left open are settled as interrupted. */
export async function openLedger(
  parts: {
    readonly config: Config;
    readonly dataFolder: string;
    readonly engine: CostEngine;
    readonly periods: PeriodLedger;
    readonly tags: TagLedger;
    readonly clock: Clock;
    readonly log: Logger;
  },
  begun: AsyncDisposableStack,
): Promise<Ledger> {
  const { config, dataFolder, engine, periods, tags, clock, log } = parts;
  const folder = join(dataFolder, 'journal');
  const frontier = new UsageFrontier();
  const journal = await FileJournal.open({
    folder,
    durability: config.durability,
    onDurable: (position) => {
      frontier.durableUpTo(position, clock());
      costThread.durableUpTo(position);
    },
  });
  // What came before the start is not known, so it may have been just now.
  let usageArrivedAtMs = clock();
  const costThread = new CostThread(
    {
      journalFolder: folder,
      firstSegment: journal.firstSegment,
      database: engine.database,
      prices: priceSettings(config),
      firstOpenPeriod: periods.firstOpen(),
      firstPeriod: periods.first(),
      gatherMs: config.gatherMs,
    },
    {
      connection: engine.connection,
      onShipped: (position) => {
        journal.release(position);
        frontier.shippedUpTo(position);
        usageArrivedAtMs = clock();
      },
      onTrouble: (message) => log.error(`cost path: ${message}`),
    },
  );
  begun.defer(() => costThread.close(0));
  begun.defer(() => journal.close());
  tags.onChange((instants) => costThread.sliceAt(instants));
  costThread.sliceAt(tags.sliceInstants());
  frontier.beginAt(journal.start);
  costThread.durableUpTo(journal.start);
  // While the store is away the thread goes on trying; whatever it ships later says the same.
  costThread.ship().then(
    () => frontier.shippedUpTo(journal.start),
    () => {},
  );
  for (const admission of journal.interrupted) {
    log.warn({ requestId: admission.requestId, principal: admission.principalArn }, 'request was interrupted');
    await journal.settle(interruptedEvent(admission, clock()));
  }
  return { journal, costThread, frontier, usageArrivedAtMs: () => usageArrivedAtMs };
}
