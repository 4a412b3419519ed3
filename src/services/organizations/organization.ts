import type {
  CreateOrganizationRequest,
  DescribeOrganizationResponse,
  DisablePolicyTypeRequest,
  DisablePolicyTypeResponse,
  EnablePolicyTypeRequest,
  EnablePolicyTypeResponse,
  ListRootsRequest,
  ListRootsResponse,
  Root,
} from '@aws-sdk/client-organizations';
import { put } from '../../identity/directory-records.ts';
import { type Organization, organizationArn, organizationEntityArn } from '../../identity/organization.ts';
import { allTargets, ROOT_NAME } from '../../identity/organization-target.ts';
import { requireServiceControl } from '../../identity/service-control-attachment.ts';
import { FULL_ACCESS_ONLY } from '../../identity/service-control-policy.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { managementOperation, requireOrganization } from './management-operation.ts';
import type { OrganizationsParts } from './organizations-parts.ts';

export function organizationOperations(parts: OrganizationsParts): OperationTable {
  return {
    CreateOrganization: CREATE_ORGANIZATION,
    DescribeOrganization: describeOrganization(parts),
    ListRoots: listRoots(parts),
    EnablePolicyType: enablePolicyType(parts),
    DisablePolicyType: disablePolicyType(parts),
  };
}

/** Every account is in the one organization from its beginning. */
const CREATE_ORGANIZATION: OperationHandler<CreateOrganizationRequest, never> = {
  access: () => [{ action: 'organizations:CreateOrganization', resource: '*' }],
  run: () => {
    throw new Fault('AlreadyInOrganizationException', 'The provided account is already a member of an organization.');
  },
};

/** The one operation that members may call as well. */
function describeOrganization(parts: OrganizationsParts): OperationHandler<object, DescribeOrganizationResponse> {
  return {
    access: () => [{ action: 'organizations:DescribeOrganization', resource: '*' }],
    run: () => {
      const organization = requireOrganization(parts);
      const { id, managementAccountId } = organization;
      const email = parts.directory.account(managementAccountId)?.email;
      return {
        Organization: {
          Id: id,
          Arn: organizationArn(organization),
          FeatureSet: 'ALL',
          MasterAccountArn: organizationEntityArn(organization, managementAccountId),
          MasterAccountId: managementAccountId,
          ...(email !== undefined && { MasterAccountEmail: email }),
          AvailablePolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }],
        },
      };
    },
  };
}

function listRoots(parts: OrganizationsParts): OperationHandler<ListRootsRequest, ListRootsResponse> {
  return managementOperation(parts, 'ListRoots', {
    run: (_call, organization) => ({ Roots: [rootOutput(organization)] }),
  });
}

function enablePolicyType(
  parts: OrganizationsParts,
): OperationHandler<EnablePolicyTypeRequest, EnablePolicyTypeResponse> {
  return managementOperation<EnablePolicyTypeRequest, EnablePolicyTypeResponse>(parts, 'EnablePolicyType', {
    about: ({ RootId }) => [RootId!],
    context: ({ PolicyType }) => new Map([['organizations:PolicyType', [PolicyType!]]]),
    run: async ({ input }, organization) => {
      requireRoot(input, organization);
      if (organization.isServiceControlEnabled) {
        throw new Fault('PolicyTypeAlreadyEnabledException', 'The specified policy type is already enabled.');
      }
      const enabled = { ...organization, isServiceControlEnabled: true };
      await parts.directory.write([put('organization', enabled)]);
      return { Root: rootOutput(enabled) };
    },
  });
}

/** Detaches every policy, as AWS does: a type that is enabled again begins with FullAWSAccess everywhere. */
function disablePolicyType(
  parts: OrganizationsParts,
): OperationHandler<DisablePolicyTypeRequest, DisablePolicyTypeResponse> {
  return managementOperation<DisablePolicyTypeRequest, DisablePolicyTypeResponse>(parts, 'DisablePolicyType', {
    about: ({ RootId }) => [RootId!],
    context: ({ PolicyType }) => new Map([['organizations:PolicyType', [PolicyType!]]]),
    run: async ({ input }, organization) => {
      requireRoot(input, organization);
      requireServiceControl(organization);
      const disabled = { ...organization, isServiceControlEnabled: false, policyIds: FULL_ACCESS_ONLY };
      const others = allTargets(parts.directory).filter(({ id }) => id !== organization.rootId);
      await parts.directory.write([
        put('organization', disabled),
        ...others.map((target) => target.change({ policyIds: FULL_ACCESS_ONLY })),
      ]);
      return { Root: rootOutput(disabled) };
    },
  });
}

/** Throws PolicyTypeNotEnabledException in AWS's words (seen in public notes, checked 2026-11). */
/** Service control policies are the one type there is here. */
export function requireKnownPolicyType(policyType: string | undefined): void {
  if (policyType === 'SERVICE_CONTROL_POLICY') return;
  throw new Fault(
    'PolicyTypeNotAvailableForOrganizationException',
    "You can't use the specified policy type with the feature set currently enabled for this organization.",
  );
}

function requireRoot(input: EnablePolicyTypeRequest | DisablePolicyTypeRequest, { rootId }: Organization): void {
  if (input.RootId !== rootId) {
    throw new Fault('RootNotFoundException', "You specified a root that doesn't exist.");
  }
  requireKnownPolicyType(input.PolicyType);
}

function rootOutput(organization: Organization): Root {
  const { rootId, isServiceControlEnabled } = organization;
  return {
    Id: rootId,
    Arn: organizationEntityArn(organization, rootId),
    Name: ROOT_NAME,
    PolicyTypes: isServiceControlEnabled ? [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }] : [],
  };
}
