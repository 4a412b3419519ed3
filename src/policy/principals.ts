import type { Caller } from '../identity/principal.ts';

/** The Principal or NotPrincipal element, as written. */
export interface PrincipalElement {
  readonly isNegated: boolean;
  /** Ids by type: `AWS`, `Federated`, `Service`, `CanonicalUser`, or `STAR` for `"Principal": "*"`. */
  readonly ids: ReadonlyMap<string, readonly string[]>;
}

/** Who asks: a caller with verified credentials, a federated identity that has none of AWS's yet, or a service itself. */
export type Requester =
  | { readonly caller: Caller }
  /** ARN of the OIDC or SAML provider that vouched for the identity. */
  | { readonly federatedProvider: string }
  /** `budgets.amazonaws.com`. */
  | { readonly servicePrincipal: string };

/**
 * How directly a Principal element names the requester, weakest first. It decides what a resource-based policy grants
 * (IAM User Guide, "Policy evaluation logic"): `account` leaves the decision to the account's own policies; `entity`
 * (the role or user behind a session) is still limited by the boundary and the session policy; `direct` (the user, the
 * session itself, or everyone) is limited by explicit denies only.
 */
export const PRINCIPAL_MATCH = { none: 0, account: 1, entity: 2, direct: 3 } as const;

export type PrincipalMatch = (typeof PRINCIPAL_MATCH)[keyof typeof PRINCIPAL_MATCH];

export type PrincipalTest = (requester: Requester) => PrincipalMatch;

/** `arn:aws:iam::111122223333:root` and the bare account id are the same principal. */
const ACCOUNT = /^(?:arn:aws:iam::(\d{12}):root|(\d{12}))$/;

/** What each type of principal may look like; `*` stands for everyone and never for a part of a name. */
const PRINCIPAL_SHAPES: ReadonlyMap<string, readonly RegExp[]> = new Map([
  [
    'AWS',
    [
      /^\*$/,
      ACCOUNT,
      /^(AIDA|AROA)[A-Z0-9]{12,28}$/,
      /^arn:aws:iam::\d{12}:(user|role)\/[^*?]+$/,
      /^arn:aws:sts::\d{12}:assumed-role\/[^*?/]+\/[^*?/]+$/,
      /^arn:aws:sts::\d{12}:federated-user\/[^*?/]+$/,
    ],
  ],
  ['Federated', [/^[^*?\s]+$/]],
  ['Service', [/^[^*?\s]+$/]],
  ['CanonicalUser', [/^[^*?\s]+$/]],
  ['STAR', [/^\*$/]],
]);

/** Whether a Principal element may hold this id. */
export function isPrincipalId(type: string, id: string): boolean {
  return PRINCIPAL_SHAPES.get(type)?.some((shape) => shape.test(id)) ?? false;
}

/**
 * The test of a Principal element. `CanonicalUser` matches no one.
 * In doubt it leans to denying: `*` takes in services and identities without AWS credentials for Deny only, and an account under
 * NotPrincipal exempts all of its principals from an Allow but only its root user from a Deny.
 */
export function compilePrincipals(element: PrincipalElement, effect: 'Allow' | 'Deny'): PrincipalTest {
  const listed = compileListed(element, effect);
  if (!element.isNegated) return listed;
  const exemptFrom = effect === 'Allow' ? PRINCIPAL_MATCH.account : PRINCIPAL_MATCH.entity;
  return (requester) => (listed(requester) >= exemptFrom ? PRINCIPAL_MATCH.none : PRINCIPAL_MATCH.direct);
}

function compileListed(element: PrincipalElement, effect: 'Allow' | 'Deny'): PrincipalTest {
  const aws = element.ids.get('AWS') ?? [];
  const names = new Set(aws);
  const accounts = new Set(aws.flatMap((id) => ACCOUNT.exec(id)?.slice(1).filter(Boolean) ?? []));
  const providers = new Set(element.ids.get('Federated'));
  const services = new Set(element.ids.get('Service'));
  const everyone = names.has('*') || element.ids.has('STAR');
  return (requester) => {
    if ('caller' in requester) {
      return everyone ? PRINCIPAL_MATCH.direct : callerMatch(requester.caller, names, accounts);
    }
    const isNamed =
      'servicePrincipal' in requester
        ? services.has(requester.servicePrincipal)
        : providers.has(requester.federatedProvider);
    const matches = isNamed || (everyone && effect === 'Deny');
    return matches ? PRINCIPAL_MATCH.direct : PRINCIPAL_MATCH.none;
  };
}

function callerMatch(caller: Caller, names: ReadonlySet<string>, accounts: ReadonlySet<string>): PrincipalMatch {
  const isAccountListed = accounts.has(caller.accountId);
  if (caller.kind === 'root') return isAccountListed ? PRINCIPAL_MATCH.direct : PRINCIPAL_MATCH.none;
  if (names.has(caller.arn)) return PRINCIPAL_MATCH.direct;
  if (names.has(caller.principalId)) return caller.kind === 'user' ? PRINCIPAL_MATCH.direct : PRINCIPAL_MATCH.entity;
  if (names.has(caller.principalArn)) return PRINCIPAL_MATCH.entity;
  return isAccountListed ? PRINCIPAL_MATCH.account : PRINCIPAL_MATCH.none;
}
