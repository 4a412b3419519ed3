import { createPublicKey, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import type { WebIdentityAlgorithm, WebIdentityHeader } from '../../identity/web-identity-token.ts';
import { FetchFailure } from './json-fetch.ts';

/** IAM User Guide: at most so many RSA and so many EC keys. A set with more is refused. */
const MAX_KEYS_OF_A_TYPE = 100;
const RSA_BITS = { min: 2048, max: 8192 };

interface PublishedKey {
  readonly keyId?: string;
  readonly algorithms: readonly WebIdentityAlgorithm[];
  readonly key: KeyObject;
}

const EC_ALGORITHMS: Readonly<Record<string, WebIdentityAlgorithm>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
};

/** The keys of a provider that may verify tokens. */
export class KeySet {
  readonly #keys: readonly PublishedKey[];

  private constructor(keys: readonly PublishedKey[]) {
    this.#keys = keys;
  }

  /** Throws FetchFailure for what is no key set. Keys that are no use (secrets, short, for encryption) are left out. */
  static of(document: unknown): KeySet {
    const keys = (document as { readonly keys?: unknown } | null)?.keys;
    if (!Array.isArray(keys)) throw new FetchFailure('unusable', 'the key set has no list `keys`');
    const count = (type: string) => keys.filter((key) => (key as JWK | null)?.kty === type).length;
    if (count('RSA') > MAX_KEYS_OF_A_TYPE || count('EC') > MAX_KEYS_OF_A_TYPE) {
      throw new FetchFailure('unusable', `the key set has more than ${MAX_KEYS_OF_A_TYPE} RSA or EC keys`);
    }
    return new KeySet(keys.flatMap((key) => publishedKey(key) ?? []));
  }

  /**
   * The keys that may have signed: of the token's algorithm, and with its key id. A key without an id may have signed any
   * token, and any key a token that names none. Several keys may have one id.
   */
  candidates({ algorithm, keyId }: WebIdentityHeader): KeyObject[] {
    return this.#keys
      .filter(({ algorithms }) => algorithms.includes(algorithm))
      .filter((own) => keyId === undefined || own.keyId === undefined || own.keyId === keyId)
      .map(({ key }) => key);
  }
}

/** Undefined for a key that may not verify tokens. */
function publishedKey(value: unknown): PublishedKey | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { kty, kid, use, alg, key_ops: operations } = value as JWK;
  if (use !== undefined && use !== 'sig') return undefined;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return undefined;
  const key = kty === 'RSA' ? rsaKey(value) : kty === 'EC' ? ecKey(value) : undefined;
  if (!key) return undefined;
  const algorithms = fittingAlgorithms(value).filter((algorithm) => alg === undefined || alg === algorithm);
  return { ...(typeof kid === 'string' && { keyId: kid }), algorithms, key };
}

function fittingAlgorithms({ kty, crv }: JWK): WebIdentityAlgorithm[] {
  return kty === 'RSA' ? ['RS256', 'RS384', 'RS512'] : [EC_ALGORITHMS[crv!]!];
}

/** Of a length that is neither weak nor slow. Private members are not read. */
function rsaKey({ n, e }: JWK): KeyObject | undefined {
  if (typeof n !== 'string' || typeof e !== 'string') return undefined;
  const key = importKey({ kty: 'RSA', n, e });
  const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0;
  return bits >= RSA_BITS.min && bits <= RSA_BITS.max ? key : undefined;
}

function ecKey({ crv, x, y }: JWK): KeyObject | undefined {
  if (typeof crv !== 'string' || !Object.hasOwn(EC_ALGORITHMS, crv)) return undefined;
  if (typeof x !== 'string' || typeof y !== 'string') return undefined;
  return importKey({ kty: 'EC', crv, x, y });
}

/** Undefined when the members are no key: a point that is not on its curve, no base64url, ... */
function importKey(jwk: Readonly<Record<string, string>>): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined;
  }
}
