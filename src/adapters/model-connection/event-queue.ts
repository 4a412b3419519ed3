/** Items waiting for a slow consumer at which the source is stopped, and at which it runs again. */
const HIGH_WATER = 256;
const LOW_WATER = 64;

/** The source of a queue's items. */
export interface Source {
  pause(): void;
  resume(): void;
  /** The consumer will take no more. */
  abandon(): void;
}

/**
 * Hands items from a source that pushes to one consumer that pulls. Bounded: the source is paused while the consumer is
 * slow, so at most HIGH_WATER items wait, and what one chunk of the source adds. `next` is not called twice at once, as
 * `for await` never does.
 */
export class EventQueue<Item> implements AsyncIterableIterator<Item, void> {
  readonly #source: Source;
  #items: Item[] = [];
  #taken = 0;
  #isPaused = false;
  #waiting: PromiseWithResolvers<IteratorResult<Item, void>> | undefined;
  #outcome: 'open' | 'ended' | { readonly error: unknown } = 'open';

  constructor(source: Source) {
    this.#source = source;
  }

  push(item: Item): void {
    if (this.#outcome !== 'open') return;
    if (this.#waiting) {
      this.#waiting.resolve({ value: item, done: false });
      this.#waiting = undefined;
      return;
    }
    this.#items.push(item);
    if (!this.#isPaused && this.#items.length - this.#taken >= HIGH_WATER) {
      this.#isPaused = true;
      this.#source.pause();
    }
  }

  end(): void {
    if (this.#outcome !== 'open') return;
    this.#outcome = 'ended';
    this.#waiting?.resolve({ value: undefined, done: true });
  }

  /** The consumer gets the error after the items that came before it. */
  fail(error: unknown): void {
    if (this.#outcome !== 'open') return;
    this.#outcome = { error };
    if (!this.#waiting) return;
    this.#outcome = 'ended';
    this.#waiting.reject(error);
  }

  next(): Promise<IteratorResult<Item, void>> {
    if (this.#taken < this.#items.length) {
      const value = this.#items[this.#taken++] as Item;
      if (this.#taken === this.#items.length) {
        this.#items = [];
        this.#taken = 0;
      }
      if (this.#isPaused && this.#items.length - this.#taken <= LOW_WATER) {
        this.#isPaused = false;
        this.#source.resume();
      }
      return Promise.resolve({ value, done: false });
    }
    if (this.#outcome === 'open') {
      this.#waiting = Promise.withResolvers();
      return this.#waiting.promise;
    }
    if (this.#outcome === 'ended') return Promise.resolve({ value: undefined, done: true });
    const { error } = this.#outcome;
    this.#outcome = 'ended';
    return Promise.reject(error);
  }

  return(): Promise<IteratorResult<Item, void>> {
    this.#outcome = 'ended';
    this.#items = [];
    this.#taken = 0;
    // Also when every item has come: a paused source would never close.
    this.#source.abandon();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
