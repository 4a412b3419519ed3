import { crc32 } from 'node:zlib';
import { CredentialRefused } from './authentication-fault.ts';

/** A gateway key as a request presents it; nothing of it is believed yet. */
export interface PresentedGatewayKey {
  /** `TLYK...`: names the key, and is no secret. */
  readonly id: string;
  readonly secret: string;
}

/** What every gateway key begins with, so that scanners for secrets know one when they see it. */
const PREFIX = 'tly-';
const ID_PREFIX = 'TLYK';
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** 256 bits in base 62. */
const SECRET_BYTES = 32;
const SECRET_LETTERS = 43;
/** 32 bits in base 62. */
const CHECKSUM_LETTERS = 6;

const FORM = /^tly-([A-Z2-7]{16})-([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

export function isGatewayKey(token: string): boolean {
  return token.startsWith(PREFIX);
}

/** A new secret: 256 bits of chance. */
export function newGatewaySecret(random: (size: number) => Buffer): string {
  return base62(BigInt(`0x${random(SECRET_BYTES).toString('hex')}`), SECRET_LETTERS);
}

/** The key as it is handed out, once: `tly-`, the letters of its id, the secret, a checksum of all that. */
export function writeGatewayKey({ id, secret }: PresentedGatewayKey): string {
  const text = `${PREFIX}${id.slice(ID_PREFIX.length)}-${secret}`;
  return text + checksumOf(text);
}

/** Throws for what is no gateway key, also for one with a typo, which its checksum tells before anything is looked up. */
export function readGatewayKey(token: string): PresentedGatewayKey {
  const [, letters, secret, checksum] = FORM.exec(token) ?? [];
  if (letters === undefined || secret === undefined || checksumOf(token.slice(0, -CHECKSUM_LETTERS)) !== checksum) {
    throw new CredentialRefused('Authentication failed: The gateway key is incomplete or mistyped.');
  }
  return { id: ID_PREFIX + letters, secret };
}

function checksumOf(text: string): string {
  return base62(BigInt(crc32(text)), CHECKSUM_LETTERS);
}

function base62(value: bigint, letters: number): string {
  let text = '';
  let rest = value;
  for (let n = 0; n < letters; n++) {
    text = ALPHABET[Number(rest % 62n)] + text;
    rest /= 62n;
  }
  return text;
}
