import type { AccountPlace } from '../identity/organization.ts';
import type { Caller } from '../identity/principal.ts';
import { parseArn } from '../kernel/arn.ts';
import type { ConditionContext } from './context.ts';

/** The part of the directory that is read here. */
interface AccountPlaces {
  placeOf(accountId: string): AccountPlace | undefined;
}

/** Whose request it is and what it is about. */
interface Parties {
  /** Absent when nobody signed. */
  readonly caller?: Caller;
  /** An ARN, or `*` for an action that is about the caller's account as a whole. */
  readonly resource: string;
}

/** The account that a key is about, and what the key says of it. */
interface OrganizationKey {
  readonly accountOf: (parties: Parties) => string | undefined;
  readonly value: (accountId: string, places: AccountPlaces) => string | undefined;
}

const organizationId: OrganizationKey['value'] = (accountId, places) => places.placeOf(accountId)?.organizationId;
const path: OrganizationKey['value'] = (accountId, places) => places.placeOf(accountId)?.path;
const callerAccount: OrganizationKey['accountOf'] = ({ caller }) => caller?.accountId;

const KEYS = new Map<string, OrganizationKey>([
  ['aws:principalorgid', { accountOf: callerAccount, value: organizationId }],
  ['aws:principalorgpaths', { accountOf: callerAccount, value: path }],
  ['aws:resourceaccount', { accountOf: resourceAccount, value: (accountId) => accountId }],
  ['aws:resourceorgid', { accountOf: resourceAccount, value: organizationId }],
  ['aws:resourceorgpaths', { accountOf: resourceAccount, value: path }],
]);

/** `base` with the keys that place both parties in the organization, worked out only when a policy asks for them. */
export function organizationContext(base: ConditionContext, parties: Parties, places: AccountPlaces): ConditionContext {
  return {
    get(name) {
      const key = KEYS.get(name);
      if (!key) return base.get(name);
      const accountId = key.accountOf(parties);
      const value = accountId === undefined ? undefined : key.value(accountId, places);
      return value === undefined ? undefined : [value];
    },
  };
}

/** A resource of AWS's own, such as a foundation model, belongs to no account (unverified: what AWS gives for it). */
function resourceAccount({ caller, resource }: Parties): string | undefined {
  if (resource === '*') return caller?.accountId;
  const accountId = parseArn(resource)?.accountId;
  return accountId && /^\d{12}$/.test(accountId) ? accountId : undefined;
}
