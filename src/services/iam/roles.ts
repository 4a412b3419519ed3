import type {
  CreateRoleRequest,
  CreateRoleResponse,
  DeleteRoleRequest,
  GetRoleRequest,
  GetRoleResponse,
  ListRolesRequest,
  ListRolesResponse,
  RoleLastUsed,
  Role as RoleOutput,
  UpdateAssumeRolePolicyRequest,
  UpdateRoleDescriptionRequest,
  UpdateRoleDescriptionResponse,
  UpdateRoleRequest,
} from '@aws-sdk/client-iam';
import type { Directory } from '../../identity/directory.ts';
import { drop, dropGatewayKey, dropRoleUse, put } from '../../identity/directory-records.ts';
import { newUniqueId } from '../../identity/identifier.ts';
import { NO_POLICIES } from '../../identity/policy-holder.ts';
import type { Role } from '../../identity/role.ts';
import { roleArn } from '../../kernel/arn.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { requestTagContext } from '../../policy/context.ts';
import { boundaryMember, requireBoundary } from './boundaries.ts';
import { boundaryContext, holderNeed, listNeed, newHolderNeed, ROLE, requireHolder, requireNewName } from './holder.ts';
import type { IamParts } from './iam-parts.ts';
import { nameKey, pageOf } from './page.ts';
import { encodedPolicy, policySize } from './policy-text.ts';
import { requireQuota } from './quota.ts';
import { readTags, tagsMember } from './tags.ts';
import { bindTrustPolicy, shownTrustPolicy } from './trust-principals.ts';

const DEFAULT_SESSION_SECONDS = 3600;

export function roleOperations(parts: IamParts): OperationTable {
  return {
    CreateRole: createRole(parts),
    GetRole: getRole(parts),
    UpdateRole: updateRole(parts),
    UpdateRoleDescription: updateRoleDescription(parts),
    UpdateAssumeRolePolicy: updateAssumeRolePolicy(parts),
    DeleteRole: deleteRole(parts),
    ListRoles: listRoles(parts),
  };
}

function createRole({ directory, random }: IamParts): OperationHandler<CreateRoleRequest, CreateRoleResponse> {
  return {
    access: ({ caller, input }) => [
      newHolderNeed(
        ROLE,
        caller.accountId,
        input.Path,
        input.RoleName!,
        new Map([...requestTagContext(readTags(input.Tags)), ...boundaryContext(input.PermissionsBoundary)]),
      ),
    ],
    run: async ({ caller: { accountId }, input, nowMs }) => {
      const tags = readTags(input.Tags);
      const trustPolicy = readTrustPolicy(input.AssumeRolePolicyDocument!, directory);
      requireNewName(ROLE, directory, accountId, input.RoleName!);
      requireQuota('TagsPerRole', tags.size);
      requireQuota('RolesPerAccount', directory.countsOf(accountId).roles + 1);
      if (input.PermissionsBoundary) requireBoundary(directory, accountId, input.PermissionsBoundary);
      const role: Role = {
        version: 0,
        accountId,
        id: newUniqueId('AROA', random),
        name: input.RoleName!,
        path: input.Path ?? '/',
        createdAtMs: nowMs,
        ...(input.Description !== undefined && { description: input.Description }),
        maxSessionDurationSeconds: input.MaxSessionDuration ?? DEFAULT_SESSION_SECONDS,
        trustPolicy,
        tags,
        ...NO_POLICIES,
        ...(input.PermissionsBoundary && { boundaryArn: input.PermissionsBoundary }),
      };
      await directory.write([put('role', role)]);
      const { MaxSessionDuration: _, ...created } = roleSummary(role, directory);
      return { Role: { ...created, ...boundaryMember(role.boundaryArn), ...tagsMember(role.tags) } };
    },
  };
}

function getRole({ directory }: IamParts): OperationHandler<GetRoleRequest, GetRoleResponse> {
  return {
    access: ({ caller, input }) => [holderNeed(ROLE, directory, 'GetRole', caller.accountId, input.RoleName!)],
    run: ({ caller, input }) => {
      const role = requireHolder(ROLE, directory, caller.accountId, input.RoleName!);
      return { Role: roleDetail(role, directory) };
    },
  };
}

