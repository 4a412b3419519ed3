import { parseArn, rootArn } from '../../kernel/arn.ts';
import { nameEqualsKey, nameLike, namePattern, namesUser, USER_NAME } from './session-name.ts';
import type { TagOrigin } from './tag-rules.ts';
import { need, type TrustRequest, wrong } from './trust-request.ts';
import { type ConditionLine, line, oneOrMany, type TrustPrincipal } from './trust-statement.ts';

/** What a shape decides: who is meant, by which call, under which conditions. */
export interface Trust {
  readonly principal: TrustPrincipal;
  readonly action: 'sts:AssumeRole' | 'sts:AssumeRoleWithWebIdentity' | 'sts:AssumeRoleWithSAML';
  readonly lines: readonly ConditionLine[];
  readonly tagOrigin: TagOrigin;
  /** Sessions bring a source identity. */
  readonly hasSourceIdentity: boolean;
  readonly isTransitive: boolean;
}

const SOURCE_IDENTITY = 'sts:SourceIdentity';

/** IAM users: those of an account, or the named ones. The name of the session is the name of the user. */
export function trustUsers(request: TrustRequest): Trust {
  const { account, principals, hasSourceIdentity, isTransitive, sessionName = 'username' } = request;
  for (const arn of principals) requirePrincipal(arn, ['user']);
  if (principals.length === 0) need(account, 'name the account with --account, or its users with --principal');
  else if (account !== undefined)
    throw wrong('--account means all users of the account: leave out --principal or --account');
  requireDistinctNames(principals);
  const pattern = namePattern(sessionName);
  if (!namesUser(pattern)) {
    throw wrong(
      `under \`--session-name ${sessionName}\` one user could take another's name: use \`username\` or a pattern with \`${USER_NAME}\``,
    );
  }
  return {
    principal: { AWS: principals.length > 0 ? oneOrMany(principals) : rootArn(account!) },
    action: 'sts:AssumeRole',
    lines: [nameLike(pattern), ...(hasSourceIdentity ? [line('StringEquals', SOURCE_IDENTITY, USER_NAME)] : [])],
    tagOrigin: 'own',
    hasSourceIdentity,
    isTransitive,
  };
}

/** One application with its own role, or users of which each has its own name in the pattern. */
export function trustApplication(request: TrustRequest): Trust {
  const { principals, hasSourceIdentity, isTransitive, externalId, requiredTags, allowedTags } = request;
  if (principals.length === 0) throw wrong("name the application's role or user with --principal");
  for (const arn of principals) requirePrincipal(arn, ['user', 'role']);
  const sessionName = need(
    request.sessionName,
    'say how its sessions are called with --session-name, such as `chatbot-*`',
  );
  const pattern = namePattern(sessionName);
  const isOne = principals.length === 1;
  if (!isOne && !namesUser(pattern)) {
    throw wrong(
      `under \`--session-name ${sessionName}\` ${principals.length} principals would share session names: make a role for each, or use \`username\``,
    );
  }
  if (namesUser(pattern)) {
    for (const arn of principals) requirePrincipal(arn, ['user']);
    requireDistinctNames(principals);
  }
  if (hasSourceIdentity && !namesUser(pattern)) {
    throw wrong(
      'an application speaks for itself and sets no source identity: use `gateway` for one that speaks for people',
    );
  }
  // One application may have its tags fixed by the role; what it could choose among must be its own.
  const isFixed = isOne && [...requiredTags, ...allowedTags].every(({ values }) => values.length > 0);
  return {
    principal: { AWS: oneOrMany(principals) },
    action: 'sts:AssumeRole',
    lines: [
      nameLike(pattern),
      ...(externalId === undefined ? [] : [line('StringEquals', 'sts:ExternalId', externalId)]),
      ...(hasSourceIdentity ? [line('StringEquals', SOURCE_IDENTITY, USER_NAME)] : []),
    ],
    tagOrigin: isFixed ? 'trusted' : 'own',
    hasSourceIdentity,
    isTransitive,
  };
}

/** An AWS service that takes the role itself. Not every one says for which account it acts, so that is asked on request. */
export function trustService(request: TrustRequest): Trust {
  const { account, principals, isTransitive, sessionName } = request;
  const [service] = principals;
  if (
    service === undefined ||
    principals.length > 1 ||
    !/^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com$/.test(service)
  ) {
    throw wrong('name one service with --principal, such as `ecs-tasks.amazonaws.com`');
  }
  return {
    principal: { Service: service },
    action: 'sts:AssumeRole',
    lines: [
      ...(account === undefined ? [] : [line('StringEquals', 'aws:SourceAccount', account)]),
      ...(sessionName === undefined ? [] : [nameLike(plainPattern(sessionName))]),
    ],
    tagOrigin: 'trusted',
    hasSourceIdentity: false,
    isTransitive,
  };
}

/**
 * A gateway that opens a session for each of its users. It is trusted to name them: the name of the session is also the
 * source identity, which no later session of the chain can change, and the tags stay.
 */
export function trustGateway(request: TrustRequest): Trust {
  const { principals, requiredTags, sessionName } = request;
  const [gateway] = principals;
  if (gateway === undefined || principals.length > 1) throw wrong("name the gateway's execution role with --principal");
  requirePrincipal(gateway, ['role']);
  if (requiredTags.length === 0) {
    throw wrong('name the tags that the gateway sets for each user with --require-tag, such as `team`');
  }
  return {
    principal: { AWS: gateway },
    action: 'sts:AssumeRole',
    lines: [
      nameEqualsKey(SOURCE_IDENTITY),
      // An equality stands above already, and a pattern without wildcards matches the same texts here.
      ...(sessionName === undefined || sessionName === 'source-identity'
        ? []
        : [line('StringLike', 'sts:RoleSessionName', plainPattern(sessionName))]),
    ],
    tagOrigin: 'trusted',
    hasSourceIdentity: true,
    isTransitive: true,
  };
}

function plainPattern(sessionName: string): string {
  const pattern = namePattern(sessionName);
  if (namesUser(pattern))
    throw wrong(`\`--session-name ${sessionName}\` asks for the name of an IAM user, which this caller has not`);
  return pattern;
}

/** Users of two accounts may have one name, and then one session name. Throws QueryInvalid. */
function requireDistinctNames(principals: readonly string[]): void {
  const names = principals.map((arn) => arn.slice(arn.lastIndexOf('/') + 1));
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined)
    throw wrong(`several principals are called \`${repeated}\` and would share session names`);
}

/** Throws QueryInvalid unless the ARN is that of a user or role as asked. */
export function requirePrincipal(arn: string, kinds: readonly ('user' | 'role')[]): void {
  const parts = parseArn(arn);
  const isKind = kinds.some((kind) => new RegExp(`^${kind}/[\\w+=,.@/-]+$`).test(parts?.resource ?? ''));
  if (parts?.service === 'iam' && /^\d{12}$/.test(parts.accountId) && isKind) return;
  const example = kinds.map((kind) => `\`arn:aws:iam::111122223333:${kind}/name\``).join(' or ');
  throw wrong(`\`${arn}\` is not the ARN of a ${kinds.join(' or ')}: use ${example}`);
}
