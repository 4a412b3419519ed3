import type {
  AddUserToGroupRequest,
  CreateGroupRequest,
  CreateGroupResponse,
  DeleteGroupRequest,
  GetGroupRequest,
  GetGroupResponse,
  Group as GroupOutput,
  ListGroupsForUserRequest,
  ListGroupsForUserResponse,
  ListGroupsRequest,
  ListGroupsResponse,
  RemoveUserFromGroupRequest,
  UpdateGroupRequest,
} from '@aws-sdk/client-iam';
import type { Directory } from '../../identity/directory.ts';
import { drop, put, rename } from '../../identity/directory-records.ts';
import { type Group, groupArn } from '../../identity/group.ts';
import { newUniqueId } from '../../identity/identifier.ts';
import { NO_POLICIES } from '../../identity/policy-holder.ts';
import type { User } from '../../identity/user.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { GROUP, holderNeed, listNeed, newHolderNeed, requireHolder, requireNewName, USER } from './holder.ts';
import type { IamParts } from './iam-parts.ts';
import { nameKey, pageOf } from './page.ts';
import { requireQuota } from './quota.ts';
import { userSummary } from './users.ts';

export function groupOperations(parts: IamParts): OperationTable {
  return {
    CreateGroup: createGroup(parts),
    GetGroup: getGroup(parts),
    UpdateGroup: updateGroup(parts),
    DeleteGroup: deleteGroup(parts),
    ListGroups: listGroups(parts),
    AddUserToGroup: addUserToGroup(parts),
    RemoveUserFromGroup: removeUserFromGroup(parts),
    ListGroupsForUser: listGroupsForUser(parts),
  };
}

function createGroup({ directory, random }: IamParts): OperationHandler<CreateGroupRequest, CreateGroupResponse> {
  return {
    access: ({ caller, input }) => [newHolderNeed(GROUP, caller.accountId, input.Path, input.GroupName!)],
    run: async ({ caller: { accountId }, input, nowMs }) => {
      requireNewName(GROUP, directory, accountId, input.GroupName!);
      requireQuota('GroupsPerAccount', directory.countsOf(accountId).groups + 1);
      const group: Group = {
        version: 0,
        accountId,
        id: newUniqueId('AGPA', random),
        name: input.GroupName!,
        path: input.Path ?? '/',
        createdAtMs: nowMs,
        ...NO_POLICIES,
      };
      await directory.write([put('group', group)]);
      return { Group: groupOutput(group) };
    },
  };
}

function getGroup({ directory }: IamParts): OperationHandler<GetGroupRequest, GetGroupResponse> {
  return {
    access: ({ caller, input }) => [holderNeed(GROUP, directory, 'GetGroup', caller.accountId, input.GroupName!)],
    run: ({ caller, input }) => {
      const group = requireHolder(GROUP, directory, caller.accountId, input.GroupName!);
      const { items, rest } = pageOf(membersOf(directory, group), nameKey, input);
      return { Group: groupOutput(group), Users: items.map(userSummary), ...rest };
    },
  };
}

function updateGroup({ directory }: IamParts): OperationHandler<UpdateGroupRequest, Record<never, never>> {
  return {
    access: ({ caller, input }) => [holderNeed(GROUP, directory, 'UpdateGroup', caller.accountId, input.GroupName!)],
    run: async ({ caller: { accountId }, input }) => {
      const group = requireHolder(GROUP, directory, accountId, input.GroupName!);
      const updated: Group = { ...group, path: input.NewPath ?? group.path, name: input.NewGroupName ?? group.name };
      if (nameKey(updated) !== nameKey(group)) requireNewName(GROUP, directory, accountId, updated.name);
      await directory.write(rename('group', group, updated));
      return {};
    },
  };
}

