import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '../kernel/fault.ts';
import type { SecretBox } from '../kernel/secret-box.ts';

const MASTER_KEY_BYTES = 32;

/** First byte of a sealed text, so that a later format can be told apart. */
const FORMAT = 1;
const SALT_BYTES = 24;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM under a key of its own for every sealed text: HKDF-SHA256 of the master key, a random salt and the
 * purpose. One GCM key with random nonces is good for about 2^32 texts, which a busy STS would use up; a 192-bit salt
 * has no such end.
 * Sealed: format (1 byte), salt (24), ciphertext, tag (16); base64url.
 */
export class MasterKeySecretBox implements SecretBox {
  readonly #masterKey: Buffer;

  /** The key of 32 bytes from `masterKeyFile` or `parseMasterKey`. */
  constructor(masterKey: Buffer) {
    if (masterKey.length !== MASTER_KEY_BYTES) throw new RangeError('a master key has 32 bytes');
    this.#masterKey = masterKey;
  }

  seal(purpose: string, plaintext: string): string {
    const salt = randomBytes(SALT_BYTES);
    const { key, nonce } = this.#derive(purpose, salt);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose));
    const ciphertext = [cipher.update(plaintext, 'utf8'), cipher.final()];
    return Buffer.concat([Buffer.of(FORMAT), salt, ...ciphertext, cipher.getAuthTag()]).toString('base64url');
  }

  open(purpose: string, sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    // Decoding is lenient; only the one spelling that `seal` writes is accepted.
    const isSealed = bytes.length >= 1 + SALT_BYTES + TAG_BYTES && bytes[0] === FORMAT;
    if (!isSealed || bytes.toString('base64url') !== sealed) throw new Error(`not a sealed ${purpose}`);
    const salt = bytes.subarray(1, 1 + SALT_BYTES);
    const { key, nonce } = this.#derive(purpose, salt);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(purpose))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(1 + SALT_BYTES, -TAG_BYTES)), decipher.final()]).toString();
  }

  #derive(purpose: string, salt: Buffer): { key: Buffer; nonce: Buffer } {
    const info = `tallyline secret box ${FORMAT} ${purpose}`;
    const derived = Buffer.from(hkdfSync('sha256', this.#masterKey, salt, info, KEY_BYTES + NONCE_BYTES));
    return { key: derived.subarray(0, KEY_BYTES), nonce: derived.subarray(KEY_BYTES) };
  }
}

/** A master key from an environment variable: 32 bytes in base64. Throws ConfigInvalid with its name, without the text. */
export function parseMasterKey(base64: string | undefined, variable: string): Buffer {
  if (base64 === undefined) {
    throw new Fault(
      'ConfigInvalid',
      `the master key is to be in the environment variable \`${variable}\`, which is not set`,
    );
  }
  const key = Buffer.from(base64, 'base64');
  if (key.length !== MASTER_KEY_BYTES) {
    throw new Fault(
      'ConfigInvalid',
      `the master key in \`${variable}\` is not 32 bytes in base64; make one with \`openssl rand -base64 32\``,
    );
  }
  return key;
}

/** Reads the master key from a file of 32 bytes, made on first use for its owner alone. */
export function masterKeyFile(file: string): Buffer {
  if (!statSync(file, { throwIfNoEntry: false })) createMasterKey(file);
  // Group access is left alone: container platforms mount secrets that way.
  if (statSync(file).mode & 0o007) {
    throw new Fault('ConfigInvalid', `the master key file \`${file}\` is open to everybody; run \`chmod 600 ${file}\``);
  }
  const key = readFileSync(file);
  if (key.length !== MASTER_KEY_BYTES) {
    throw new Fault(
      'ConfigInvalid',
      `the master key file \`${file}\` does not have 32 bytes; restore it from a backup`,
    );
  }
  return key;
}

/** Complete or not there at all: a key that is lost half-written would lose everything that was sealed with it. */
function createMasterKey(file: string): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    writeSync(descriptor, randomBytes(MASTER_KEY_BYTES));
    fsyncSync(descriptor);
    linkSync(draft, file);
  } catch (error) {
    // Another process was first: its key is the key.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    closeSync(descriptor);
    unlinkSync(draft);
  }
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
}