function updateRole({ directory }: IamParts): OperationHandler<UpdateRoleRequest, Record<never, never>> {
  return {
    access: ({ caller, input }) => [holderNeed(ROLE, directory, 'UpdateRole', caller.accountId, input.RoleName!)],
    run: async ({ caller, input }) => {
      const role = requireHolder(ROLE, directory, caller.accountId, input.RoleName!);
      const updated: Role = {
        ...role,
        ...(input.Description !== undefined && { description: input.Description }),
        // Absent: back to the default, as UpdateRole documents it.
        maxSessionDurationSeconds: input.MaxSessionDuration ?? DEFAULT_SESSION_SECONDS,
      };
      await directory.write([put('role', updated)]);
      return {};
    },
  };
}

function updateRoleDescription({
  directory,
}: IamParts): OperationHandler<UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse> {
  return {
    access: ({ caller, input }) => [
      holderNeed(ROLE, directory, 'UpdateRoleDescription', caller.accountId, input.RoleName!),
    ],
    run: async ({ caller, input }) => {
      const role = requireHolder(ROLE, directory, caller.accountId, input.RoleName!);
      const updated = { ...role, description: input.Description! };
      await directory.write([put('role', updated)]);
      return { Role: roleDetail(updated, directory) };
    },
  };
}

function updateAssumeRolePolicy({
  directory,
}: IamParts): OperationHandler<UpdateAssumeRolePolicyRequest, Record<never, never>> {
  return {
    access: ({ caller, input }) => [
      holderNeed(ROLE, directory, 'UpdateAssumeRolePolicy', caller.accountId, input.RoleName!),
    ],
    run: async ({ caller, input }) => {
      const role = requireHolder(ROLE, directory, caller.accountId, input.RoleName!);
      const trustPolicy = readTrustPolicy(input.PolicyDocument!, directory);
      await directory.write([put('role', { ...role, trustPolicy })]);
      return {};
    },
  };
}

function deleteRole({ directory }: IamParts): OperationHandler<DeleteRoleRequest, Record<never, never>> {
  return {
    access: ({ caller, input }) => [holderNeed(ROLE, directory, 'DeleteRole', caller.accountId, input.RoleName!)],
    run: async ({ caller, input }) => {
      const role = requireHolder(ROLE, directory, caller.accountId, input.RoleName!);
      const conflict = [
        role.inlinePolicies.length > 0 && 'delete policies',
        role.attachedPolicyArns.length > 0 && 'detach all policies',
      ].find(Boolean);
      if (conflict) throw new Fault('DeleteConflictException', `Cannot delete entity, must ${conflict} first.`);
      const keys = [...directory.gatewayKeysOf(role.id)].flatMap(dropGatewayKey);
      await directory.write([drop('role', role), dropRoleUse(role.id), ...keys]);
      return {};
    },
  };
}

function listRoles({ directory }: IamParts): OperationHandler<ListRolesRequest, ListRolesResponse> {
  return {
    access: ({ caller, input }) => [listNeed(ROLE, caller.accountId, input.PathPrefix)],
    run: ({ caller, input }) => {
      const prefix = input.PathPrefix ?? '/';
      const roles = [...directory.roles(caller.accountId)].filter(({ path }) => path.startsWith(prefix));
      const { items, rest } = pageOf(roles, nameKey, input);
      return { Roles: items.map((role) => roleSummary(role, directory)), ...rest };
    },
  };
}

function readTrustPolicy(text: string, directory: Directory): string {
  requireQuota('ACLSizePerRole', policySize(text));
  return bindTrustPolicy(text, directory);
}

/** As lists show it: without tags, boundary and last use. */
export function roleSummary(role: Role, directory: Directory): RoleOutput {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: roleArn(role.accountId, role.path, role.name),
    CreateDate: new Date(role.createdAtMs),
    AssumeRolePolicyDocument: encodedPolicy(shownTrustPolicy(role.trustPolicy, directory)),
    ...(role.description !== undefined && { Description: role.description }),
    MaxSessionDuration: role.maxSessionDurationSeconds,
  };
}

function roleDetail(role: Role, directory: Directory): RoleOutput {
  return {
    ...roleSummary(role, directory),
    ...boundaryMember(role.boundaryArn),
    ...tagsMember(role.tags),
    RoleLastUsed: roleLastUsed(role, directory),
  };
}

/** Empty when no use is known. */
export function roleLastUsed(role: Role, directory: Directory): RoleLastUsed {
  const use = directory.lastRoleUse(role.id);
  return use ? { LastUsedDate: new Date(use.atMs), Region: use.region } : {};
}