function deleteGroup({ directory }: IamParts): OperationHandler<DeleteGroupRequest, Record<never, never>> {
  return {
    access: ({ caller, input }) => [holderNeed(GROUP, directory, 'DeleteGroup', caller.accountId, input.GroupName!)],
    run: async ({ caller, input }) => {
      const group = requireHolder(GROUP, directory, caller.accountId, input.GroupName!);
      const conflict = [
        group.inlinePolicies.length > 0 && 'delete policies',
        group.attachedPolicyArns.length > 0 && 'detach all policies',
        membersOf(directory, group).length > 0 && 'remove users from group',
      ].find(Boolean);
      if (conflict) throw new Fault('DeleteConflictException', `Cannot delete entity, must ${conflict} first.`);
      await directory.write([drop('group', group)]);
      return {};
    },
  };
}

function listGroups({ directory }: IamParts): OperationHandler<ListGroupsRequest, ListGroupsResponse> {
  return {
    access: ({ caller, input }) => [listNeed(GROUP, caller.accountId, input.PathPrefix)],
    run: ({ caller, input }) => {
      const prefix = input.PathPrefix ?? '/';
      const groups = [...directory.groups(caller.accountId)].filter(({ path }) => path.startsWith(prefix));
      const { items, rest } = pageOf(groups, nameKey, input);
      return { Groups: items.map(groupOutput), ...rest };
    },
  };
}

function addUserToGroup({ directory }: IamParts): OperationHandler<AddUserToGroupRequest, Record<never, never>> {
  return {
    access: ({ caller, input }) => [holderNeed(GROUP, directory, 'AddUserToGroup', caller.accountId, input.GroupName!)],
    run: async ({ caller: { accountId }, input }) => {
      const group = requireHolder(GROUP, directory, accountId, input.GroupName!);
      const user = requireHolder(USER, directory, accountId, input.UserName!);
      if (user.groupIds.includes(group.id)) return {};
      requireQuota('GroupsPerUser', user.groupIds.length + 1);
      await directory.write([put('user', { ...user, groupIds: [...user.groupIds, group.id] })]);
      return {};
    },
  };
}

function removeUserFromGroup({
  directory,
}: IamParts): OperationHandler<RemoveUserFromGroupRequest, Record<never, never>> {
  return {
    access: ({ caller, input }) => [
      holderNeed(GROUP, directory, 'RemoveUserFromGroup', caller.accountId, input.GroupName!),
    ],
    run: async ({ caller: { accountId }, input }) => {
      const group = requireHolder(GROUP, directory, accountId, input.GroupName!);
      const user = requireHolder(USER, directory, accountId, input.UserName!);
      if (!user.groupIds.includes(group.id)) {
        throw new Fault('NoSuchEntityException', `User ${user.name} is not in group ${group.name}.`);
      }
      await directory.write([put('user', { ...user, groupIds: user.groupIds.filter((id) => id !== group.id) })]);
      return {};
    },
  };
}

function listGroupsForUser({
  directory,
}: IamParts): OperationHandler<ListGroupsForUserRequest, ListGroupsForUserResponse> {
  return {
    access: ({ caller, input }) => [
      holderNeed(USER, directory, 'ListGroupsForUser', caller.accountId, input.UserName!),
    ],
    run: ({ caller, input }) => {
      const user = requireHolder(USER, directory, caller.accountId, input.UserName!);
      const groups = user.groupIds.flatMap((id) => directory.groupById(id) ?? []);
      const { items, rest } = pageOf(groups, nameKey, input);
      return { Groups: items.map(groupOutput), ...rest };
    },
  };
}

function membersOf(directory: Directory, group: Group): User[] {
  return [...directory.users(group.accountId)].filter(({ groupIds }) => groupIds.includes(group.id));
}

export function groupOutput(group: Group): GroupOutput {
  return {
    Path: group.path,
    GroupName: group.name,
    GroupId: group.id,
    Arn: groupArn(group),
    CreateDate: new Date(group.createdAtMs),
  };
}
