/** Types of Thrift's compact protocol that a footer's first members have. */
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const INT = new Set([4, 5, 6]);
const DOUBLE = 7;
const BINARY = 8;
const LISTS = new Set([9, 10]);
const STRUCT = 12;
/** Of the tenth byte, which has the last of 64 bits. */
const VARINT_LAST_SHIFT = 63n;

/** Reads the compact protocol as far as it takes to step over what is not asked for. Throws RangeError at the end. */
export class Thrift {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The next member of a structure; undefined behind the last. */
  field(lastId: number): { readonly id: number; readonly type: number } | undefined {
    const head = this.#byte();
    if (head === 0) return undefined;
    const delta = head >> 4;
    return { id: delta === 0 ? Number(this.integer()) : lastId + delta, type: head & 0x0f };
  }

  integer(): bigint {
    const zigzag = this.#varint();
    return (zigzag >> 1n) ^ -(zigzag & 1n);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  bytes(): Buffer {
    const length = Number(this.#varint());
    const start = this.#at;
    this.#step(length);
    return this.#bytes.subarray(start, this.#at);
  }

  /** How many elements of a list follow. */
  size(): number {
    const head = this.#byte();
    return head >> 4 === 15 ? Number(this.#varint()) : head >> 4;
  }

  skip(type: number): void {
    if (type === TRUE || type === FALSE) return;
    if (type === BYTE) this.#step(1);
    else if (INT.has(type)) this.#varint();
    else if (type === DOUBLE) this.#step(8);
    else if (type === BINARY) this.#step(Number(this.#varint()));
    else if (LISTS.has(type)) this.#skipList();
    else if (type === STRUCT) this.#skipStruct();
    else throw new RangeError(`a footer has no member of type ${type}`);
  }

  #skipList(): void {
    const head = this.#byte();
    const size = head >> 4 === 15 ? Number(this.#varint()) : head >> 4;
    const type = head & 0x0f;
    // In a list a boolean has a byte of its own.
    for (let index = 0; index < size; index += 1) this.skip(type === TRUE || type === FALSE ? BYTE : type);
  }

  #skipStruct(): void {
    for (let id = 0; ; ) {
      const field = this.field(id);
      if (!field) return;
      id = field.id;
      this.skip(field.type);
    }
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
      // Reading a longer one would take time by the square of its length.
      if (shift === VARINT_LAST_SHIFT) throw new RangeError('a number has more than 64 bits');
    }
  }

  #step(bytes: number): void {
    this.#at += bytes;
    if (!(this.#at <= this.#bytes.length)) throw new RangeError('the footer ends too soon');
  }

  #byte(): number {
    this.#step(1);
    return this.#bytes[this.#at - 1]!;
  }
}
