import { compactVerify, errors } from 'jose';
import { IDENTITY_TOKEN_TEXTS, invalidIdentityToken, providerUnreachable } from '../identity/web-identity-fault.ts';
import type { WebIdentityHeader } from '../identity/web-identity-token.ts';
import type { WebIdentityVerifier } from '../identity/web-identity-verifier.ts';
import type { Clock } from '../kernel/time.ts';
import { IssuerKeys } from './oidc-token-verifier/issuer-keys.ts';
import { FetchFailure, JsonFetch, type JsonFetchOptions } from './oidc-token-verifier/json-fetch.ts';
import type { KeySet } from './oidc-token-verifier/key-set.ts';

export interface OidcTokenVerifierOptions extends JsonFetchOptions {
  readonly clock: Clock;
  /** Told why a provider's keys could not be read. */
  readonly onTrouble: (message: string) => void;
}

/** Issuers whose keys are kept; the longest unused one goes first. A hundred to an account can be registered. */
const MAX_ISSUERS = 1_000;

/** Verifies signatures with the keys that providers publish, fetched over https and kept. */
export class OidcTokenVerifier implements WebIdentityVerifier {
  readonly #options: OidcTokenVerifierOptions;
  readonly #fetch: JsonFetch;
  /** In order of last use. */
  readonly #issuers = new Map<string, IssuerKeys>();

  constructor(options: OidcTokenVerifierOptions) {
    this.#options = options;
    this.#fetch = new JsonFetch(options);
  }

  async verify(token: string, header: WebIdentityHeader, issuer: string): Promise<string> {
    const keys = this.#keysOf(issuer);
    try {
      const first = await tryKeys(token, header, await keys.current());
      if (first.payload !== undefined) return first.payload;
      // The provider may have changed its keys since, even under the same id.
      const second = (await keys.refresh()) ? await tryKeys(token, header, await keys.current()) : first;
      if (second.payload !== undefined) return second.payload;
      throw invalidIdentityToken(second.tried > 0 ? IDENTITY_TOKEN_TEXTS.invalid : IDENTITY_TOKEN_TEXTS.noKey);
    } catch (error) {
      if (!(error instanceof FetchFailure)) throw error;
      if (error.kind === 'unreachable') throw providerUnreachable();
      throw invalidIdentityToken(
        error.kind === 'untrusted' ? IDENTITY_TOKEN_TEXTS.certificate : IDENTITY_TOKEN_TEXTS.noKey,
      );
    }
  }

  close(): Promise<void> {
    return this.#fetch.close();
  }

  #keysOf(issuer: string): IssuerKeys {
    const { clock, onTrouble } = this.#options;
    const keys = this.#issuers.get(issuer) ?? new IssuerKeys({ issuer, fetch: this.#fetch, clock, onTrouble });
    this.#issuers.delete(issuer);
    this.#issuers.set(issuer, keys);
    if (this.#issuers.size > MAX_ISSUERS) this.#issuers.delete(this.#issuers.keys().next().value!);
    return keys;
  }
}

interface Attempt {
  /** The signed text; absent when no key fits the signature. */
  readonly payload?: string;
  readonly tried: number;
}

async function tryKeys(token: string, header: WebIdentityHeader, keys: KeySet): Promise<Attempt> {
  const candidates = keys.candidates(header);
  for (const candidate of candidates) {
    try {
      const { payload } = await compactVerify(token, candidate, { algorithms: [header.algorithm] });
      return { payload: new TextDecoder().decode(payload), tried: candidates.length };
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  return { tried: candidates.length };
}
