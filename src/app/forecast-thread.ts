// Learning a series takes tens of milliseconds of computing: it stays off the event loop that answers requests.
import { parentPort } from 'node:worker_threads';
import { forecastRanges } from '../reports/forecast.ts';
import type { FromForecastThread, ToForecastThread } from './forecast-thread-messages.ts';

const port = parentPort;
if (!port) throw new Error('the forecast thread runs as a worker only');

port.on('message', ({ id, question }: ToForecastThread) => {
  const answer: FromForecastThread = { id, forecasts: forecastRanges(...question) };
  port.postMessage(answer);
});
