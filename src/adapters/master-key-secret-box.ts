import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { SealPurpose, SecretBox } from '../kernel/secret-box.ts';

export const MASTER_KEY_BYTES = 32;

/** First byte of a sealed text. 1 was sealed before there was more than one key, and does not say which. */
const FORMAT_1 = 1;
const FORMAT_2 = 2;
const KEY_ID_BYTES = 4;
const SALT_BYTES = 24;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM under a key of its own for every sealed text: HKDF-SHA256 of a master key, a random salt and the purpose. One
 * GCM key with random nonces is good for about 2^32 texts, which a busy STS would use up; a 192-bit salt has no such end.
 * The current master key seals; previous ones open what they sealed.
 * Sealed: format (1 byte), key id (4, not in format 1), salt (24), ciphertext, tag (16); base64url.
 */
export class MasterKeySecretBox implements SecretBox {
  #keys: readonly MasterKey[] = [];

  /** Keys of 32 bytes. */
  constructor(current: Buffer, previous: readonly Buffer[] = []) {
    this.useKeys(current, previous);
  }

  /** Takes other keys from now on. */
  useKeys(current: Buffer, previous: readonly Buffer[]): void {
    this.#keys = [current, ...previous].map(masterKeyOf);
  }

  seal(purpose: SealPurpose, plaintext: string): string {
    const salt = randomBytes(SALT_BYTES);
    const head = Buffer.concat([Buffer.of(FORMAT_2), this.#current.id, salt]);
    const { key, nonce } = derive(this.#current, FORMAT_2, purpose, salt);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose));
    const ciphertext = [cipher.update(plaintext, 'utf8'), cipher.final()];
    return Buffer.concat([head, ...ciphertext, cipher.getAuthTag()]).toString('base64url');
  }

  open(purpose: SealPurpose, sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    const format = bytes[0];
    const headBytes = format === FORMAT_2 ? 1 + KEY_ID_BYTES : 1;
    const isSealed = (format === FORMAT_1 || format === FORMAT_2) && bytes.length >= headBytes + SALT_BYTES + TAG_BYTES;
    // Decoding is lenient; only the one spelling that `seal` writes is accepted.
    if (!isSealed || bytes.toString('base64url') !== sealed) throw new Error(`not a sealed ${purpose}`);
    const body = bytes.subarray(headBytes);
    for (const key of this.#keys) {
      if (format === FORMAT_2 && !key.id.equals(bytes.subarray(1, headBytes))) continue;
      const text = openWith(key, format, purpose, body);
      if (text !== undefined) return text;
    }
    throw new Error(`no master key here opens this ${purpose}`);
  }

  /** False for what a previous key sealed, and for the older format. */
  isSealedUnderCurrent(sealed: string): boolean {
    const bytes = Buffer.from(sealed, 'base64url');
    return bytes[0] === FORMAT_2 && this.#current.id.equals(bytes.subarray(1, 1 + KEY_ID_BYTES));
  }

  get #current(): MasterKey {
    return this.#keys[0]!;
  }
}

interface MasterKey {
  /** Not its bytes: with bytes Node 24 takes three times as long to derive, and to encrypt, and a session is opened often. */
  readonly key: KeyObject;
  readonly id: Buffer;
}

/** Eight hex digits that name a master key and tell nothing about it. */
export function masterKeyId(key: Buffer): string {
  return idOf(key).toString('hex');
}

function masterKeyOf(bytes: Buffer): MasterKey {
  if (bytes.length !== MASTER_KEY_BYTES) throw new RangeError('a master key has 32 bytes');
  return { key: createSecretKey(bytes), id: idOf(bytes) };
}

function idOf(key: Buffer): Buffer {
  return createHmac('sha256', key).update('tallyline master key id').digest().subarray(0, KEY_ID_BYTES);
}

function openWith(masterKey: MasterKey, format: number, purpose: SealPurpose, body: Buffer): string | undefined {
  const { key, nonce } = derive(masterKey, format, purpose, body.subarray(0, SALT_BYTES));
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(purpose))
    .setAuthTag(body.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(body.subarray(SALT_BYTES, -TAG_BYTES)), decipher.final()]).toString();
  } catch {
    return undefined;
  }
}

function derive(
  masterKey: MasterKey,
  format: number,
  purpose: SealPurpose,
  salt: Buffer,
): { key: KeyObject; nonce: Buffer } {
  const info = `tallyline secret box ${format} ${purpose}`;
  const derived = Buffer.from(hkdfSync('sha256', masterKey.key, salt, info, KEY_BYTES + NONCE_BYTES));
  return { key: createSecretKey(derived.subarray(0, KEY_BYTES)), nonce: derived.subarray(KEY_BYTES) };
}
