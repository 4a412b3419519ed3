/** Entries gone before the Map is made anew: the copy must cost little next to them. */
const GONE_MIN = 256;

/**
 * Values that come and go by the thousand a second, in the order in which they came. A Map that changes so much makes its
 * table anew again and again, and V8 (Node 24) lets every left table point to the next one: once a full collection has found
 * one of them in use, all that was ever in later ones stays until the next, and each collection of young objects copies it
 * (`bench:gateway`: 5 KB a call, pauses of 20 ms). So the Map itself is left behind before that comes to much.
 */
export class PassingMap<Key, Value> {
  #entries = new Map<Key, Value>();
  #gone = 0;

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  set(key: Key, value: Value): void {
    if (this.#gone >= Math.max(GONE_MIN, this.#entries.size)) {
      this.#entries = new Map(this.#entries);
      this.#gone = 0;
    }
    this.#entries.set(key, value);
  }

  delete(key: Key): void {
    if (this.#entries.delete(key)) this.#gone += 1;
  }

  entries(): MapIterator<[Key, Value]> {
    return this.#entries.entries();
  }

  keys(): MapIterator<Key> {
    return this.#entries.keys();
  }

  values(): MapIterator<Value> {
    return this.#entries.values();
  }
}
