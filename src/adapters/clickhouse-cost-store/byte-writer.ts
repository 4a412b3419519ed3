/** Strings up to this many UTF-16 units are copied in a loop, which is faster than a call into the runtime (measured). */
const LOOP_COPY_UNITS = 16;
const UINT32 = 0x1_0000_0000;

/** Values as ClickHouse's binary formats want them, one behind the other: little endian, text with its length in front. */
export class ByteWriter {
  #bytes: Buffer;
  #view: DataView;
  #length = 0;

  /** The buffer doubles whenever it is full. */
  constructor(initialBytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(initialBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** All that was written: a view, valid until the next write. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  uint8(value: number): void {
    const at = this.#advance(1);
    this.#bytes[at] = value;
  }

  uint32(value: number): void {
    const at = this.#advance(4);
    this.#view.setUint32(at, value, true);
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

  /** Two's complement. */
  int64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw new RangeError(`not a signed 64-bit integer: ${value}`);
    const at = this.#advance(8);
    this.#view.setBigInt64(at, value, true);
  }

  /** Two's complement. */
  int128(value: bigint): void {
    const at = this.#advance(16);
    const low = BigInt.asIntN(64, value);
    this.#view.setBigInt64(at, low, true);
    this.#view.setBigInt64(at + 8, low === value ? (value < 0n ? -1n : 0n) : value >> 64n, true);
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

  raw(bytes: Uint8Array): void {
    const at = this.#advance(bytes.length);
    this.#bytes.set(bytes, at);
  }

  varint(value: number): void {
    const at = this.#makeRoom(10);
    this.#length = this.#putVarint(at, value);
  }

  /** UTF-8 with its length in front; NUL and quotes are bytes like any other, a lone surrogate becomes U+FFFD. */
  string(text: string): void {
    const units = text.length;
    // Three bytes a unit at most, and ten for the length.
    const at = this.#makeRoom(units * 3 + 10);
    const assumedBytes = varintBytes(units);
    const byteCount = this.#copyText(text, at + assumedBytes);
    // Not ASCII: the length in front may take more room than assumed, and the text moves.
    const neededBytes = varintBytes(byteCount);
    if (neededBytes !== assumedBytes) this.#copyText(text, at + neededBytes);
    this.#putVarint(at, byteCount);
    this.#length = at + neededBytes + byteCount;
  }

  /** Copies the text into room that was made and answers how many bytes it has. */
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

  #putVarint(at: number, value: number): number {
    let next = at;
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes[next++] = (rest % 0x80) | 0x80;
    this.#bytes[next++] = rest;
    return next;
  }

  /** Takes room and answers where it is. Call it before touching the buffer, which may be another one afterwards. */
  #advance(byteCount: number): number {
    const at = this.#makeRoom(byteCount);
    this.#length = at + byteCount;
    return at;
  }

  #makeRoom(byteCount: number): number {
    const needed = this.#length + byteCount;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return this.#length;
  }
}

function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) count++;
  return count;
}
