import type {
  CreateAccountAliasRequest,
  DeleteAccountAliasRequest,
  GetAccountSummaryResponse,
  ListAccountAliasesRequest,
  ListAccountAliasesResponse,
} from '@aws-sdk/client-iam';
import { put } from '../../identity/directory-records.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AccessNeed, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import type { IamParts } from './iam-parts.ts';
import { QUOTAS } from './quota.ts';

export function accountOperations(parts: IamParts): OperationTable {
  return {
    CreateAccountAlias: createAccountAlias(parts),
    DeleteAccountAlias: deleteAccountAlias(parts),
    ListAccountAliases: listAccountAliases(parts),
    GetAccountSummary: getAccountSummary(parts),
  };
}

/** These are about the account, which has no ARN of its own in IAM. */
function accountNeed(action: string): AccessNeed[] {
  return [{ action: `iam:${action}`, resource: '*' }];
}

function createAccountAlias({
  directory,
}: IamParts): OperationHandler<CreateAccountAliasRequest, Record<never, never>> {
  return {
    access: () => accountNeed('CreateAccountAlias'),
    run: async ({ caller, input }) => {
      const alias = input.AccountAlias!;
      for (const { id, alias: taken } of directory.accounts()) {
        if (taken === alias && id !== caller.accountId) {
          throw new Fault('EntityAlreadyExistsException', `The account alias ${alias} already exists.`);
        }
      }
      await directory.write([put('account', { ...directory.account(caller.accountId)!, alias })]);
      return {};
    },
  };
}

function deleteAccountAlias({
  directory,
}: IamParts): OperationHandler<DeleteAccountAliasRequest, Record<never, never>> {
  return {
    access: () => accountNeed('DeleteAccountAlias'),
    run: async ({ caller, input }) => {
      const { alias, ...account } = directory.account(caller.accountId)!;
      if (alias !== input.AccountAlias) {
        throw new Fault('NoSuchEntityException', `The account alias ${input.AccountAlias} cannot be found.`);
      }
      await directory.write([put('account', account)]);
      return {};
    },
  };
}

function listAccountAliases({
  directory,
}: IamParts): OperationHandler<ListAccountAliasesRequest, ListAccountAliasesResponse> {
  return {
    access: () => accountNeed('ListAccountAliases'),
    run: ({ caller }) => {
      const { alias } = directory.account(caller.accountId)!;
      return { AccountAliases: alias === undefined ? [] : [alias], IsTruncated: false };
    },
  };
}

function getAccountSummary({ directory }: IamParts): OperationHandler<object, GetAccountSummaryResponse> {
  return {
    access: () => accountNeed('GetAccountSummary'),
    run: ({ caller: { accountId } }) => {
      const { users, roles, groups, policies } = directory.countsOf(accountId);
      return {
        SummaryMap: {
          Users: users,
          UsersQuota: QUOTAS.UsersPerAccount,
          Groups: groups,
          GroupsQuota: QUOTAS.GroupsPerAccount,
          GroupsPerUserQuota: QUOTAS.GroupsPerUser,
          Roles: roles,
          RolesQuota: QUOTAS.RolesPerAccount,
          Policies: policies,
          PoliciesQuota: QUOTAS.PoliciesPerAccount,
          PolicySizeQuota: QUOTAS.PolicySize,
          AssumeRolePolicySizeQuota: QUOTAS.ACLSizePerRole,
          AttachedPoliciesPerUserQuota: QUOTAS.PoliciesPerUser,
          AttachedPoliciesPerRoleQuota: QUOTAS.PoliciesPerRole,
          AttachedPoliciesPerGroupQuota: QUOTAS.PoliciesPerGroup,
          AccessKeysPerUserQuota: QUOTAS.AccessKeysPerUser,
          Providers: [...directory.oidcProviders(accountId), ...directory.samlProviders(accountId)].length,
          AccountAccessKeysPresent: directory.accessKeysOf(accountId).length > 0 ? 1 : 0,
          AccountMFAEnabled: 0,
        },
      };
    },
  };
}
