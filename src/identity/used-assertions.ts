import { createHash } from 'node:crypto';
import { Fault } from '../kernel/fault.ts';

/** Of one generation, about 100 bytes each: more logins in six minutes than a node can answer are refused. */
const MAX_ASSERTIONS = 100_000;

/**
 * The assertions that have been redeemed, for as long as they could be presented once more. In memory and of this node
 * alone. Two generations: a full one is never emptied early, so that nobody can make it forget.
 */
export class UsedAssertions {
  readonly #lifetimeMs: number;
  #young = new Set<string>();
  #old = new Set<string>();
  #youngSinceMs = 0;

  constructor(lifetimeMs: number) {
    this.#lifetimeMs = lifetimeMs;
  }

  /** Throws InvalidIdentityTokenException for one that was redeemed, ThrottlingException when no more can be noted. */
  requireUnused(providerArn: string, assertionId: string, nowMs: number): void {
    if (nowMs - this.#youngSinceMs > this.#lifetimeMs) {
      // What is older than one whole generation cannot be presented any more.
      this.#old = nowMs - this.#youngSinceMs > 2 * this.#lifetimeMs ? new Set() : this.#young;
      this.#young = new Set();
      this.#youngSinceMs = nowMs;
    }
    const key = keyOf(providerArn, assertionId);
    if (this.#young.has(key) || this.#old.has(key)) {
      throw new Fault('InvalidIdentityTokenException', 'Response has already been used');
    }
    if (this.#young.size >= MAX_ASSERTIONS) throw new Fault('ThrottlingException', 'Rate exceeded');
  }

  note(providerArn: string, assertionId: string): void {
    this.#young.add(keyOf(providerArn, assertionId));
  }
}

/** Of one length, however long the provider makes its IDs. */
function keyOf(providerArn: string, assertionId: string): string {
  return createHash('sha256').update(`${providerArn} ${assertionId}`).digest('base64');
}
