import { Fault } from '../kernel/fault.ts';
import type { RecordChange } from '../kernel/record-store.ts';
import { NO_TAGS, type TagSet } from '../kernel/tags.ts';
import type { Directory } from './directory.ts';
import { put } from './directory-records.ts';
import { organizationEntityArn } from './organization.ts';
import { FULL_ACCESS_ONLY } from './service-control-policy.ts';

/** AWS names the root so, and it cannot be renamed. */
export const ROOT_NAME = 'Root';

/** The root, a unit or an account, as far as they are alike: all have policies and tags. */
export interface Target {
  readonly id: string;
  readonly type: 'ROOT' | 'ORGANIZATIONAL_UNIT' | 'ACCOUNT';
  readonly arn: string;
  readonly name: string;
  readonly tags: TagSet;
  readonly policyIds: readonly string[];
  /** The change that gives it other policies or tags. */
  readonly change: (values: { readonly policyIds?: readonly string[]; readonly tags?: TagSet }) => RecordChange;
}

export function findTarget(directory: Directory, id: string): Target | undefined {
  const { record: organization } = directory.organization;
  if (!organization) return undefined;
  const arn = organizationEntityArn(organization, id);
  if (id === organization.rootId) {
    const { tags, policyIds } = organization;
    const change: Target['change'] = (values) => put('organization', { ...organization, ...values });
    return { id, type: 'ROOT', arn, name: ROOT_NAME, tags, policyIds, change };
  }
  const unit = directory.organization.unit(id);
  if (unit) {
    const { name, tags, policyIds } = unit;
    const change: Target['change'] = (values) => put('organizational-unit', { ...unit, ...values });
    return { id, type: 'ORGANIZATIONAL_UNIT', arn, name, tags, policyIds, change };
  }
  const account = directory.account(id);
  if (!account) return undefined;
  const { name, tags = NO_TAGS, policyIds = FULL_ACCESS_ONLY } = account;
  const change: Target['change'] = (values) => put('account', { ...account, ...values });
  return { id, type: 'ACCOUNT', arn, name, tags, policyIds, change };
}

export function requireTarget(directory: Directory, id: string): Target {
  const target = findTarget(directory, id);
  if (!target) throw new Fault('TargetNotFoundException', "You specified a target that doesn't exist.");
  return target;
}

/** Every target there is: what a change of the policy type touches, and where a policy may be attached. */
export function allTargets(directory: Directory): Target[] {
  const { record, units } = { record: directory.organization.record, units: directory.organization.units() };
  const ids = [
    record?.rootId ?? '',
    ...[...units].map(({ id }) => id),
    ...[...directory.accounts()].map(({ id }) => id),
  ];
  return ids.flatMap((id) => findTarget(directory, id) ?? []);
}
