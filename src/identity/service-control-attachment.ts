import { Fault } from '../kernel/fault.ts';
import type { RecordChange } from '../kernel/record-store.ts';
import type { Directory } from './directory.ts';
import { put } from './directory-records.ts';
import type { Organization } from './organization.ts';
import { requireTarget, type Target } from './organization-target.ts';
import { ATTACHED_POLICIES_MAX, FULL_AWS_ACCESS, type ServiceControlPolicy } from './service-control-policy.ts';

/** A service control policy at the root, a unit or an account. */
export interface ServiceControlAttachment {
  readonly policyId: string;
  readonly targetId: string;
}

/** The changes that attach a policy. Throws what AttachPolicy of Organizations throws. */
export function attachServiceControl(
  directory: Directory,
  organization: Organization,
  attachment: ServiceControlAttachment,
): RecordChange[] {
  const { policy, target } = requireParties(directory, organization, attachment);
  if (target.policyIds.includes(policy.id)) {
    throw new Fault(
      'DuplicatePolicyAttachmentException',
      'The selected policy is already attached to the specified target.',
    );
  }
  const policyIds = [...target.policyIds, policy.id];
  if (policyIds.length > ATTACHED_POLICIES_MAX) {
    throw new Fault(
      'ConstraintViolationException',
      'You have attached the maximum number of policies to the specified target.',
      { Reason: 'MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED' },
    );
  }
  // The policy is written as it is beside its attachment, so that it cannot be deleted at the same time.
  const touch = policy === FULL_AWS_ACCESS ? [] : [put('service-control-policy', policy)];
  return [target.change({ policyIds }), ...touch];
}

/** The change that takes a policy off. Throws what DetachPolicy of Organizations throws. */
export function detachServiceControl(
  directory: Directory,
  organization: Organization,
  attachment: ServiceControlAttachment,
): RecordChange[] {
  const { policy, target } = requireParties(directory, organization, attachment);
  if (!target.policyIds.includes(policy.id)) {
    throw new Fault('PolicyNotAttachedException', "The policy isn't attached to the specified target.");
  }
  const policyIds = target.policyIds.filter((id) => id !== policy.id);
  if (policyIds.length === 0) {
    throw new Fault(
      'ConstraintViolationException',
      'You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.',
      { Reason: 'MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED' },
    );
  }
  return [target.change({ policyIds })];
}

function requireParties(
  directory: Directory,
  organization: Organization,
  { policyId, targetId }: ServiceControlAttachment,
): { policy: ServiceControlPolicy; target: Target } {
  const policy = requirePolicy(directory, policyId);
  const target = requireTarget(directory, targetId);
  requireServiceControl(organization);
  return { policy, target };
}

export function requirePolicy({ organization }: Directory, id: string): ServiceControlPolicy {
  const policy = organization.policy(id);
  if (!policy) throw new Fault('PolicyNotFoundException', "You specified a policy that doesn't exist.");
  return policy;
}

export function requireServiceControl({ isServiceControlEnabled }: Organization): void {
  if (isServiceControlEnabled) return;
  throw new Fault('PolicyTypeNotEnabledException', 'This operation can be performed only for enabled policy types.');
}
