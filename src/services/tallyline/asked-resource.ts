import type { Directory } from '../../identity/directory.ts';
import type { Role } from '../../identity/role.ts';
import { parseArn, roleArn, userArn } from '../../kernel/arn.ts';
import type { TagSet } from '../../kernel/tags.ts';
import type { PolicySet } from '../../policy/authorize.ts';
import { resourceTagContext } from '../../policy/context.ts';

/** A resource that is asked about, with what the directory knows of it. */
export interface AskedResource {
  readonly arn: string;
  /** `aws:ResourceTag/key` and the like; empty when there are no tags. */
  readonly tags: Iterable<readonly [string, readonly string[]]>;
  /** The trust policy, where the action is about assuming a role. */
  readonly policy?: Pick<PolicySet, 'resource'>;
}

const ASSUMING = /^sts:(assumerole|tagsession|setsourceidentity)$/i;

/**
 * `resource` is an ARN, or the name of a role where the action is about assuming one. What belongs to an account that the
 * asker may not see is as good as not there: its trust policies and tags are for nobody else.
 */
export function askedResource(
  directory: Directory,
  action: string,
  resource: string,
  accountId: string,
  isSeen: (accountId: string) => boolean,
): AskedResource {
  const isAssuming = ASSUMING.test(action);
  const named = isAssuming && !resource.includes(':') ? directory.role(accountId, resource) : undefined;
  const arn = named ? roleArn(named.accountId, named.path, named.name) : resource;
  const isShown = isSeen(parseArn(arn)?.accountId ?? accountId);
  const role = isShown ? (named ?? roleAt(directory, arn)) : undefined;
  const tags = role?.tags ?? (isShown ? tagsAt(directory, arn) : undefined);
  return {
    arn,
    tags: tags ? resourceTagContext(tags, 'iam') : [],
    ...(isAssuming &&
      role && { policy: { resource: { source: trustPolicy(arn, role), kind: 'role-trust' as const } } }),
  };
}

function trustPolicy(arn: string, role: Role) {
  return { id: `trust policy of ${arn}`, text: role.trustPolicy };
}

function roleAt(directory: Directory, arn: string): Role | undefined {
  const parsed = parseArn(arn);
  const role = parsed && directory.role(parsed.accountId, arn.slice(arn.lastIndexOf('/') + 1));
  return role && roleArn(role.accountId, role.path, role.name) === arn ? role : undefined;
}

function tagsAt(directory: Directory, arn: string): TagSet | undefined {
  const parsed = parseArn(arn);
  const user = parsed && directory.user(parsed.accountId, arn.slice(arn.lastIndexOf('/') + 1));
  if (user && userArn(user.accountId, user.path, user.name) === arn) return user.tags;
  return directory.policy(arn)?.tags;
}
