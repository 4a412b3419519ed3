import type {
  AccessKeyMetadata,
  CreateAccessKeyRequest,
  CreateAccessKeyResponse,
  DeleteAccessKeyRequest,
  GetAccessKeyLastUsedRequest,
  GetAccessKeyLastUsedResponse,
  ListAccessKeysRequest,
  ListAccessKeysResponse,
  UpdateAccessKeyRequest,
} from '@aws-sdk/client-iam';
import type { AccessKey } from '../../identity/access-key.ts';
import type { Directory } from '../../identity/directory.ts';
import { drop, dropKeyUse, put } from '../../identity/directory-records.ts';
import { newAccessKeyId, newSecretAccessKey } from '../../identity/identifier.ts';
import type { Caller } from '../../identity/principal.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AccessNeed, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { holderNeed, requireHolder, USER } from './holder.ts';
import type { IamParts } from './iam-parts.ts';
import { pageOf } from './page.ts';
import { requireQuota } from './quota.ts';
import { ownUserName } from './users.ts';

export function accessKeyOperations(parts: IamParts): OperationTable {
  return {
    CreateAccessKey: createAccessKey(parts),
    ListAccessKeys: listAccessKeys(parts),
    UpdateAccessKey: updateAccessKey(parts),
    DeleteAccessKey: deleteAccessKey(parts),
    GetAccessKeyLastUsed: getAccessKeyLastUsed(parts),
  };
}

/** Whose keys are meant: a user, or the account's root when root names nobody. */
interface Owner {
  readonly id: string;
  /** Root has none. */
  readonly userName?: string;
}

interface OwnerInput {
  readonly UserName?: string | undefined;
}

function ownerOf(directory: Directory, caller: Caller, input: OwnerInput): Owner {
  if (input.UserName === undefined && caller.kind === 'root') return { id: caller.accountId };
  const { id, name } = requireHolder(USER, directory, caller.accountId, ownUserName(caller, input.UserName));
  return { id, userName: name };
}

function ownerNeed(directory: Directory, action: string, caller: Caller, input: OwnerInput): AccessNeed {
  if (input.UserName === undefined && caller.kind === 'root') return { action: `iam:${action}`, resource: caller.arn };
  return holderNeed(USER, directory, action, caller.accountId, ownUserName(caller, input.UserName));
}

function createAccessKey({
  directory,
  random,
}: IamParts): OperationHandler<CreateAccessKeyRequest, CreateAccessKeyResponse> {
  return {
    access: ({ caller, input }) => [ownerNeed(directory, 'CreateAccessKey', caller, input)],
    run: async ({ caller, input, nowMs }) => {
      const owner = ownerOf(directory, caller, input);
      requireQuota('AccessKeysPerUser', directory.accessKeysOf(owner.id).length + 1);
      const secret = newSecretAccessKey(random);
      const accessKey: AccessKey = {
        version: 0,
        id: newAccessKeyId('AKIA', caller.accountId, random),
        accountId: caller.accountId,
        ownerId: owner.id,
        sealedSecret: directory.sealSecret(secret),
        status: 'Active',
        createdAtMs: nowMs,
      };
      await directory.write([put('access-key', accessKey)]);
      return {
        AccessKey: {
          UserName: owner.userName,
          AccessKeyId: accessKey.id,
          Status: accessKey.status,
          SecretAccessKey: secret,
          CreateDate: new Date(nowMs),
        },
      };
    },
  };
}

function listAccessKeys({ directory }: IamParts): OperationHandler<ListAccessKeysRequest, ListAccessKeysResponse> {
  return {
    access: ({ caller, input }) => [ownerNeed(directory, 'ListAccessKeys', caller, input)],
    run: ({ caller, input }) => {
      const owner = ownerOf(directory, caller, input);
      const { items, rest } = pageOf(directory.accessKeysOf(owner.id), ({ id }) => id, input);
      const metadata = items.map(
        (key): AccessKeyMetadata => ({
          ...(owner.userName !== undefined && { UserName: owner.userName }),
          AccessKeyId: key.id,
          Status: key.status,
          CreateDate: new Date(key.createdAtMs),
        }),
      );
      return { AccessKeyMetadata: metadata, ...rest };
    },
  };
}

function updateAccessKey({ directory }: IamParts): OperationHandler<UpdateAccessKeyRequest, Record<never, never>> {
  return {
    access: ({ caller, input }) => [ownerNeed(directory, 'UpdateAccessKey', caller, input)],
    run: async ({ caller, input }) => {
      const accessKey = requireKey(directory, ownerOf(directory, caller, input), input.AccessKeyId!);
      await directory.write([put('access-key', { ...accessKey, status: input.Status! })]);
      return {};
    },
  };
}

function deleteAccessKey({ directory }: IamParts): OperationHandler<DeleteAccessKeyRequest, Record<never, never>> {
  return {
    access: ({ caller, input }) => [ownerNeed(directory, 'DeleteAccessKey', caller, input)],
    run: async ({ caller, input }) => {
      const accessKey = requireKey(directory, ownerOf(directory, caller, input), input.AccessKeyId!);
      await directory.write([drop('access-key', accessKey), dropKeyUse(accessKey.id)]);
      return {};
    },
  };
}

function getAccessKeyLastUsed({
  directory,
}: IamParts): OperationHandler<GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse> {
  const userOf = (caller: Caller, accessKeyId: string) => {
    const accessKey = directory.accessKey(accessKeyId);
    return accessKey?.accountId === caller.accountId ? directory.userById(accessKey.ownerId) : undefined;
  };
  return {
    access: ({ caller, input }) => {
      const user = userOf(caller, input.AccessKeyId!);
      return [holderNeed(USER, directory, 'GetAccessKeyLastUsed', caller.accountId, user?.name ?? '*')];
    },
    run: ({ caller, input }) => {
      const user = userOf(caller, input.AccessKeyId!);
      if (!user) throw keyNotFound(input.AccessKeyId!);
      const use = directory.lastKeyUse(input.AccessKeyId!);
      return {
        UserName: user.name,
        AccessKeyLastUsed: use
          ? { LastUsedDate: new Date(use.atMs), ServiceName: use.service, Region: use.region }
          : { LastUsedDate: undefined, ServiceName: 'N/A', Region: 'N/A' },
      };
    },
  };
}

function requireKey(directory: Directory, owner: Owner, accessKeyId: string): AccessKey {
  const accessKey = directory.accessKey(accessKeyId);
  if (accessKey?.ownerId !== owner.id) throw keyNotFound(accessKeyId);
  return accessKey;
}

function keyNotFound(accessKeyId: string): Fault {
  return new Fault('NoSuchEntityException', `The Access Key with id ${accessKeyId} cannot be found.`);
}
