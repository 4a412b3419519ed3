import { Worker } from 'node:worker_threads';
import type { Statement, StatementPaper } from '../statements/statement.ts';
import type { FromPaperThread, ToPaperThread } from './paper-thread-messages.ts';

/** The request side's end of the paper thread, which begins with the first statement that is written. */
export class PaperThread implements StatementPaper {
  readonly #pending = new Map<number, PromiseWithResolvers<Uint8Array>>();
  #worker: Worker | undefined;
  #nextId = 1;

  /** Rejects when the thread fails; the next statement begins another one. */
  write(statement: Statement): Promise<Uint8Array> {
    const written = Promise.withResolvers<Uint8Array>();
    const message: ToPaperThread = { id: this.#nextId++, statement };
    this.#pending.set(message.id, written);
    this.#worker ??= this.#begin();
    this.#worker.postMessage(message);
    return written.promise;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #begin(): Worker {
    const worker = new Worker(new URL('./paper-thread.ts', import.meta.url));
    worker.unref();
    let reason = 'the paper thread ended';
    worker.on('message', ({ id, pdf, failure }: FromPaperThread) => {
      const written = this.#pending.get(id);
      this.#pending.delete(id);
      if (pdf) written?.resolve(pdf);
      else written?.reject(new Error(`the statement cannot be written: ${failure}`));
    });
    worker.on('error', (error) => {
      reason = `the paper thread failed: ${error.message}`;
    });
    worker.on('exit', () => {
      this.#worker = undefined;
      for (const written of this.#pending.values()) written.reject(new Error(reason));
      this.#pending.clear();
    });
    return worker;
  }
}
