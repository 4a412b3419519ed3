import type { Directory } from '../../identity/directory.ts';
import { parseArn, roleArn, userArn } from '../../kernel/arn.ts';
import { Fault } from '../../kernel/fault.ts';
import { parsePolicyDocument } from '../../policy/policy-document.ts';

/**
 * A trust policy as it is kept. Users and roles must exist and are replaced by their unique ids, so that somebody who
 * gets a deleted principal's name later is not trusted. Principals of accounts that are not kept here stay as written.
 * Throws MalformedPolicyDocumentException.
 */
export function bindTrustPolicy(text: string, directory: Directory): string {
  parsePolicyDocument('trust', text);
  return mapAwsPrincipals(text, (principal) => bound(principal, directory));
}

/** A kept trust policy as it is shown: unique ids as ARNs again, but for principals that are gone. */
export function shownTrustPolicy(text: string, directory: Directory): string {
  return mapAwsPrincipals(text, (principal) => arnOfId(principal, directory) ?? principal);
}

const UNIQUE_ID = /^A(?:IDA|ROA)[A-Z0-9]+$/;
const ACCOUNT_ID = /^\d{12}$/;
const USER_OR_ROLE = /^(user|role)\/(?:.*\/)?([^/]+)$/;

function bound(principal: string, directory: Directory): string {
  if (ACCOUNT_ID.test(principal)) return `arn:aws:iam::${principal}:root`;
  if (UNIQUE_ID.test(principal)) {
    if (arnOfId(principal, directory) === undefined) throw invalidPrincipal(principal);
    return principal;
  }
  const arn = parseArn(principal);
  const [, kind, name] = (arn?.service === 'iam' && USER_OR_ROLE.exec(arn.resource)) || [];
  if (!arn || !name || !directory.account(arn.accountId)) return principal;
  const entity = kind === 'user' ? directory.user(arn.accountId, name) : directory.role(arn.accountId, name);
  if (!entity || arnOfId(entity.id, directory) !== principal) throw invalidPrincipal(principal);
  return entity.id;
}

function arnOfId(id: string, directory: Directory): string | undefined {
  const user = directory.userById(id);
  if (user) return userArn(user.accountId, user.path, user.name);
  const role = directory.roleById(id);
  return role && roleArn(role.accountId, role.path, role.name);
}

function invalidPrincipal(principal: string): Fault {
  return new Fault('MalformedPolicyDocumentException', `Invalid principal in policy: "AWS":"${principal}"`);
}

/** The parts of a valid trust policy that are touched; the rest is passed through. */
interface TrustDocument {
  Statement: TrustStatement | TrustStatement[];
}
type TrustStatement = { [Element in 'Principal' | 'NotPrincipal']?: string | { AWS?: string | string[] } };

function mapAwsPrincipals(text: string, map: (principal: string) => string): string {
  const document = JSON.parse(text) as TrustDocument;
  for (const statement of [document.Statement].flat()) {
    for (const principals of [statement.Principal, statement.NotPrincipal]) {
      if (typeof principals !== 'object' || principals.AWS === undefined) continue;
      principals.AWS = Array.isArray(principals.AWS) ? principals.AWS.map(map) : map(principals.AWS);
    }
  }
  return JSON.stringify(document);
}
