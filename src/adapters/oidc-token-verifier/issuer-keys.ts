import { type Clock, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../kernel/time.ts';
import { discoverKeySetUrl } from './discovery.ts';
import { FetchFailure, type JsonFetch } from './json-fetch.ts';
import { KeySet } from './key-set.ts';

/** Keys this old are fetched anew before they are used: a provider takes a stolen key back within this time. */
const FRESH_MS = 15 * MINUTE_MS;
/** Keys stay good for so long while the provider does not answer. */
const USABLE_MS = 24 * HOUR_MS;
/** A provider is called once in this time at most, however many tokens name keys that it has not published. */
const FETCH_INTERVAL_MS = 10 * SECOND_MS;

export interface IssuerKeysOptions {
  readonly issuer: string;
  readonly fetch: JsonFetch;
  readonly clock: Clock;
  /** Told why the keys could not be read. */
  readonly onTrouble: (message: string) => void;
}

/** The published keys of one issuer, as they were read last. */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #keys: KeySet | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #failure: FetchFailure | undefined;
  /** Shared by all who wait for the same answer. */
  #underWay: Promise<void> | undefined;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  /**
   * Keys that are fresh, or as good as can be had: nobody waits for a provider that has just failed while its last keys
   * are good. Throws FetchFailure when there are none to use.
   */
  async current(): Promise<KeySet> {
    if (this.#ageMs() >= FRESH_MS) {
      const refreshed = this.refresh();
      if (!this.#failure || !this.#usable()) await refreshed;
    }
    const keys = this.#usable();
    if (keys) return keys;
    throw this.#failure ?? new FetchFailure('unreachable', `the keys of ${this.#options.issuer} are too old`);
  }

  /** Asks the provider, unless it was asked just now; answers whether the keys are others than before. */
  async refresh(): Promise<boolean> {
    const before = this.#keys;
    const isDue = this.#options.clock() - this.#askedAtMs >= FETCH_INTERVAL_MS;
    if (!this.#underWay && isDue) {
      this.#underWay = this.#fetch().finally(() => {
        this.#underWay = undefined;
      });
    }
    await this.#underWay;
    return this.#keys !== before;
  }

  #usable(): KeySet | undefined {
    return this.#ageMs() < USABLE_MS ? this.#keys : undefined;
  }

  #ageMs(): number {
    return this.#options.clock() - this.#readAtMs;
  }

  /** Never throws: what went wrong is kept for those who need the keys. */
  async #fetch(): Promise<void> {
    const { issuer, fetch, clock, onTrouble } = this.#options;
    this.#askedAtMs = clock();
    try {
      this.#keys = KeySet.of(await fetch.json(await discoverKeySetUrl(issuer, fetch)));
      this.#readAtMs = clock();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error instanceof FetchFailure ? error : new FetchFailure('unusable', String(error));
      onTrouble(`cannot read the keys of the OIDC provider \`${issuer}\`: ${this.#failure.message}`);
    }
  }
}
