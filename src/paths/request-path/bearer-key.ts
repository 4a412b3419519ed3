import type { Directory } from '../../identity/directory.ts';
import { bearerCaller, type Credential, findBearerUser, findCredential } from '../../identity/identify.ts';
import type { Caller } from '../../identity/principal.ts';
import type { SessionTokens } from '../../identity/session-token.ts';
import { BoundedMemo } from '../../kernel/bounded-memo.ts';
import { Fault } from '../../kernel/fault.ts';
import { MINUTE_MS } from '../../kernel/time.ts';
import {
  type BearerKey,
  bearerKeyExpired,
  bearerKeyRefused,
  type LongTermKey,
  readBearerKey,
  type ShortTermKey,
} from '../../wire/bearer.ts';
import type { WireRequest } from '../../wire/exchange.ts';
import { isSignedWith, type SigningKeyCache } from '../../wire/sigv4.ts';
import { addressedRegion, type ProvenCaller, type RegionParts } from './proven-caller.ts';

export interface BearerKeyParts extends RegionParts {
  readonly directory: Directory;
  readonly sessions: SessionTokens;
  readonly signingKeys: SigningKeyCache;
}

/** How far the clock of whoever made a short-term key may be ahead: as with signatures for Bedrock. */
const SKEW_MS = 5 * MINUTE_MS;

/**
 * Keys by their text, so that a key is decoded once and its signature checked once. UTF-16 code units of
 * all texts together: some two thousand short-term keys, more of the long-term ones.
 */
const keys = new BoundedMemo<BearerKey>(4_000_000);

/** The secret that a short-term key was found to be signed with: the signature is over fixed text. */
const signedWith = new WeakMap<ShortTermKey, string>();

/**
 * Proves who presents a Bedrock API key. Everything that can change is looked up anew: a key that is deactivated,
 * deleted, reset or expired, or whose user, access key or session is gone, is refused from the next request on.
 */
export function proveBearerKey(
  token: string,
  request: WireRequest,
  parts: BearerKeyParts,
  nowMs: number,
): ProvenCaller {
  const key = keys.get(token, () => readBearerKey(token));
  const addressed = addressedRegion(request, parts);
  return key.type === 'LONG_TERM'
    ? { caller: proveLongTerm(key, parts.directory, nowMs), region: addressed ?? parts.defaultRegion }
    : proveShortTerm(key, addressed, parts, nowMs);
}

function proveLongTerm(key: LongTermKey, directory: Directory, nowMs: number): Caller {
  const user = findBearerUser(directory, key);
  if (!user) throw bearerKeyRefused();
  if (user.expiresAtMs !== undefined && nowMs >= user.expiresAtMs) throw bearerKeyExpired();
  return user.caller;
}

function proveShortTerm(
  key: ShortTermKey,
  addressed: string | undefined,
  { directory, sessions, signingKeys, regions }: BearerKeyParts,
  nowMs: number,
): ProvenCaller {
  const { authorization, signed, signedAtMs, expiresAtMs } = key;
  const { accessKeyId, region } = authorization;
  const credential = regions.has(region) ? credentialOf(key, directory, sessions) : undefined;
  if (!credential) throw bearerKeyRefused();
  if (signedWith.get(key) !== credential.secretAccessKey) {
    if (!isSignedWith(authorization, signed, credential.secretAccessKey, signingKeys)) throw bearerKeyRefused();
    signedWith.set(key, credential.secretAccessKey);
  }
  if (nowMs >= Math.min(expiresAtMs, credential.expiresAtMs ?? expiresAtMs)) throw bearerKeyExpired();
  if (signedAtMs > nowMs + SKEW_MS || (addressed ?? region) !== region) throw bearerKeyRefused();
  directory.noteKeyUse(accessKeyId, { atMs: nowMs, service: 'bedrock', region });
  return { caller: bearerCaller(credential.caller), region };
}

function credentialOf(key: ShortTermKey, directory: Directory, sessions: SessionTokens): Credential | undefined {
  try {
    return findCredential(directory, sessions, key.authorization);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}
