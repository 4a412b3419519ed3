import { RecentMap } from '../../kernel/recent-map.ts';
import { HmacKey } from './hmac-key.ts';

/** What a signature is valid for, as its credential scope says. */
export interface CredentialScope {
  /** `20260501`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/**
 * A scope lasts a day, so that a key has one entry for each region and service it calls. An entry is about a kilobyte;
 * half of them stay whatever comes, so that 100,000 principals do not push each other out.
 */
const ENTRIES_MAX = 200_000;
/** As many as there are opened session tokens in memory: a session that comes once must not push out a key that stays. */
const SESSION_ENTRIES_MAX = 20_000;

type Entries = RecentMap<string, { readonly secretAccessKey: string; readonly key: HmacKey }>;

/**
 * Derived signing keys, the least recently used dropped first. Deriving one costs four HMACs, verifying with it one.
 */
export class SigningKeyCache {
  readonly #ofKeys: Entries;
  readonly #ofSessions: Entries;

  constructor(entriesMax: number = ENTRIES_MAX, sessionEntriesMax: number = SESSION_ENTRIES_MAX) {
    this.#ofKeys = new RecentMap(entriesMax);
    this.#ofSessions = new RecentMap(sessionEntriesMax);
  }

  /** `credential`: the key's id and the scope, as signatures name them. */
  signingKey(credential: string, secretAccessKey: string, scope: CredentialScope): HmacKey {
    const entries = credential.startsWith('ASIA') ? this.#ofSessions : this.#ofKeys;
    const known = entries.get(credential);
    // The secret is compared because an access key id can get a new one (a restored directory).
    if (known?.secretAccessKey === secretAccessKey) return known.key;
    const key = deriveSigningKey(secretAccessKey, scope);
    entries.set(credential, { secretAccessKey, key });
    return key;
  }
}

/** `AKIAIOSFODNN7EXAMPLE/20260501/us-east-1/bedrock/aws4_request`. */
export function credentialText(accessKeyId: string, scope: CredentialScope): string {
  return `${accessKeyId}/${scopeText(scope)}`;
}

/** `20260501/us-east-1/bedrock/aws4_request`. */
export function scopeText({ date, region, service }: CredentialScope): string {
  return `${date}/${region}/${service}/aws4_request`;
}

export function deriveSigningKey(secretAccessKey: string, { date, region, service }: CredentialScope): HmacKey {
  let key = new HmacKey(Buffer.from(`AWS4${secretAccessKey}`));
  for (const part of [date, region, service, 'aws4_request']) key = new HmacKey(Buffer.from(key.digest(part), 'hex'));
  return key;
}
