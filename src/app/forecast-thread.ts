// Learning a series takes tens of milliseconds of computing: it stays off the event loop that answers requests.
import { parentPort } from 'node:worker_threads';
import { forecastRanges, outlookOf } from '../reports/forecast.ts';
import { runBehindRequests } from './behind-requests.ts';
import type { FromForecastThread, ToForecastThread } from './forecast-thread-messages.ts';

runBehindRequests();

const port = parentPort;
if (!port) throw new Error('the forecast thread runs as a worker only');

port.on('message', (asked: ToForecastThread) => {
  const answer = asked.kind === 'ranges' ? forecastRanges(...asked.question) : outlookOf(...asked.question);
  port.postMessage({ id: asked.id, answer } satisfies FromForecastThread);
});
