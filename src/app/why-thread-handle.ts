import { Worker } from 'node:worker_threads';
import { Fault } from '../kernel/fault.ts';
import { UTC } from '../kernel/time-zone.ts';
import type { WhyAnswer } from '../paths/why-answer.ts';
import type { WhyQuestion } from '../paths/why-path.ts';
import type { CostCatalog } from '../reports/cost-catalog.ts';
import type { CostEngine } from './cost-engine.ts';
import type { PriceSettings } from './price-data.ts';
import type { FromWhyThread, ToWhyThread, WhyFailure, WhyThreadData } from './why-thread-messages.ts';

/** The request side's end of the why thread, which begins with the first question. */
export class WhyThread {
  readonly #engine: CostEngine;
  readonly #prices: PriceSettings;
  readonly #onTrouble: (message: string) => void;
  readonly #pending = new Map<number, PromiseWithResolvers<WhyAnswer>>();
  #worker: Worker | undefined;
  #nextId = 1;

  constructor(engine: CostEngine, prices: PriceSettings, onTrouble: (message: string) => void) {
    this.#engine = engine;
    this.#prices = prices;
    this.#onTrouble = onTrouble;
  }

  /** Throws as `explainSpend` does, and StoreUnavailable when the thread fails: the next question begins another one. */
  readonly explain = async (
    { zone = UTC, signal, ...question }: WhyQuestion,
    catalog: CostCatalog,
  ): Promise<WhyAnswer> => {
    signal?.throwIfAborted();
    this.#worker ??= this.#begin();
    const worker = this.#worker;
    const id = this.#nextId++;
    const answer = Promise.withResolvers<WhyAnswer>();
    this.#pending.set(id, answer);
    const abandon = () => {
      post(worker, { type: 'abandon', id });
      answer.reject(signal?.reason);
    };
    signal?.addEventListener('abort', abandon, { once: true });
    try {
      post(worker, { type: 'question', id, asked: { question, zoneName: zone.name, catalog } });
      return await answer.promise;
    } finally {
      signal?.removeEventListener('abort', abandon);
      this.#pending.delete(id);
    }
  };

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #begin(): Worker {
    const workerData: WhyThreadData = { database: this.#engine.database, prices: this.#prices };
    const worker = new Worker(new URL('./why-thread.ts', import.meta.url), { workerData });
    worker.unref();
    worker.on('message', (message: FromWhyThread) => {
      if (message.type === 'connect') this.#connect(worker);
      else if (message.type === 'answer') this.#pending.get(message.id)?.resolve(message.answer);
      else this.#pending.get(message.id)?.reject(errorOf(message.failure));
    });
    worker.on('error', (error) => this.#onTrouble(`the why thread failed: ${error.message}`));
    worker.on('exit', () => {
      this.#worker = undefined;
      const fault = new Fault('StoreUnavailable', 'the question was not answered to its end; ask again');
      for (const answer of this.#pending.values()) answer.reject(fault);
    });
    return worker;
  }

  #connect(worker: Worker): void {
    this.#engine.connection().then(
      (connection) => post(worker, { type: 'connection', connection }),
      () => post(worker, { type: 'connection' }),
    );
  }
}

function post(worker: Worker, message: ToWhyThread): void {
  worker.postMessage(message);
}

function errorOf({ code, message, fields }: WhyFailure): Error {
  return code === undefined ? new Error(message) : new Fault(code, message, fields);
}
