import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

/**
 * A key of HMAC-SHA256 (RFC 2104) for many texts. Node's `createHmac` makes an object outside the heap for each of them, which the
 * collector has to follow until it is gone: two hashes cost about half of that (Node 24).
 */
export class HmacKey {
  /** The key as one block, and what either hash begins with. */
  readonly #inner: Buffer;
  readonly #outer: Buffer;

  constructor(key: Buffer) {
    const short = key.length > BLOCK_BYTES ? hash('sha256', key, 'buffer') : key;
    this.#inner = padded(short, 0x36);
    this.#outer = padded(short, 0x5c);
  }

  digest(text: string): Buffer {
    const message = Buffer.allocUnsafe(BLOCK_BYTES + Buffer.byteLength(text));
    this.#inner.copy(message);
    message.write(text, BLOCK_BYTES);
    const outer = Buffer.allocUnsafe(BLOCK_BYTES + DIGEST_BYTES);
    this.#outer.copy(outer);
    hash('sha256', message, 'buffer').copy(outer, BLOCK_BYTES);
    return hash('sha256', outer, 'buffer');
  }
}

function padded(key: Buffer, padding: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES, padding);
  for (const [index, byte] of key.entries()) block[index]! ^= byte;
  return block;
}
