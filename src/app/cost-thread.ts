// The cost path's own thread: analytics and bulk work stay off the event loop that answers requests.
import { parentPort, workerData } from 'node:worker_threads';
import { ClickHouseCostStore } from '../adapters/clickhouse-cost-store.ts';
import { FileJournalReader } from '../adapters/file-journal-reader.ts';
import type { JournalBatch } from '../metering/journal-batch.ts';
import type { JournalPosition } from '../metering/usage-journal.ts';
import { bookCharges } from '../paths/booking-path.ts';
import { CostPath } from '../paths/cost-path.ts';
import { rerate } from '../paths/rerate-path.ts';
import { AskedConnection } from './asked-connection.ts';
import { runBehindRequests } from './behind-requests.ts';
import type { CostJob, CostJobAnswers, CostThreadData, FromCostThread, ToCostThread } from './cost-thread-messages.ts';
import { loadPriceBook } from './price-data.ts';

/** Of so many events on there is three times as long between two batches: each costs the store 45 ms of processor time, or twice that. */
const BUSY_EVENTS = 100;
const BUSY_GATHERS = 3;
/** A batch of this many events, three quarters of the longest, says that there is more than time to gather would bring. */
const FULL_EVENTS = 15_000;
/** Between two tries while the store is down. */
const RETRY_MS = 500;

runBehindRequests();

const { journalFolder, firstSegment, database, prices: settings, gatherMs, ...data } = workerData as CostThreadData;
const port = parentPort;
if (!port) throw new Error('the cost thread runs as a worker only');

const tell = (message: FromCostThread) => port.postMessage(message);
const reader = new FileJournalReader(journalFolder, firstSegment);
const prices = loadPriceBook(settings);
const connecting = new AskedConnection(() => tell({ type: 'connect' }));
let sliceInstants: readonly number[] = [];
let durable: JournalPosition | undefined;
let firstOpenPeriod = data.firstOpenPeriod;
let isFinishing = false;
let wake: (() => void) | undefined;
/** Ends the pause that is under way. */
let hurry: (() => void) | undefined;
/** Something was said since the last look: it may have come while the thread was at work and nobody waited for `wake`. */
let hasNews = false;
const jobs: Extract<ToCostThread, { type: 'job' }>[] = [];

const store = new ClickHouseCostStore({ database, connection: connecting.connection });
const parts = {
  ...{ journalId: reader.journalId, reader, prices, store },
  sliceInstants: () => sliceInstants,
  firstOpenPeriod: () => firstOpenPeriod,
  ...(data.firstPeriod !== undefined && { firstPeriod: data.firstPeriod }),
};
const costPath = new CostPath(parts);

port.on('message', (message: ToCostThread) => {
  if (message.type === 'connection') {
    connecting.answer(message.connection);
    return;
  }
  if (message.type === 'durable') durable = message.position;
  else if (message.type === 'sliceInstants') sliceInstants = message.instants;
  else if (message.type === 'job') jobs.push(message);
  else isFinishing = true;
  hasNews = true;
  wake?.();
  if (isAwaited()) hurry?.();
});

/** Somebody waits for a job, or for the end. */
const isAwaited = () => isFinishing || jobs.length > 0;

const pause = (ms: number) =>
  new Promise<void>((resolve) => {
    if (isAwaited()) return resolve();
    const timer = setTimeout(resolve, ms);
    hurry = () => {
      clearTimeout(timer);
      resolve();
    };
  });

await run();
await store.close();
port.close();

async function run(): Promise<void> {
  for (;;) {
    hasNews = false;
    try {
      const batch = await ship();
      // Only now: a batch that is stored in part, also one of before a crash, has been completed first.
      if (durable) for (const job of jobs.splice(0)) await runJob(job);
      if (batch) {
        const { length: events } = batch.events;
        if (events < FULL_EVENTS) await pause(events < BUSY_EVENTS ? gatherMs : BUSY_GATHERS * gatherMs);
        continue;
      }
    } catch (error) {
      tell({ type: 'trouble', message: (error as Error).message });
      for (const { id } of jobs.splice(0)) tell({ type: 'failed', ...failure(error), id });
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

async function runJob({ id, job }: (typeof jobs)[number]): Promise<void> {
  try {
    tell({ type: 'done', id, answer: await answerTo(job) });
  } catch (error) {
    tell({ type: 'failed', ...failure(error), id });
  }
}

async function ship(upTo = durable): Promise<JournalBatch | undefined> {
  const batch = upTo && (await costPath.shipNext(upTo));
  if (batch) tell({ type: 'shipped', position: batch.to, events: batch.events.length });
  return batch;
}

function failure(error: unknown): { readonly code: string; readonly message: string } {
  const { code = 'StoreUnavailable', message } = error as Error & { code?: string };
  return { code, message };
}

async function answerTo(job: CostJob): Promise<CostJobAnswers[CostJob['kind']]> {
  if (job.kind === 'rerate') return rerate(job.period, job.apply, parts);
  if (job.kind === 'book') await bookCharges(job.lineItems, store);
  else if (job.kind === 'removeUpstream') await store.removeUpstream(job.upstream);
  else {
    // What becomes durable meanwhile is not waited for: it may never end.
    const upTo = durable;
    while (await ship(upTo));
    if (job.kind === 'seal') firstOpenPeriod = job.firstOpenPeriod;
  }
  return undefined;
}
