import type { Directory } from '../../identity/directory.ts';
import type { Entities } from '../../identity/directory-records.ts';
import { groupArn } from '../../identity/group.ts';
import { type HolderKind, requirePolicyHolder } from '../../identity/policy-attachment.ts';
import { roleArn, userArn } from '../../kernel/arn.ts';
import { Fault } from '../../kernel/fault.ts';
import { NO_TAGS, type TagSet } from '../../kernel/tags.ts';
import type { AccessNeed } from '../../paths/operation-handler.ts';
import { resourceTagContext } from '../../policy/context.ts';

/** How users, roles and groups, which IAM treats alike, are told apart. */
export interface Holder<Kind extends HolderKind> {
  readonly kind: Kind;
  /** As in the names of operations: `PutUserPolicy`. */
  readonly label: Capitalize<Kind>;
  /** All inline policies together, in characters without white space. */
  readonly inlinePolicyBytes: number;
  readonly find: (directory: Directory, accountId: string, name: string) => Entities[Kind] | undefined;
  readonly all: (directory: Directory, accountId: string) => Iterable<Entities[Kind]>;
  readonly arn: (accountId: string, path: string, name: string) => string;
}

export const USER: Holder<'user'> = {
  kind: 'user',
  label: 'User',
  inlinePolicyBytes: 2048,
  find: (directory, accountId, name) => directory.user(accountId, name),
  all: (directory, accountId) => directory.users(accountId),
  arn: userArn,
};

export const ROLE: Holder<'role'> = {
  kind: 'role',
  label: 'Role',
  inlinePolicyBytes: 10_240,
  find: (directory, accountId, name) => directory.role(accountId, name),
  all: (directory, accountId) => directory.roles(accountId),
  arn: roleArn,
};

export const GROUP: Holder<'group'> = {
  kind: 'group',
  label: 'Group',
  inlinePolicyBytes: 5120,
  find: (directory, accountId, name) => directory.group(accountId, name),
  all: (directory, accountId) => directory.groups(accountId),
  arn: (accountId, path, name) => groupArn({ accountId, path, name }),
};

export function requireHolder<Kind extends HolderKind>(
  holder: Holder<Kind>,
  directory: Directory,
  accountId: string,
  name: string,
): Entities[Kind] {
  return requirePolicyHolder(directory, holder.kind, accountId, name);
}

export function requireNewName<Kind extends HolderKind>(
  holder: Holder<Kind>,
  directory: Directory,
  accountId: string,
  name: string,
): void {
  if (holder.find(directory, accountId, name)) {
    throw new Fault('EntityAlreadyExistsException', `${holder.label} with name ${name} already exists.`);
  }
}

export type Context = ReadonlyMap<string, readonly string[]>;

/** The permission to act on one of them, with its tags as condition keys. A missing one is looked for in `/`. */
export function holderNeed<Kind extends HolderKind>(
  holder: Holder<Kind>,
  directory: Directory,
  action: string,
  accountId: string,
  name: string,
  context: Context = new Map(),
): AccessNeed {
  const entity = holder.find(directory, accountId, name) as (Entities[Kind] & { readonly tags?: TagSet }) | undefined;
  return {
    action: `iam:${action}`,
    resource: holder.arn(accountId, entity?.path ?? '/', entity?.name ?? name),
    context: new Map([...resourceTagContext(entity?.tags ?? NO_TAGS, 'iam'), ...context]),
  };
}

/** `iam:PermissionsBoundary`: lets an administrator allow creating principals only under a boundary. */
export function boundaryContext(arn: string | undefined): Context {
  return arn === undefined ? new Map() : new Map([['iam:PermissionsBoundary', [arn]]]);
}

/** The same key for actions on a principal that is there: the boundary it has. Groups have none. */
export function ownBoundaryContext<Kind extends HolderKind>(
  holder: Holder<Kind>,
  directory: Directory,
  accountId: string,
  name: string,
): Context {
  const entity = holder.find(directory, accountId, name) as { readonly boundaryArn?: string } | undefined;
  return boundaryContext(entity?.boundaryArn);
}

/** The permission to make one under a path. */
export function newHolderNeed<Kind extends HolderKind>(
  holder: Holder<Kind>,
  accountId: string,
  path: string | undefined,
  name: string,
  context: Context = new Map(),
): AccessNeed {
  return { action: `iam:Create${holder.label}`, resource: holder.arn(accountId, path ?? '/', name), context };
}

/** The permission to list them: on all of a path. */
export function listNeed<Kind extends HolderKind>(
  holder: Holder<Kind>,
  accountId: string,
  pathPrefix: string | undefined,
): AccessNeed {
  return { action: `iam:List${holder.label}s`, resource: holder.arn(accountId, pathPrefix ?? '/', '') };
}
