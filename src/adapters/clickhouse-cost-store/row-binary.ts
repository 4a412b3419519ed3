/** Strings up to this many UTF-16 units are copied in a loop, which is faster than a call into the runtime (measured). */
const LOOP_COPY_UNITS = 16;
const UINT32 = 0x1_0000_0000;

/**
 * Writes values in ClickHouse's RowBinary: no row or column marks, little endian, text with its length in front.
 * Source: https://clickhouse.com/docs/interfaces/formats/RowBinary (checked 2026-11).
 */
export class RowBinaryWriter {
  #bytes: Buffer;
  #view: DataView;
  #length = 0;

  /** The buffer doubles whenever it is full. */
  constructor(initialBytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(initialBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** What was written from `start` on: a view, valid until the next write. */
  written(start = 0): Buffer {
    return this.#bytes.subarray(start, this.#length);
  }

  /** Leaves room for bytes that are known later and answers where it is. */
  reserve(byteCount: number): number {
    return this.#advance(byteCount);
  }

  /** Fills room that was reserved. */
  fillHex(at: number, hex: string): void {
    this.#bytes.write(hex, at, 'hex');
  }

  uint8(value: number): void {
    this.#bytes[this.#advance(1)] = value;
  }

  uint32(value: number): void {
    this.#view.setUint32(this.#advance(4), value, true);
  }

  /** A whole number of at most 2^53, or any that fits 64 bits as a bigint. */
  uint64(value: number | bigint): void {
    const at = this.#advance(8);
    if (typeof value === 'bigint') {
      if (BigInt.asUintN(64, value) !== value) throw new RangeError(`not an unsigned 64-bit integer: ${value}`);
      this.#view.setBigUint64(at, value, true);
    } else {
      if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a whole number: ${value}`);
      this.#view.setUint32(at, value % UINT32, true);
      this.#view.setUint32(at + 4, value / UINT32, true);
    }
  }

  /** Decimal128: the unscaled integer, two's complement. */
  int128(value: bigint): void {
    const at = this.#advance(16);
    const low = BigInt.asIntN(64, value);
    this.#view.setBigInt64(at, low, true);
    this.#view.setBigInt64(at + 8, low === value ? (value < 0n ? -1n : 0n) : value >> 64n, true);
  }

  /** DateTime: seconds since the epoch. */
  dateTime(atMs: number): void {
    this.uint32(Math.floor(atMs / 1000));
  }

  /** DateTime64(3): milliseconds since the epoch, which are never negative here. */
  dateTime64(atMs: number): void {
    this.uint64(atMs);
  }

  /** Two 64-bit halves, the first one first, each little endian. */
  uuid(text: string): void {
    const hex = text.replaceAll('-', '');
    if (!/^[0-9a-f]{32}$/i.test(hex)) throw new RangeError(`not a UUID: ${text}`);
    const at = this.#advance(16);
    this.#bytes.write(hex, at, 'hex');
    this.#bytes.subarray(at, at + 8).reverse();
    this.#bytes.subarray(at + 8, at + 16).reverse();
  }

  /** UTF-8 with its length in front; NUL and quotes are bytes like any other, a lone surrogate becomes U+FFFD. */
  string(text: string): void {
    const units = text.length;
    const at = this.#reserveText(units);
    const headBytes = units < 0x80 ? 1 : varintBytes(units);
    const byteCount = this.#copyText(text, at + headBytes);
    // Rare: not ASCII, so the length in front is another one than assumed and the text may have to move.
    const neededBytes = varintBytes(byteCount);
    if (neededBytes !== headBytes) this.#copyText(text, at + neededBytes);
    this.#putVarint(at, byteCount);
    this.#length = at + neededBytes + byteCount;
  }

  /** A map: the number of entries, then key and value of each. */
  stringMap(pairs: readonly (readonly [string, string])[]): void {
    const at = this.#reserveText(0);
    this.#length = this.#putVarint(at, pairs.length);
    for (const [key, value] of pairs) {
      this.string(key);
      this.string(value);
    }
  }

  /** Copies the text and answers its bytes; room must have been made. */
  #copyText(text: string, at: number): number {
    const units = text.length;
    if (units > LOOP_COPY_UNITS) return this.#bytes.write(text, at);
    const bytes = this.#bytes;
    for (let index = 0; index < units; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) return bytes.write(text, at);
      bytes[at + index] = unit;
    }
    return units;
  }

  /** Makes room for the longest form of a text (three bytes a unit, ten for the length) without taking it. */
  #reserveText(units: number): number {
    const at = this.#advance(units * 3 + 10);
    this.#length = at;
    return at;
  }

  #putVarint(at: number, value: number): number {
    let rest = value;
    let next = at;
    while (rest >= 0x80) {
      this.#bytes[next++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[next++] = rest;
    return next;
  }

  #advance(byteCount: number): number {
    const at = this.#length;
    this.#length = at + byteCount;
    if (this.#length > this.#bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#length, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) count++;
  return count;
}
