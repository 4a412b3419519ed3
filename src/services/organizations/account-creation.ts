import type {
  CreateAccountRequest,
  CreateAccountResponse,
  CreateAccountStatus as CreateAccountStatusOutput,
  DescribeCreateAccountStatusRequest,
  DescribeCreateAccountStatusResponse,
  ListCreateAccountStatusRequest,
  ListCreateAccountStatusResponse,
} from '@aws-sdk/client-organizations';
import type { Directory } from '../../identity/directory.ts';
import { drop, put } from '../../identity/directory-records.ts';
import { newOrganizationsId } from '../../identity/identifier.ts';
import { accountByEmail, DEFAULT_ACCESS_ROLE, memberAccount } from '../../identity/member-account.ts';
import type { CreateAccountStatus } from '../../identity/organization.ts';
import { Fault } from '../../kernel/fault.ts';
import type { RecordChange } from '../../kernel/record-store.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { requestTagContext } from '../../policy/context.ts';
import { managementOperation } from './management-operation.ts';
import type { OrganizationsParts } from './organizations-parts.ts';
import { ageKey, pageOf } from './page.ts';
import { requireQuota } from './quota.ts';
import { readTags } from './tags.ts';

export function accountCreationOperations(parts: OrganizationsParts): OperationTable {
  return {
    CreateAccount: createAccount(parts),
    DescribeCreateAccountStatus: describeCreateAccountStatus(parts),
    ListCreateAccountStatus: listCreateAccountStatus(parts),
  };
}

/** An address that is taken is no error of the request: as on AWS, it is what the creation came to. */
function createAccount(parts: OrganizationsParts): OperationHandler<CreateAccountRequest, CreateAccountResponse> {
  const { directory, random } = parts;
  return managementOperation<CreateAccountRequest, CreateAccountResponse>(parts, 'CreateAccount', {
    context: ({ Tags }) => requestTagContext(readTags(Tags)),
    run: async ({ input, nowMs }, organization) => {
      requireQuota('ACCOUNT_NUMBER_LIMIT_EXCEEDED', [...directory.accounts()].length + 1);
      const request = {
        name: input.AccountName!,
        email: input.Email!,
        roleName: input.RoleName ?? DEFAULT_ACCESS_ROLE,
        tags: readTags(input.Tags),
        nowMs,
        random,
      };
      const isTaken = accountByEmail(directory, request.email) !== undefined;
      const made = isTaken ? undefined : memberAccount(directory, organization, request);
      const status: CreateAccountStatus = {
        version: 0,
        id: newOrganizationsId('car-', 32, random),
        accountName: request.name,
        ...(made ? { accountId: made.account.id } : { failureReason: 'EMAIL_ALREADY_EXISTS' }),
        requestedAtMs: nowMs,
      };
      const oldest = outdatedStatuses(directory);
      await directory.write([...(made?.changes ?? []), put('create-account-status', status), ...oldest]);
      return { CreateAccountStatus: statusOutput(status) };
    },
  });
}

/** Statuses that are kept; AWS keeps those of 90 days. */
const STATUSES_MAX = 1_000;

function outdatedStatuses({ organization }: Directory): RecordChange[] {
  const statuses = [...organization.createStatuses()].sort((a, b) => b.requestedAtMs - a.requestedAtMs);
  return statuses.slice(STATUSES_MAX - 1).map((status) => drop('create-account-status', status));
}

function describeCreateAccountStatus(
  parts: OrganizationsParts,
): OperationHandler<DescribeCreateAccountStatusRequest, DescribeCreateAccountStatusResponse> {
  return managementOperation<DescribeCreateAccountStatusRequest, DescribeCreateAccountStatusResponse>(
    parts,
    'DescribeCreateAccountStatus',
    {
      run: ({ input }) => {
        const status = parts.directory.organization.createStatus(input.CreateAccountRequestId!);
        if (!status) {
          throw new Fault(
            'CreateAccountStatusNotFoundException',
            "We can't find a create account request with the CreateAccountRequestId that you specified.",
          );
        }
        return { CreateAccountStatus: statusOutput(status) };
      },
    },
  );
}

function listCreateAccountStatus(
  parts: OrganizationsParts,
): OperationHandler<ListCreateAccountStatusRequest, ListCreateAccountStatusResponse> {
  return managementOperation<ListCreateAccountStatusRequest, ListCreateAccountStatusResponse>(
    parts,
    'ListCreateAccountStatus',
    {
      run: ({ input }) => {
        const statuses = [...parts.directory.organization.createStatuses()].filter(
          (status) => !input.States?.length || input.States.includes(stateOf(status)),
        );
        const keyOf = ({ requestedAtMs, id }: CreateAccountStatus) => ageKey({ createdAtMs: requestedAtMs, id });
        const { items, rest } = pageOf(statuses, keyOf, input);
        return { CreateAccountStatuses: items.map(statusOutput), ...rest };
      },
    },
  );
}

function stateOf({ failureReason }: CreateAccountStatus): 'SUCCEEDED' | 'FAILED' {
  return failureReason ? 'FAILED' : 'SUCCEEDED';
}

function statusOutput(status: CreateAccountStatus): CreateAccountStatusOutput {
  const { id, accountName, accountId, failureReason, requestedAtMs } = status;
  return {
    Id: id,
    AccountName: accountName,
    State: stateOf(status),
    RequestedTimestamp: new Date(requestedAtMs),
    CompletedTimestamp: new Date(requestedAtMs),
    ...(accountId !== undefined && { AccountId: accountId }),
    ...(failureReason && { FailureReason: failureReason }),
  };
}
