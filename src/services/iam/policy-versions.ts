import type {
  CreatePolicyVersionRequest,
  CreatePolicyVersionResponse,
  DeletePolicyVersionRequest,
  GetPolicyVersionRequest,
  GetPolicyVersionResponse,
  ListPolicyVersionsRequest,
  ListPolicyVersionsResponse,
  PolicyVersion as PolicyVersionOutput,
  SetDefaultPolicyVersionRequest,
} from '@aws-sdk/client-iam';
import { put } from '../../identity/directory-records.ts';
import type { ManagedPolicy, PolicyVersion } from '../../identity/managed-policy.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import type { IamParts } from './iam-parts.ts';
import { policyNeed, readManagedPolicy, requireOwnPolicy, requirePolicy } from './managed-policies.ts';
import { pageOf } from './page.ts';
import { encodedPolicy } from './policy-text.ts';

/** Versions of one managed policy (IAM User Guide, quotas). */
const MAX_VERSIONS = 5;

export function policyVersionOperations(parts: IamParts): OperationTable {
  return {
    CreatePolicyVersion: createPolicyVersion(parts),
    GetPolicyVersion: getPolicyVersion(parts),
    ListPolicyVersions: listPolicyVersions(parts),
    SetDefaultPolicyVersion: setDefaultPolicyVersion(parts),
    DeletePolicyVersion: deletePolicyVersion(parts),
  };
}

function createPolicyVersion({
  directory,
}: IamParts): OperationHandler<CreatePolicyVersionRequest, CreatePolicyVersionResponse> {
  return {
    access: ({ input }) => [policyNeed(directory, 'CreatePolicyVersion', input.PolicyArn!)],
    run: async ({ caller, input, nowMs }) => {
      const policy = requireOwnPolicy(directory, caller, 'CreatePolicyVersion', input.PolicyArn!);
      const document = readManagedPolicy(input.PolicyDocument!);
      if (policy.versions.length >= MAX_VERSIONS) {
        throw new Fault(
          'LimitExceededException',
          `A managed policy can have up to ${MAX_VERSIONS} versions. Before you create a new version, you must delete an existing version.`,
        );
      }
      const version: PolicyVersion = { id: `v${policy.nextVersionNumber}`, document, createdAtMs: nowMs };
      const updated: ManagedPolicy = {
        ...policy,
        versions: [...policy.versions, version],
        nextVersionNumber: policy.nextVersionNumber + 1,
        ...(input.SetAsDefault && { defaultVersionId: version.id }),
        updatedAtMs: nowMs,
      };
      await directory.write([put('policy', updated)]);
      return { PolicyVersion: versionSummary(updated, version) };
    },
  };
}

function getPolicyVersion({
  directory,
}: IamParts): OperationHandler<GetPolicyVersionRequest, GetPolicyVersionResponse> {
  return {
    access: ({ input }) => [policyNeed(directory, 'GetPolicyVersion', input.PolicyArn!)],
    run: ({ caller, input }) => {
      const policy = requirePolicy(directory, caller, input.PolicyArn!);
      const version = requireVersion(policy, input.PolicyArn!, input.VersionId!);
      return { PolicyVersion: { Document: encodedPolicy(version.document), ...versionSummary(policy, version) } };
    },
  };
}

function listPolicyVersions({
  directory,
}: IamParts): OperationHandler<ListPolicyVersionsRequest, ListPolicyVersionsResponse> {
  return {
    access: ({ input }) => [policyNeed(directory, 'ListPolicyVersions', input.PolicyArn!)],
    run: ({ caller, input }) => {
      const policy = requirePolicy(directory, caller, input.PolicyArn!);
      // Newest first: the key counts down.
      const { items, rest } = pageOf(policy.versions, ({ id }) => String(1e9 - Number(id.slice(1))), input);
      return { Versions: items.map((version) => versionSummary(policy, version)), ...rest };
    },
  };
}

function setDefaultPolicyVersion({
  directory,
}: IamParts): OperationHandler<SetDefaultPolicyVersionRequest, Record<never, never>> {
  return {
    access: ({ input }) => [policyNeed(directory, 'SetDefaultPolicyVersion', input.PolicyArn!)],
    run: async ({ caller, input, nowMs }) => {
      const policy = requireOwnPolicy(directory, caller, 'SetDefaultPolicyVersion', input.PolicyArn!);
      const { id } = requireVersion(policy, input.PolicyArn!, input.VersionId!);
      await directory.write([put('policy', { ...policy, defaultVersionId: id, updatedAtMs: nowMs })]);
      return {};
    },
  };
}

function deletePolicyVersion({
  directory,
}: IamParts): OperationHandler<DeletePolicyVersionRequest, Record<never, never>> {
  return {
    access: ({ input }) => [policyNeed(directory, 'DeletePolicyVersion', input.PolicyArn!)],
    run: async ({ caller, input }) => {
      const policy = requireOwnPolicy(directory, caller, 'DeletePolicyVersion', input.PolicyArn!);
      const deleted = requireVersion(policy, input.PolicyArn!, input.VersionId!);
      if (deleted.id === policy.defaultVersionId) {
        throw new Fault('DeleteConflictException', 'Cannot delete the default version of a policy.');
      }
      await directory.write([
        put('policy', { ...policy, versions: policy.versions.filter((kept) => kept !== deleted) }),
      ]);
      return {};
    },
  };
}

function requireVersion(policy: ManagedPolicy, arn: string, versionId: string): PolicyVersion {
  const version = policy.versions.find(({ id }) => id === versionId);
  if (version) return version;
  const message = `Policy ${arn} version ${versionId} does not exist or is not attachable.`;
  throw new Fault('NoSuchEntityException', message);
}

export function versionSummary(policy: ManagedPolicy, version: PolicyVersion): PolicyVersionOutput {
  return {
    VersionId: version.id,
    IsDefaultVersion: version.id === policy.defaultVersionId,
    CreateDate: new Date(version.createdAtMs),
  };
}
