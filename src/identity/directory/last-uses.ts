import type { RecordChange, RecordStore } from '../../kernel/record-store.ts';
import { MINUTE_MS } from '../../kernel/time.ts';

/** How exactly the last use is known. */
const GRAIN_MS = 15 * MINUTE_MS;

/**
 * When keys or roles were last used. A request only notes it in memory: the database behind the store writes to disk
 * while its caller waits, and no request may wait for that. A note that is lost makes a key look less recently used.
 */
export class LastUses<Use extends { readonly atMs: number }> {
  readonly #store: RecordStore;
  readonly #kind: string;
  readonly #unwritten = new Map<string, Use>();

  constructor(store: RecordStore, kind: string) {
    this.#store = store;
    this.#kind = kind;
  }

  /** Of several uses within a quarter of an hour the first is kept. */
  note(key: string, use: Use): void {
    const last = this.of(key);
    if (last && use.atMs - last.atMs < GRAIN_MS) return;
    this.#unwritten.set(key, use);
  }

  /** Undefined when no use is known. */
  of(key: string): Use | undefined {
    return this.#unwritten.get(key) ?? this.#store.get<Use>(this.#kind, key)?.body;
  }

  forget(key: string): void {
    this.#unwritten.delete(key);
  }

  /** Up to so many notes to be written; they are no longer held here. */
  take(count: number): RecordChange[] {
    const taken = [...this.#unwritten].slice(0, count);
    for (const [key] of taken) this.#unwritten.delete(key);
    return taken.map(([key, body]) => ({ kind: this.#kind, key, body }));
  }
}
