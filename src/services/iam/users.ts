import type {
  CreateUserRequest,
  CreateUserResponse,
  DeleteUserRequest,
  GetUserRequest,
  GetUserResponse,
  ListUsersRequest,
  ListUsersResponse,
  UpdateUserRequest,
  User as UserOutput,
} from '@aws-sdk/client-iam';
import { drop, dropGatewayKey, put, rename } from '../../identity/directory-records.ts';
import { newUniqueId } from '../../identity/identifier.ts';
import { NO_POLICIES } from '../../identity/policy-holder.ts';
import type { Caller } from '../../identity/principal.ts';
import type { User } from '../../identity/user.ts';
import { rootArn, userArn } from '../../kernel/arn.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { requestTagContext } from '../../policy/context.ts';
import { boundaryMember, requireBoundary } from './boundaries.ts';
import { boundaryContext, holderNeed, listNeed, newHolderNeed, requireHolder, requireNewName, USER } from './holder.ts';
import type { IamParts } from './iam-parts.ts';
import { nameKey, pageOf } from './page.ts';
import { requireQuota } from './quota.ts';
import { readTags, tagsMember } from './tags.ts';

export function userOperations(parts: IamParts): OperationTable {
  const { directory } = parts;
  return {
    CreateUser: createUser(parts),
    GetUser: getUser(parts),
    UpdateUser: updateUser(parts),
    DeleteUser: deleteUser(parts),
    ListUsers: {
      access: ({ caller, input }) => [listNeed(USER, caller.accountId, input.PathPrefix)],
      run: ({ caller, input }) => {
        const prefix = input.PathPrefix ?? '/';
        const users = [...directory.users(caller.accountId)].filter(({ path }) => path.startsWith(prefix));
        const { items, rest } = pageOf(users, nameKey, input);
        return { Users: items.map(userSummary), ...rest };
      },
    } satisfies OperationHandler<ListUsersRequest, ListUsersResponse>,
  };
}

function createUser({ directory, random }: IamParts): OperationHandler<CreateUserRequest, CreateUserResponse> {
  return {
    access: ({ caller, input }) => [
      newHolderNeed(
        USER,
        caller.accountId,
        input.Path,
        input.UserName!,
        new Map([...requestTagContext(readTags(input.Tags)), ...boundaryContext(input.PermissionsBoundary)]),
      ),
    ],
    run: async ({ caller: { accountId }, input, nowMs }) => {
      const name = input.UserName!;
      const tags = readTags(input.Tags);
      requireNewName(USER, directory, accountId, name);
      requireQuota('TagsPerUser', tags.size);
      requireQuota('UsersPerAccount', directory.countsOf(accountId).users + 1);
      if (input.PermissionsBoundary) requireBoundary(directory, accountId, input.PermissionsBoundary);
      const user: User = {
        version: 0,
        accountId,
        id: newUniqueId('AIDA', random),
        name,
        path: input.Path ?? '/',
        createdAtMs: nowMs,
        tags,
        ...NO_POLICIES,
        ...(input.PermissionsBoundary && { boundaryArn: input.PermissionsBoundary }),
        groupIds: [],
      };
      await directory.write([put('user', user)]);
      return { User: userDetail(user) };
    },
  };
}

function getUser({ directory }: IamParts): OperationHandler<GetUserRequest, GetUserResponse> {
  return {
    access: ({ caller, input }) => {
      const name = input.UserName ?? caller.userName;
      if (name !== undefined) return [holderNeed(USER, directory, 'GetUser', caller.accountId, name)];
      if (caller.kind !== 'root') throw nonUserCredentials();
      return [{ action: 'iam:GetUser', resource: caller.arn }];
    },
    run: ({ caller, input }) => {
      const name = input.UserName ?? caller.userName;
      if (name !== undefined) return { User: userDetail(requireHolder(USER, directory, caller.accountId, name)) };
      const account = directory.account(caller.accountId)!;
      return {
        User: {
          Path: '/',
          UserName: account.name,
          UserId: account.id,
          Arn: rootArn(account.id),
          CreateDate: new Date(account.createdAtMs),
        },
      };
    },
  };
}

function updateUser({ directory }: IamParts): OperationHandler<UpdateUserRequest, Record<never, never>> {
  const target = (user: User | undefined, input: UpdateUserRequest) => ({
    path: input.NewPath ?? user?.path ?? '/',
    name: input.NewUserName ?? user?.name ?? input.UserName!,
  });
  return {
    access: ({ caller: { accountId }, input }) => {
      const { path, name } = target(directory.user(accountId, input.UserName!), input);
      return [
        holderNeed(USER, directory, 'UpdateUser', accountId, input.UserName!),
        { action: 'iam:UpdateUser', resource: userArn(accountId, path, name) },
      ];
    },
    run: async ({ caller: { accountId }, input }) => {
      const user = requireHolder(USER, directory, accountId, input.UserName!);
      const updated = { ...user, ...target(user, input) };
      if (nameKey(updated) !== nameKey(user)) requireNewName(USER, directory, accountId, updated.name);
      await directory.write(rename('user', user, updated));
      return {};
    },
  };
}

function deleteUser({ directory }: IamParts): OperationHandler<DeleteUserRequest, Record<never, never>> {
  return {
    access: ({ caller, input }) => [holderNeed(USER, directory, 'DeleteUser', caller.accountId, input.UserName!)],
    run: async ({ caller, input }) => {
      const user = requireHolder(USER, directory, caller.accountId, input.UserName!);
      const conflict = [
        user.inlinePolicies.length > 0 && 'delete policies',
        user.attachedPolicyArns.length > 0 && 'detach all policies',
        directory.accessKeysOf(user.id).length > 0 && 'delete access keys',
        directory.serviceCredentialsOf(user.id).length > 0 && 'remove referenced objects',
        user.groupIds.length > 0 && 'remove users from group',
      ].find(Boolean);
      if (conflict) throw new Fault('DeleteConflictException', `Cannot delete entity, must ${conflict} first.`);
      await directory.write([drop('user', user), ...[...directory.gatewayKeysOf(user.id)].flatMap(dropGatewayKey)]);
      return {};
    },
  };
}

/** The user that an operation without UserName is about. */
export function ownUserName(caller: Caller, userName: string | undefined): string {
  const name = userName ?? caller.userName;
  if (name === undefined) throw nonUserCredentials();
  return name;
}

function nonUserCredentials(): Fault {
  return new Fault('ValidationException', 'Must specify userName when calling with non-User credentials');
}

/** As lists show it: without tags and boundary. */
export function userSummary(user: User): UserOutput {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: userArn(user.accountId, user.path, user.name),
    CreateDate: new Date(user.createdAtMs),
  };
}

function userDetail(user: User): UserOutput {
  return { ...userSummary(user), ...boundaryMember(user.boundaryArn), ...tagsMember(user.tags) };
}
