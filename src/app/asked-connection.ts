import { Fault } from '../kernel/fault.ts';
import type { StoreConnection } from './cost-thread-messages.ts';

/** How a thread reaches the store: the request side knows where it is, and is asked for it. */
export class AskedConnection {
  readonly #ask: () => void;
  /** Questions that wait for the answer. */
  readonly #waiting: PromiseWithResolvers<StoreConnection>[] = [];

  constructor(ask: () => void) {
    this.#ask = ask;
  }

  readonly connection = (): Promise<StoreConnection> => {
    const asked = Promise.withResolvers<StoreConnection>();
    this.#waiting.push(asked);
    this.#ask();
    return asked.promise;
  };

  /** Undefined: the store is down. */
  answer(connection: StoreConnection | undefined): void {
    for (const asked of this.#waiting.splice(0)) {
      if (connection) asked.resolve(connection);
      else asked.reject(new Fault('StoreUnavailable', 'the cost store is not running'));
    }
  }
}
