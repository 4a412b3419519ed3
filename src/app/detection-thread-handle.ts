import { Worker } from 'node:worker_threads';
import type { Finding } from '../detection/finding.ts';
import type { DetectionOrder, FromDetectionThread, ToDetectionThread } from './detection-thread-messages.ts';

/** The request side's end of the detection thread. A thread that fails takes what it knew with it: the next begins anew. */
export class DetectionThread {
  readonly #pending = new Map<number, PromiseWithResolvers<readonly Finding[]>>();
  readonly #onTrouble: (message: string) => void;
  #worker: Worker | undefined;
  #nextId = 1;

  constructor(onTrouble: (message: string) => void) {
    this.#onTrouble = onTrouble;
  }

  /** False: it has to be told everything from the beginning. */
  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  /** Resolves with the findings of a round, empty for other orders. Rejects when the thread ends before it answers. */
  tell(order: DetectionOrder): Promise<readonly Finding[]> {
    const answer = Promise.withResolvers<readonly Finding[]>();
    const message: ToDetectionThread = { id: this.#nextId++, ...order };
    this.#pending.set(message.id, answer);
    this.#worker ??= this.#begin();
    this.#worker.postMessage(message);
    return answer.promise;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #begin(): Worker {
    const worker = new Worker(new URL('./detection-thread.ts', import.meta.url));
    worker.unref();
    worker.on('message', ({ id, findings }: FromDetectionThread) => {
      this.#pending.get(id)?.resolve(findings);
      this.#pending.delete(id);
    });
    worker.on('error', (error) => this.#onTrouble(`the detection thread failed: ${error.message}`));
    worker.on('exit', () => {
      this.#worker = undefined;
      for (const answer of this.#pending.values()) answer.reject(new Error('the detection thread has ended'));
      this.#pending.clear();
    });
    return worker;
  }
}
