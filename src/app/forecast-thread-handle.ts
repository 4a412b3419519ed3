import { Worker } from 'node:worker_threads';
import type { Forecast, ForecastBeside, Outlook, OutlookBeside } from '../reports/forecast.ts';
import type { ForecastQuestion, FromForecastThread, ToForecastThread } from './forecast-thread-messages.ts';

/** The request side's end of the forecast thread, which begins with the first question. */
export class ForecastThread {
  readonly #pending = new Map<number, PromiseWithResolvers<FromForecastThread['answer']>>();
  readonly #onTrouble: (message: string) => void;
  #worker: Worker | undefined;
  #nextId = 1;

  constructor(onTrouble: (message: string) => void) {
    this.#onTrouble = onTrouble;
  }

  /** Undefined also when the thread fails: what was spent is compared all the same. The next question begins another one. */
  readonly forecast: ForecastBeside = (...question) =>
    this.#ask({ kind: 'ranges', question }) as Promise<Forecast[] | undefined>;

  /** As `forecast`. */
  readonly outlook: OutlookBeside = (...question) =>
    this.#ask({ kind: 'outlook', question }) as Promise<Outlook | undefined>;

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #ask(asked: ForecastQuestion): Promise<FromForecastThread['answer']> {
    const answer = Promise.withResolvers<FromForecastThread['answer']>();
    const message: ToForecastThread = { id: this.#nextId++, ...asked };
    this.#pending.set(message.id, answer);
    this.#worker ??= this.#begin();
    this.#worker.postMessage(message);
    return answer.promise;
  }

  #begin(): Worker {
    const worker = new Worker(new URL('./forecast-thread.ts', import.meta.url));
    worker.unref();
    worker.on('message', ({ id, answer }: FromForecastThread) => {
      this.#pending.get(id)?.resolve(answer);
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
