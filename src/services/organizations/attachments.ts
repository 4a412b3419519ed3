import type {
  AttachPolicyRequest,
  DetachPolicyRequest,
  ListPoliciesForTargetRequest,
  ListPoliciesForTargetResponse,
  ListTargetsForPolicyRequest,
  ListTargetsForPolicyResponse,
} from '@aws-sdk/client-organizations';
import { put } from '../../identity/directory-records.ts';
import { FULL_AWS_ACCESS, type ServiceControlPolicy } from '../../identity/service-control-policy.ts';
import { Fault } from '../../kernel/fault.ts';
import type { RecordChange } from '../../kernel/record-store.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { managementOperation } from './management-operation.ts';
import { requireServiceControl } from './organization.ts';
import type { OrganizationsParts } from './organizations-parts.ts';
import { ageKey, pageOf } from './page.ts';
import { POLICY_TYPE, policySummary, requirePolicy } from './policies.ts';
import { requireQuota } from './quota.ts';
import { allTargets, requireTarget } from './target.ts';

export function attachmentOperations(parts: OrganizationsParts): OperationTable {
  return {
    AttachPolicy: attachPolicy(parts),
    DetachPolicy: detachPolicy(parts),
    ListPoliciesForTarget: listPoliciesForTarget(parts),
    ListTargetsForPolicy: listTargetsForPolicy(parts),
  };
}

function attachPolicy(parts: OrganizationsParts): OperationHandler<AttachPolicyRequest, Record<never, never>> {
  const { directory } = parts;
  return managementOperation<AttachPolicyRequest, Record<never, never>>(parts, 'AttachPolicy', {
    about: ({ PolicyId, TargetId }) => [PolicyId!, TargetId!],
    context: () => POLICY_TYPE,
    run: async ({ input }, organization) => {
      const policy = requirePolicy(directory, input.PolicyId!);
      const target = requireTarget(directory, input.TargetId!);
      requireServiceControl(organization);
      if (target.policyIds.includes(policy.id)) {
        throw new Fault(
          'DuplicatePolicyAttachmentException',
          'The selected policy is already attached to the specified target.',
        );
      }
      const policyIds = [...target.policyIds, policy.id];
      requireQuota('MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED', policyIds.length);
      await directory.write([target.change({ policyIds }), ...policyTouch(policy)]);
      return {};
    },
  });
}

/** Writes a policy as it is beside its attachment, so that it cannot be deleted at the same time. */
function policyTouch(policy: ServiceControlPolicy): RecordChange[] {
  return policy === FULL_AWS_ACCESS ? [] : [put('service-control-policy', policy)];
}

function detachPolicy(parts: OrganizationsParts): OperationHandler<DetachPolicyRequest, Record<never, never>> {
  const { directory } = parts;
  return managementOperation<DetachPolicyRequest, Record<never, never>>(parts, 'DetachPolicy', {
    about: ({ PolicyId, TargetId }) => [PolicyId!, TargetId!],
    context: () => POLICY_TYPE,
    run: async ({ input }, organization) => {
      const policy = requirePolicy(directory, input.PolicyId!);
      const target = requireTarget(directory, input.TargetId!);
      requireServiceControl(organization);
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
      await directory.write([target.change({ policyIds })]);
      return {};
    },
  });
}

function listPoliciesForTarget(
  parts: OrganizationsParts,
): OperationHandler<ListPoliciesForTargetRequest, ListPoliciesForTargetResponse> {
  const { directory } = parts;
  return managementOperation<ListPoliciesForTargetRequest, ListPoliciesForTargetResponse>(
    parts,
    'ListPoliciesForTarget',
    {
      about: ({ TargetId }) => [TargetId!],
      context: ({ Filter }) => new Map([['organizations:PolicyType', [Filter!]]]),
      run: ({ input }, organization) => {
        const { policyIds } = requireTarget(directory, input.TargetId!);
        const isShown = input.Filter === 'SERVICE_CONTROL_POLICY' && organization.isServiceControlEnabled;
        const policies = isShown ? policyIds.flatMap((id) => directory.organization.policy(id) ?? []) : [];
        const { items, rest } = pageOf(policies, ageKey, input);
        return { Policies: items.map((policy) => policySummary(policy, organization)), ...rest };
      },
    },
  );
}

function listTargetsForPolicy(
  parts: OrganizationsParts,
): OperationHandler<ListTargetsForPolicyRequest, ListTargetsForPolicyResponse> {
  const { directory } = parts;
  return managementOperation<ListTargetsForPolicyRequest, ListTargetsForPolicyResponse>(parts, 'ListTargetsForPolicy', {
    about: ({ PolicyId }) => [PolicyId!],
    context: () => POLICY_TYPE,
    run: ({ input }, organization) => {
      const policy = requirePolicy(directory, input.PolicyId!);
      const targets = allTargets(directory).filter(
        ({ policyIds }) => organization.isServiceControlEnabled && policyIds.includes(policy.id),
      );
      const { items, rest } = pageOf(targets, ({ id }) => id, input);
      const Targets = items.map(({ id, arn, name, type }) => ({ TargetId: id, Arn: arn, Name: name, Type: type }));
      return { Targets, ...rest };
    },
  });
}
