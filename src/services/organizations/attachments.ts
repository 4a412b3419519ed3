import type {
  AttachPolicyRequest,
  DetachPolicyRequest,
  ListPoliciesForTargetRequest,
  ListPoliciesForTargetResponse,
  ListTargetsForPolicyRequest,
  ListTargetsForPolicyResponse,
} from '@aws-sdk/client-organizations';
import { allTargets, requireTarget } from '../../identity/organization-target.ts';
import {
  attachServiceControl,
  detachServiceControl,
  requirePolicy,
} from '../../identity/service-control-attachment.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { managementOperation } from './management-operation.ts';
import type { OrganizationsParts } from './organizations-parts.ts';
import { ageKey, pageOf } from './page.ts';
import { POLICY_TYPE, policySummary } from './policies.ts';

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
    run: async ({ input: { PolicyId, TargetId } }, organization) => {
      const attachment = { policyId: PolicyId!, targetId: TargetId! };
      await directory.write(attachServiceControl(directory, organization, attachment));
      return {};
    },
  });
}

function detachPolicy(parts: OrganizationsParts): OperationHandler<DetachPolicyRequest, Record<never, never>> {
  const { directory } = parts;
  return managementOperation<DetachPolicyRequest, Record<never, never>>(parts, 'DetachPolicy', {
    about: ({ PolicyId, TargetId }) => [PolicyId!, TargetId!],
    context: () => POLICY_TYPE,
    run: async ({ input: { PolicyId, TargetId } }, organization) => {
      const attachment = { policyId: PolicyId!, targetId: TargetId! };
      await directory.write(detachServiceControl(directory, organization, attachment));
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
