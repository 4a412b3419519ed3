// Telling why a cost changed takes tens to hundreds of milliseconds of computing: it stays off the event loop that answers requests.
import { parentPort, workerData } from 'node:worker_threads';
import { ClickHouseCostStore } from '../adapters/clickhouse-cost-store.ts';
import { Fault } from '../kernel/fault.ts';
import { timeZoneOf, UTC } from '../kernel/time-zone.ts';
import { answerWhy } from '../paths/why-answer.ts';
import { AskedConnection } from './asked-connection.ts';
import { runBehindRequests } from './behind-requests.ts';
import { loadPriceBook } from './price-data.ts';
import type { AskedWhy, FromWhyThread, ToWhyThread, WhyFailure, WhyThreadData } from './why-thread-messages.ts';

runBehindRequests();

const { database, prices: settings } = workerData as WhyThreadData;
const port = parentPort;
if (!port) throw new Error('the why thread runs as a worker only');

const tell = (message: FromWhyThread) => port.postMessage(message);
const prices = loadPriceBook(settings);
const connecting = new AskedConnection(() => tell({ type: 'connect' }));
const store = new ClickHouseCostStore({ database, connection: connecting.connection });
const underWay = new Map<number, AbortController>();

port.on('message', (message: ToWhyThread) => {
  if (message.type === 'connection') connecting.answer(message.connection);
  else if (message.type === 'abandon') underWay.get(message.id)?.abort();
  else void answer(message.id, message.asked);
});

async function answer(id: number, { question, zoneName, catalog }: AskedWhy): Promise<void> {
  const abandoned = new AbortController();
  underWay.set(id, abandoned);
  try {
    const asked = { ...question, zone: timeZoneOf(zoneName) ?? UTC, signal: abandoned.signal };
    tell({ type: 'answer', id, answer: await answerWhy(asked, { store, prices, costCatalog: () => catalog }) });
  } catch (error) {
    tell({ type: 'failed', id, failure: failureOf(error) });
  } finally {
    underWay.delete(id);
  }
}

function failureOf(error: unknown): WhyFailure {
  if (error instanceof Fault) return { code: error.code, message: error.message, fields: error.fields };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
