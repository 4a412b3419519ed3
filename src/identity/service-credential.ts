import { hash, timingSafeEqual } from 'node:crypto';

/** A service-specific credential of a user: with `bedrock.amazonaws.com`, a long-term Bedrock API key. */
export interface ServiceCredential {
  /** Version of the record it was read from; 0 before it is written for the first time. */
  readonly version: number;
  /** `ACCA...`. */
  readonly id: string;
  readonly accountId: string;
  /** Unique id of the user. */
  readonly userId: string;
  readonly serviceName: 'bedrock.amazonaws.com';
  /** The public half of the key: names the credential in a request. */
  readonly alias: string;
  /** SHA-256 of the secret half, hex. The secret is 256 bits of chance, so that a plain hash cannot be searched. */
  readonly secretHash: string;
  readonly status: 'Active' | 'Inactive';
  readonly createdAtMs: number;
  /** Absent: it never expires. */
  readonly expiresAtMs?: number;
}

/** SHA-256 of a secret, hex: what is kept of it. */
export function secretHashOf(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** Stands in for the hash of a credential that does not exist, so that looking for one takes as long as finding one. */
const NO_HASH = secretHashOf('');

/** In constant time, and no faster when there is no credential. */
export function isSecretOf(kept: { readonly hash: string } | undefined, secret: string): boolean {
  const presented = Buffer.from(secretHashOf(secret), 'hex');
  return timingSafeEqual(presented, Buffer.from(kept?.hash ?? NO_HASH, 'hex')) && kept !== undefined;
}
