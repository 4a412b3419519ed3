import type {
  Account as AccountOutput,
  CloseAccountRequest,
  DescribeAccountRequest,
  DescribeAccountResponse,
  ListAccountsForParentRequest,
  ListAccountsForParentResponse,
  ListAccountsRequest,
  ListAccountsResponse,
  MoveAccountRequest,
} from '@aws-sdk/client-organizations';
import type { Account } from '../../identity/account.ts';
import type { Directory } from '../../identity/directory.ts';
import { put } from '../../identity/directory-records.ts';
import { type Organization, organizationEntityArn } from '../../identity/organization.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { isContainer, requireParent, unitTouch } from './container.ts';
import { managementOperation } from './management-operation.ts';
import type { OrganizationsParts } from './organizations-parts.ts';
import { ageKey, pageOf } from './page.ts';

export function accountOperations(parts: OrganizationsParts): OperationTable {
  return {
    ListAccounts: listAccounts(parts),
    ListAccountsForParent: listAccountsForParent(parts),
    DescribeAccount: describeAccount(parts),
    MoveAccount: moveAccount(parts),
    CloseAccount: closeAccount(parts),
  };
}

function listAccounts(parts: OrganizationsParts): OperationHandler<ListAccountsRequest, ListAccountsResponse> {
  const { directory } = parts;
  return managementOperation<ListAccountsRequest, ListAccountsResponse>(parts, 'ListAccounts', {
    run: ({ input }, organization) => {
      const { items, rest } = pageOf(directory.accounts(), ageKey, input);
      return { Accounts: items.map((account) => accountOutput(account, organization, directory)), ...rest };
    },
  });
}

function listAccountsForParent(
  parts: OrganizationsParts,
): OperationHandler<ListAccountsForParentRequest, ListAccountsForParentResponse> {
  const { directory } = parts;
  return managementOperation<ListAccountsForParentRequest, ListAccountsForParentResponse>(
    parts,
    'ListAccountsForParent',
    {
      about: ({ ParentId }) => [ParentId!],
      run: ({ input }, organization) => {
        requireParent(directory, input.ParentId!);
        const { items, rest } = pageOf(directory.organization.accountsOf(input.ParentId!), ageKey, input);
        return { Accounts: items.map((account) => accountOutput(account, organization, directory)), ...rest };
      },
    },
  );
}

function describeAccount(parts: OrganizationsParts): OperationHandler<DescribeAccountRequest, DescribeAccountResponse> {
  const { directory } = parts;
  return managementOperation<DescribeAccountRequest, DescribeAccountResponse>(parts, 'DescribeAccount', {
    about: ({ AccountId }) => [AccountId!],
    run: ({ input }, organization) => ({
      Account: accountOutput(requireAccount(directory, input.AccountId!), organization, directory),
    }),
  });
}

function moveAccount(parts: OrganizationsParts): OperationHandler<MoveAccountRequest, Record<never, never>> {
  const { directory } = parts;
  return managementOperation<MoveAccountRequest, Record<never, never>>(parts, 'MoveAccount', {
    about: ({ AccountId, SourceParentId, DestinationParentId }) => [AccountId!, SourceParentId!, DestinationParentId!],
    run: async ({ input }) => {
      const account = requireAccount(directory, input.AccountId!);
      const parentId = directory.organization.parentIdOf(account);
      const destination = input.DestinationParentId!;
      if (input.SourceParentId !== parentId) {
        throw new Fault(
          'SourceParentNotFoundException',
          "We can't find a source root or OU with the ParentId that you specified.",
        );
      }
      if (!isContainer(directory, destination)) {
        throw new Fault(
          'DestinationParentNotFoundException',
          "We can't find the destination container (a root or OU) with the ParentId that you specified.",
        );
      }
      if (destination === parentId) {
        throw new Fault('DuplicateAccountException', 'That account is already present in the specified destination.');
      }
      await directory.write([
        put('account', { ...account, parentId: destination }),
        ...unitTouch(directory, destination),
      ]);
      return {};
    },
  });
}

/**
 * At once, where AWS takes minutes. AWS's quota of closures in thirty days is not applied: it protects against
 * something that is not closed for good there.
 */
function closeAccount(parts: OrganizationsParts): OperationHandler<CloseAccountRequest, Record<never, never>> {
  const { directory } = parts;
  return managementOperation<CloseAccountRequest, Record<never, never>>(parts, 'CloseAccount', {
    about: ({ AccountId }) => [AccountId!],
    run: async ({ input }) => {
      const account = requireAccount(directory, input.AccountId!);
      if (account.isManagement) {
        throw new Fault(
          'ConstraintViolationException',
          "You attempted to close the management account for the organization. You can't close the management account.",
          { Reason: 'CANNOT_CLOSE_MANAGEMENT_ACCOUNT' },
        );
      }
      if (account.status === 'SUSPENDED') {
        throw new Fault('AccountAlreadyClosedException', 'You attempted to close an account that is already closed.');
      }
      await directory.write([put('account', { ...account, status: 'SUSPENDED' })]);
      return {};
    },
  });
}

export function requireAccount(directory: Directory, id: string): Account {
  const account = directory.account(id);
  if (!account) throw new Fault('AccountNotFoundException', "You specified an account that doesn't exist.");
  return account;
}

/** `State` is the newer member, which tells closed accounts from those that AWS suspends. */
function accountOutput(account: Account, organization: Organization, directory: Directory): AccountOutput {
  const { id, name, email, status = 'ACTIVE', isManagement, createdAtMs } = account;
  return {
    Id: id,
    Arn: organizationEntityArn(organization, id),
    ...(email !== undefined && { Email: email }),
    Name: name,
    Status: status,
    State: status === 'ACTIVE' ? 'ACTIVE' : 'CLOSED',
    Paths: [`${directory.organization.placeOf(id)!.path}${id}/`],
    // The account that makes an organization counts as invited.
    JoinedMethod: isManagement ? 'INVITED' : 'CREATED',
    JoinedTimestamp: new Date(createdAtMs),
  };
}
