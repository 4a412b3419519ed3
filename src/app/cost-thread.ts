// The cost path's own thread: analytics and bulk work stay off the event loop that answers requests.
import { parentPort, workerData } from 'node:worker_threads';
import { ClickHouseCostStore } from '../adapters/clickhouse-cost-store.ts';
import { FileJournalReader } from '../adapters/file-journal-reader.ts';
import { Fault } from '../kernel/fault.ts';
import type { JournalPosition } from '../metering/usage-journal.ts';
import { CostPath } from '../paths/cost-path.ts';
import { rerate } from '../paths/rerate-path.ts';
import type { CostThreadData, FromCostThread, StoreConnection, ToCostThread } from './cost-thread-messages.ts';
import { loadPriceBook } from './price-data.ts';

/** Usage gathers this long before it is shipped: visible within a second, and few small parts for the store to merge. */
const GATHER_MS = 250;
/** A batch of this many events says that there is more: no time to gather. */
const BUSY_EVENTS = 2_000;
/** Between two tries while the store is down. */
const RETRY_MS = 500;

const { journalFolder, firstSegment, database, prices: settings } = workerData as CostThreadData;
const port = parentPort;
if (!port) throw new Error('the cost thread runs as a worker only');

const tell = (message: FromCostThread) => port.postMessage(message);
const reader = new FileJournalReader(journalFolder, firstSegment);
const prices = loadPriceBook(settings);
/** Questions for the store's address that wait for the answer. */
const connecting: PromiseWithResolvers<StoreConnection>[] = [];
let sliceInstants: readonly number[] = [];
let durable: JournalPosition | undefined;
let isFinishing = false;
let wake: (() => void) | undefined;
/** Something was said since the last look: it may have come while the thread was at work and nobody waited for `wake`. */
let hasNews = false;
const rerates: Extract<ToCostThread, { type: 'rerate' }>[] = [];

const store = new ClickHouseCostStore({
  database,
  connection: () => {
    const asked = Promise.withResolvers<StoreConnection>();
    connecting.push(asked);
    tell({ type: 'connect' });
    return asked.promise;
  },
});
const parts = { journalId: reader.journalId, reader, prices, sliceInstants: () => sliceInstants, store };
const costPath = new CostPath(parts);

port.on('message', (message: ToCostThread) => {
  if (message.type === 'connection') {
    for (const asked of connecting.splice(0)) {
      if (message.connection) asked.resolve(message.connection);
      else asked.reject(new Fault('StoreUnavailable', 'the cost store is not running'));
    }
    return;
  }
  if (message.type === 'durable') durable = message.position;
  else if (message.type === 'sliceInstants') sliceInstants = message.instants;
  else if (message.type === 'rerate') rerates.push(message);
  else isFinishing = true;
  hasNews = true;
  wake?.();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, isFinishing ? 0 : ms));

await run();
await store.close();
port.close();

async function run(): Promise<void> {
  for (;;) {
    hasNews = false;
    try {
      for (const job of rerates.splice(0)) await runRerate(job);
      const batch = durable && (await costPath.shipNext(durable));
      if (batch) {
        tell({ type: 'shipped', position: batch.to, events: batch.events.length });
        if (batch.events.length < BUSY_EVENTS) await pause(GATHER_MS);
        continue;
      }
    } catch (error) {
      tell({ type: 'trouble', message: (error as Error).message });
      if (isFinishing) return;
      await pause(RETRY_MS);
      continue;
    }
    if (hasNews) continue;
    if (isFinishing) return;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

async function runRerate({ id, period, apply }: (typeof rerates)[number]): Promise<void> {
  try {
    tell({ type: 'rerated', id, change: await rerate(period, apply, parts) });
  } catch (error) {
    const { code = 'StoreUnavailable', message } = error as Error & { code?: string };
    tell({ type: 'rerateFailed', id, code, message });
  }
}
