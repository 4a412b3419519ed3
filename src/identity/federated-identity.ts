import type { TagSet } from '../kernel/tags.ts';

/** What a provider vouches for in a verified web identity token or SAML assertion; all of it was signed. */
export interface FederatedIdentity {
  /** CloudTrail's word for it. */
  readonly type: 'WebIdentityUser' | 'SAMLUser';
  /** The OIDC or SAML provider of the role's account: `aws:FederatedProvider`. */
  readonly providerArn: string;
  /** `sub`, or the NameID. */
  readonly subject: string;
  readonly sessionTags: TagSet;
  readonly transitiveTagKeys: readonly string[];
  /** Absent: the provider names none. */
  readonly sourceIdentity?: string;
  /** Condition keys of the trust policy, names in lower case: `accounts.example.com:sub`, `saml:aud`, ... */
  readonly contextKeys: ReadonlyMap<string, readonly string[]>;
  /** Those of them that later requests of the session have as well. */
  readonly lastingKeys: readonly string[];
}

/** `SessionFacts.federatedContext` of its sessions. */
export function lastingContext({ lastingKeys, contextKeys }: FederatedIdentity): [string, readonly string[]][] {
  return lastingKeys.flatMap((key) => {
    const values = contextKeys.get(key);
    return values ? [[key, values]] : [];
  });
}
