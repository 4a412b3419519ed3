import { Fault } from '../kernel/fault.ts';
import type { RecordChange } from '../kernel/record-store.ts';
import type { Directory } from './directory.ts';
import { type Entities, put } from './directory-records.ts';
import type { ManagedPolicy } from './managed-policy.ts';

/** What managed policies are attached to. */
export type HolderKind = 'user' | 'role' | 'group';

/** A managed policy at one user, role or group of the account. */
export interface PolicyAttachment {
  readonly accountId: string;
  readonly kind: HolderKind;
  readonly name: string;
  readonly policyArn: string;
}

/** Managed policies that one user, role or group can have (IAM's default quota). */
export const POLICIES_PER_HOLDER = 10;

const LABELS = { user: 'User', role: 'Role', group: 'Group' } as const satisfies Record<HolderKind, string>;

/** Throws NoSuchEntityException in IAM's words. */
export function requirePolicyHolder<Kind extends HolderKind>(
  directory: Directory,
  kind: Kind,
  accountId: string,
  name: string,
): Entities[Kind] {
  const found = { user: directory.user, role: directory.role, group: directory.group }[kind].call(
    directory,
    accountId,
    name,
  );
  if (!found) throw new Fault('NoSuchEntityException', `The ${kind} with name ${name} cannot be found.`);
  return found as Entities[Kind];
}

/** The change that attaches a policy; none where it is attached already. Throws NoSuchEntity- and LimitExceededException. */
export function attachPolicy(directory: Directory, attachment: PolicyAttachment): RecordChange[] {
  const { accountId, kind, name, policyArn } = attachment;
  const holder = requirePolicyHolder(directory, kind, accountId, name);
  if (!visiblePolicy(directory, accountId, policyArn)) {
    throw new Fault('NoSuchEntityException', `Policy ${policyArn} does not exist or is not attachable.`);
  }
  if (holder.attachedPolicyArns.includes(policyArn)) return [];
  if (holder.attachedPolicyArns.length >= POLICIES_PER_HOLDER) {
    const quota = `PoliciesPer${LABELS[kind]}: ${POLICIES_PER_HOLDER}`;
    throw new Fault('LimitExceededException', `Cannot exceed quota for ${quota}`);
  }
  return [put(kind, { ...holder, attachedPolicyArns: [...holder.attachedPolicyArns, policyArn] })];
}

/** The change that takes a policy off. Throws NoSuchEntityException where it is not attached. */
export function detachPolicy(directory: Directory, attachment: PolicyAttachment): RecordChange[] {
  const { accountId, kind, name, policyArn } = attachment;
  const holder = requirePolicyHolder(directory, kind, accountId, name);
  if (!holder.attachedPolicyArns.includes(policyArn)) throw policyNotFound(policyArn);
  const attachedPolicyArns = holder.attachedPolicyArns.filter((attached) => attached !== policyArn);
  return [put(kind, { ...holder, attachedPolicyArns })];
}

/** A managed policy that the account can see: its own and AWS's. */
export function visiblePolicy(directory: Directory, accountId: string, arn: string): ManagedPolicy | undefined {
  const policy = directory.policy(arn);
  return policy?.accountId === accountId || policy?.accountId === 'aws' ? policy : undefined;
}

export function policyNotFound(arn: string): Fault {
  return new Fault('NoSuchEntityException', `Policy ${arn} was not found.`);
}
