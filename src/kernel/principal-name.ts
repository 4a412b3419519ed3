import { parseArn, roleArn } from './arn.ts';

/** What kind of identity an ARN in a bill names. `other`: none that is known, or no ARN. */
export type PrincipalKind =
  | 'user'
  | 'api-key-user'
  | 'role-session'
  | 'role'
  | 'federated-user'
  | 'root'
  | 'service'
  | 'other';

/** Who an ARN of a bill names, in all the words there are for it. What has no such word is empty. */
export interface PrincipalName {
  readonly kind: PrincipalKind;
  readonly accountId: string;
  /** Name of the role, without its path. */
  readonly role: string;
  /** Name of the session. */
  readonly session: string;
  /** What tells people apart: the name of the user, of the session, or of the federated user. */
  readonly person: string;
}

/** The user that AWS makes for a long-term Bedrock API key (Bedrock User Guide, API keys, read 2026-11). */
const API_KEY_USER = /^BedrockAPIKey-/;
/** Sessions that services of AWS make for themselves. */
const SERVICE_ROLE = /^AWSServiceRoleFor/;

const UNKNOWN: PrincipalName = { kind: 'other', accountId: '', role: '', session: '', person: '' };

/**
 * Reads `line_item_iam_principal`: `arn:aws:iam::A:user/path/alice`, `arn:aws:sts::A:assumed-role/Role/session`,
 * `arn:aws:iam::A:role/path/Role` and the rarer ones.
 */
export function readPrincipal(arn: string): PrincipalName {
  const parsed = parseArn(arn);
  if (!parsed) return arn.endsWith('.amazonaws.com') ? { ...UNKNOWN, kind: 'service', person: arn } : UNKNOWN;
  const { service, accountId, resource } = parsed;
  const [type = '', ...path] = resource.split('/');
  const last = path.at(-1) ?? '';
  const named = { ...UNKNOWN, accountId };
  switch (`${service}:${type}`) {
    case 'iam:user':
      return { ...named, kind: API_KEY_USER.test(last) ? 'api-key-user' : 'user', person: last };
    case 'iam:role':
      return { ...named, kind: SERVICE_ROLE.test(last) ? 'service' : 'role', role: last };
    case 'iam:root':
      return { ...named, kind: 'root', person: 'root' };
    case 'sts:assumed-role': {
      const [role = '', ...session] = path;
      const name = session.join('/');
      return {
        ...named,
        kind: SERVICE_ROLE.test(role) ? 'service' : 'role-session',
        role,
        session: name,
        person: name,
      };
    }
    case 'sts:federated-user':
      return { ...named, kind: 'federated-user', person: last };
    default:
      return named;
  }
}

/**
 * One form for what all sessions of a role have in common, whether an ARN names the role or a session: IAM's, without the path
 * that sessions do not have. Any other ARN as it is.
 */
export function roleOrSelf(arn: string): string {
  const { role, accountId } = readPrincipal(arn);
  return role === '' ? arn : roleArn(accountId, '/', role);
}

/** True where two ARNs may be of the same caller: equal, or a role and one of its sessions. */
export function isSamePrincipal(a: string, b: string): boolean {
  if (a === b) return true;
  const [first, second] = [readPrincipal(a), readPrincipal(b)];
  if (first.role === '' || first.role !== second.role || first.accountId !== second.accountId) return false;
  return first.session === '' || second.session === '' || first.session === second.session;
}

const IN_PARTITION = '^arn:[^:]*:';

/**
 * The same as SQL over an ARN. An IAM user may live under a path such as `/assumed-role/`, and a role under any; of a role's
 * path the last part is its name.
 */
export const PRINCIPAL_SQL = {
  role: (arn: string) =>
    `extract(${arn}, '${IN_PARTITION}(?:sts::[0-9]*:assumed-role|iam::[0-9]*:role(?:/[^/]+)*)/([^/]+)(?:/[^/]*)?$')`,
  session: (arn: string) => `extract(${arn}, '${IN_PARTITION}sts::[0-9]*:assumed-role/[^/]+/(.+)$')`,
} as const;
