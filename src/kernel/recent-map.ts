/**
 * Values by key, the longest unused dropped first; at least the last half of `entriesMax` keys stay. Two generations,
 * because a Map in which one hot key is deleted and set again, to be the last in order, slows down from 0.04 to 30
 * microseconds a look-up (Node 24, 10,000 entries: `bench:identity` found it): what is deleted stays in its chain until
 * the whole table is made anew.
 */
export class RecentMap<Key, Value> {
  readonly #generationMax: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  constructor(entriesMax: number) {
    this.#generationMax = entriesMax / 2;
  }

  /** Counts as a use. */
  get(key: Key): Value | undefined {
    const known = this.#young.get(key);
    if (known !== undefined) return known;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: Key, value: Value): void {
    if (this.#young.size >= this.#generationMax && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: Key): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  /** In no order, and without a use. */
  *entries(): Generator<readonly [Key, Value]> {
    yield* this.#young;
    for (const entry of this.#old) if (!this.#young.has(entry[0])) yield entry;
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
  }
}
