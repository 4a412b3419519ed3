import { hash } from 'node:crypto';
import { Fault } from '../../kernel/fault.ts';
import type { WorkloadCredentials } from './workload-credentials.ts';

/** As given on the command line; AWS's own variables stand in for what is absent. */
export interface CredentialOptions {
  readonly role?: string;
  readonly webIdentityTokenFile?: string;
  readonly samlAssertionFile?: string;
  readonly samlProvider?: string;
  readonly sessionName?: string;
  readonly sessionTag?: readonly string[];
  readonly transitiveTag?: readonly string[];
  readonly sourceIdentity?: string;
  readonly externalId?: string;
  /** Seconds; absent: STS's default, one hour. */
  readonly duration?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly sourceProfile?: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where credentials of a role come from. */
export interface CredentialSource {
  readonly roleArn: string;
  /** Differs for whoever the credentials are for, so that nobody gets those of another out of a cache. */
  readonly cacheKey: () => string;
  readonly fetch: (nowMs: number) => Promise<WorkloadCredentials>;
}

/** What all sources need to ask STS. */
export interface StsTarget {
  readonly endpoint: string;
  readonly roleArn: string;
  readonly durationFields: Readonly<Record<string, string>>;
}

type Claim = 'sessionName' | 'sessionTag' | 'transitiveTag' | 'sourceIdentity' | 'externalId';

/** What the provider says about a session cannot be said by the caller. */
export function refuseOwnClaims(options: CredentialOptions, what: string, claims: readonly Claim[]): void {
  const [first] = claims.filter((claim) => (options[claim]?.length ?? 0) > 0);
  if (first === undefined) return;
  const flag = first.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new Fault('ConfigInvalid', `--${flag} does not go with ${what}: the provider decides that`);
}

/** A digest, so that nothing of a token or an assertion stands in the cache. */
export function digestOf(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex');
}
