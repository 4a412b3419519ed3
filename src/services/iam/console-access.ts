import type {
  DeleteLoginProfileRequest,
  GetInstanceProfileRequest,
  GetLoginProfileRequest,
  ListInstanceProfilesForRoleRequest,
  ListMFADevicesRequest,
  ListSigningCertificatesRequest,
  ListSSHPublicKeysRequest,
  UpdateLoginProfileRequest,
} from '@aws-sdk/client-iam';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { holderNeed, ROLE, requireHolder, USER } from './holder.ts';
import type { IamParts } from './iam-parts.ts';
import { ownUserName } from './users.ts';

/**
 * What tools ask before they delete a user or a role. There are no passwords, second factors, certificates or instances
 * here, so the answers are those of an account that never had any.
 */
export function consoleAccessOperations(parts: IamParts): OperationTable {
  return {
    GetLoginProfile: noLoginProfile<GetLoginProfileRequest>('GetLoginProfile', parts),
    UpdateLoginProfile: noLoginProfile<UpdateLoginProfileRequest>('UpdateLoginProfile', parts),
    DeleteLoginProfile: noLoginProfile<DeleteLoginProfileRequest>('DeleteLoginProfile', parts),
    GetAccountPasswordPolicy: noPasswordPolicy('GetAccountPasswordPolicy'),
    DeleteAccountPasswordPolicy: noPasswordPolicy('DeleteAccountPasswordPolicy'),
    ListMFADevices: noneOfUser<ListMFADevicesRequest>('ListMFADevices', 'MFADevices', parts),
    ListSSHPublicKeys: noneOfUser<ListSSHPublicKeysRequest>('ListSSHPublicKeys', 'SSHPublicKeys', parts),
    ListSigningCertificates: noneOfUser<ListSigningCertificatesRequest>(
      'ListSigningCertificates',
      'Certificates',
      parts,
    ),
    ListVirtualMFADevices: noneOfAccount('ListVirtualMFADevices', 'VirtualMFADevices'),
    ListServerCertificates: noneOfAccount('ListServerCertificates', 'ServerCertificateMetadataList'),
    ListInstanceProfiles: noneOfAccount('ListInstanceProfiles', 'InstanceProfiles'),
    ListInstanceProfilesForRole: noInstanceProfilesForRole(parts),
    GetInstanceProfile: noInstanceProfile('GetInstanceProfile'),
    DeleteInstanceProfile: noInstanceProfile('DeleteInstanceProfile'),
  };
}

/** A list that is always empty. */
type Nothing<Name extends string> = { readonly [Member in Name]: readonly never[] } & { readonly IsTruncated: false };

function nothing<Name extends string>(name: Name): Nothing<Name> {
  return { [name]: [], IsTruncated: false } as unknown as Nothing<Name>;
}

function noLoginProfile<Input extends { readonly UserName?: string | undefined }>(
  action: string,
  { directory }: IamParts,
): OperationHandler<Input, never> {
  return {
    access: ({ caller, input }) => [
      holderNeed(USER, directory, action, caller.accountId, ownUserName(caller, input.UserName)),
    ],
    run: ({ caller, input }) => {
      const { name } = requireHolder(USER, directory, caller.accountId, ownUserName(caller, input.UserName));
      throw new Fault('NoSuchEntityException', `Login Profile for User ${name} cannot be found.`);
    },
  };
}

function noPasswordPolicy(action: string): OperationHandler<object, never> {
  return {
    access: () => [{ action: `iam:${action}`, resource: '*' }],
    run: ({ caller }) => {
      const message = `The Password Policy with domain name ${caller.accountId} cannot be found.`;
      throw new Fault('NoSuchEntityException', message);
    },
  };
}

function noneOfUser<Input extends { readonly UserName?: string | undefined }>(
  action: string,
  member: string,
  { directory }: IamParts,
): OperationHandler<Input, Nothing<string>> {
  return {
    access: ({ caller, input }) => [
      holderNeed(USER, directory, action, caller.accountId, ownUserName(caller, input.UserName)),
    ],
    run: ({ caller, input }) => {
      requireHolder(USER, directory, caller.accountId, ownUserName(caller, input.UserName));
      return nothing(member);
    },
  };
}

function noneOfAccount(action: string, member: string): OperationHandler<object, Nothing<string>> {
  return { access: () => [{ action: `iam:${action}`, resource: '*' }], run: () => nothing(member) };
}

function noInstanceProfilesForRole({
  directory,
}: IamParts): OperationHandler<ListInstanceProfilesForRoleRequest, Nothing<'InstanceProfiles'>> {
  return {
    access: ({ caller, input }) => [
      holderNeed(ROLE, directory, 'ListInstanceProfilesForRole', caller.accountId, input.RoleName!),
    ],
    run: ({ caller, input }) => {
      requireHolder(ROLE, directory, caller.accountId, input.RoleName!);
      return nothing('InstanceProfiles');
    },
  };
}

function noInstanceProfile(action: string): OperationHandler<GetInstanceProfileRequest, never> {
  return {
    access: ({ caller, input }) => [
      {
        action: `iam:${action}`,
        resource: `arn:aws:iam::${caller.accountId}:instance-profile/${input.InstanceProfileName}`,
      },
    ],
    run: ({ input }) => {
      throw new Fault('NoSuchEntityException', `Instance Profile ${input.InstanceProfileName} cannot be found.`);
    },
  };
}
