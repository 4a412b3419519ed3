import type {
  CreatePolicyRequest,
  CreatePolicyResponse,
  DeletePolicyRequest,
  DescribePolicyRequest,
  DescribePolicyResponse,
  ListPoliciesRequest,
  ListPoliciesResponse,
  Policy,
  PolicySummary,
  UpdatePolicyRequest,
  UpdatePolicyResponse,
} from '@aws-sdk/client-organizations';
import type { Directory } from '../../identity/directory.ts';
import { drop, put } from '../../identity/directory-records.ts';
import { newOrganizationsId } from '../../identity/identifier.ts';
import type { Organization } from '../../identity/organization.ts';
import { allTargets } from '../../identity/organization-target.ts';
import { requirePolicy } from '../../identity/service-control-attachment.ts';
import {
  FULL_AWS_ACCESS,
  type ServiceControlPolicy,
  serviceControlPolicyArn,
} from '../../identity/service-control-policy.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { requestTagContext } from '../../policy/context.ts';
import { serviceControlPolicyMistake } from '../../policy/service-control.ts';
import { managementOperation } from './management-operation.ts';
import { requireKnownPolicyType } from './organization.ts';
import type { OrganizationsParts } from './organizations-parts.ts';
import { ageKey, pageOf } from './page.ts';
import { requireQuota } from './quota.ts';
import { readTags } from './tags.ts';

export function policyOperations(parts: OrganizationsParts): OperationTable {
  return {
    CreatePolicy: createPolicy(parts),
    DescribePolicy: describePolicy(parts),
    UpdatePolicy: updatePolicy(parts),
    DeletePolicy: deletePolicy(parts),
    ListPolicies: listPolicies(parts),
  };
}

/** `organizations:PolicyType` of every operation on a policy that exists: there is one type. */
export const POLICY_TYPE = new Map([['organizations:PolicyType', ['SERVICE_CONTROL_POLICY']]]);

function createPolicy(parts: OrganizationsParts): OperationHandler<CreatePolicyRequest, CreatePolicyResponse> {
  const { directory, random } = parts;
  return managementOperation<CreatePolicyRequest, CreatePolicyResponse>(parts, 'CreatePolicy', {
    context: ({ Type, Tags }) => new Map([['organizations:PolicyType', [Type!]], ...requestTagContext(readTags(Tags))]),
    run: async ({ input, nowMs }, organization) => {
      requireKnownPolicyType(input.Type);
      const content = readContent(input.Content!);
      requireFreeName(directory, input.Name!);
      requireQuota('POLICY_NUMBER_LIMIT_EXCEEDED', directory.organization.policyCount() + 1);
      const policy: ServiceControlPolicy = {
        version: 0,
        id: newOrganizationsId('p-', 10, random),
        name: input.Name!,
        description: input.Description!,
        content,
        createdAtMs: nowMs,
        tags: readTags(input.Tags),
      };
      await directory.write([put('service-control-policy', policy)]);
      return { Policy: policyOutput(policy, organization) };
    },
  });
}

function describePolicy(parts: OrganizationsParts): OperationHandler<DescribePolicyRequest, DescribePolicyResponse> {
  return managementOperation<DescribePolicyRequest, DescribePolicyResponse>(parts, 'DescribePolicy', {
    about: ({ PolicyId }) => [PolicyId!],
    context: () => POLICY_TYPE,
    run: ({ input }, organization) => ({
      Policy: policyOutput(requirePolicy(parts.directory, input.PolicyId!), organization),
    }),
  });
}

function updatePolicy(parts: OrganizationsParts): OperationHandler<UpdatePolicyRequest, UpdatePolicyResponse> {
  const { directory } = parts;
  return managementOperation<UpdatePolicyRequest, UpdatePolicyResponse>(parts, 'UpdatePolicy', {
    about: ({ PolicyId }) => [PolicyId!],
    context: () => POLICY_TYPE,
    run: async ({ input }, organization) => {
      const policy = requireOwnPolicy(directory, input.PolicyId!);
      const updated: ServiceControlPolicy = {
        ...policy,
        name: input.Name ?? policy.name,
        description: input.Description ?? policy.description,
        content: input.Content === undefined ? policy.content : readContent(input.Content),
      };
      if (updated.name !== policy.name) requireFreeName(directory, updated.name);
      await directory.write([put('service-control-policy', updated)]);
      return { Policy: policyOutput(updated, organization) };
    },
  });
}

function deletePolicy(parts: OrganizationsParts): OperationHandler<DeletePolicyRequest, Record<never, never>> {
  const { directory } = parts;
  return managementOperation<DeletePolicyRequest, Record<never, never>>(parts, 'DeletePolicy', {
    about: ({ PolicyId }) => [PolicyId!],
    context: () => POLICY_TYPE,
    run: async ({ input }) => {
      const policy = requireOwnPolicy(directory, input.PolicyId!);
      if (allTargets(directory).some(({ policyIds }) => policyIds.includes(policy.id))) {
        throw new Fault(
          'PolicyInUseException',
          'The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation.',
        );
      }
      await directory.write([drop('service-control-policy', policy)]);
      return {};
    },
  });
}

function listPolicies(parts: OrganizationsParts): OperationHandler<ListPoliciesRequest, ListPoliciesResponse> {
  return managementOperation<ListPoliciesRequest, ListPoliciesResponse>(parts, 'ListPolicies', {
    context: ({ Filter }) => new Map([['organizations:PolicyType', [Filter!]]]),
    run: ({ input }, organization) => {
      const policies = input.Filter === 'SERVICE_CONTROL_POLICY' ? parts.directory.organization.policies() : [];
      const { items, rest } = pageOf(policies, ageKey, input);
      return { Policies: items.map((policy) => policySummary(policy, organization)), ...rest };
    },
  });
}

/** A policy that can be changed: not AWS's own. */
export function requireOwnPolicy(directory: Directory, id: string): ServiceControlPolicy {
  const policy = requirePolicy(directory, id);
  if (policy !== FULL_AWS_ACCESS) return policy;
  throw new Fault('InvalidInputException', "You specified a policy that is managed by AWS and can't be modified.", {
    Reason: 'IMMUTABLE_POLICY',
  });
}

export function policySummary(policy: ServiceControlPolicy, organization: Organization): PolicySummary {
  return {
    Id: policy.id,
    Arn: serviceControlPolicyArn(organization, policy.id),
    Name: policy.name,
    Description: policy.description,
    Type: 'SERVICE_CONTROL_POLICY',
    AwsManaged: policy === FULL_AWS_ACCESS,
  };
}

function policyOutput(policy: ServiceControlPolicy, organization: Organization): Policy {
  return { PolicySummary: policySummary(policy, organization), Content: policy.content };
}

function readContent(content: string): string {
  requireQuota('POLICY_CONTENT_LIMIT_EXCEEDED', content.length);
  // The service says the same of every mistake.
  if (serviceControlPolicyMistake(content) !== undefined) {
    throw new Fault(
      'MalformedPolicyDocumentException',
      'The provided policy document does not meet the requirements of the specified policy type.',
    );
  }
  return content;
}

function requireFreeName({ organization }: Directory, name: string): void {
  for (const policy of organization.policies()) {
    if (policy.name === name) {
      throw new Fault('DuplicatePolicyException', 'A policy with the specified name and type already exists.');
    }
  }
}
