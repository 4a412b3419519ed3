import { Worker } from 'node:worker_threads';
import type { Forecast, ForecastBeside } from '../reports/forecast.ts';
import type { FromForecastThread, ToForecastThread } from './forecast-thread-messages.ts';

/** The request side's end of the forecast thread, which begins with the first question. */
export class ForecastThread {
  readonly #pending = new Map<number, PromiseWithResolvers<Forecast[] | undefined>>();
  readonly #onTrouble: (message: string) => void;
  #worker: Worker | undefined;
  #nextId = 1;

  constructor(onTrouble: (message: string) => void) {
    this.#onTrouble = onTrouble;
  }

  /** Undefined also when the thread fails: what was spent is compared all the same. The next question begins another one. */
  readonly forecast: ForecastBeside = (...question) => {
    const answer = Promise.withResolvers<Forecast[] | undefined>();
    const message: ToForecastThread = { id: this.#nextId++, question };
    this.#pending.set(message.id, answer);
    this.#worker ??= this.#begin();
    this.#worker.postMessage(message);
    return answer.promise;
  };

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #begin(): Worker {
    const worker = new Worker(new URL('./forecast-thread.ts', import.meta.url));
    worker.unref();
    worker.on('message', ({ id, forecasts }: FromForecastThread) => {
      this.#pending.get(id)?.resolve(forecasts);
      this.#pending.delete(id);
    });
    worker.on('error', (error) => this.#onTrouble(`the forecast thread failed: ${error.message}`));
    worker.on('exit', () => {
      this.#worker = undefined;
      for (const answer of this.#pending.values()) answer.resolve(undefined);
      this.#pending.clear();
    });
    return worker;
  }
}
