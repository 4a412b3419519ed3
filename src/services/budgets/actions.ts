import type {
  CreateBudgetActionRequest,
  CreateBudgetActionResponse,
  DeleteBudgetActionRequest,
  DeleteBudgetActionResponse,
  DescribeBudgetActionHistoriesRequest,
  DescribeBudgetActionHistoriesResponse,
  DescribeBudgetActionRequest,
  DescribeBudgetActionResponse,
  DescribeBudgetActionsForAccountRequest,
  DescribeBudgetActionsForAccountResponse,
  DescribeBudgetActionsForBudgetRequest,
  DescribeBudgetActionsForBudgetResponse,
  ExecuteBudgetActionRequest,
  ExecuteBudgetActionResponse,
  UpdateBudgetActionRequest,
  UpdateBudgetActionResponse,
} from '@aws-sdk/client-budgets';
import { type ActionEvent, type BudgetAction, isLocked, statusAfter } from '../../budgets/budget-action.ts';
import { Fault } from '../../kernel/fault.ts';
import type { StoredRecord } from '../../kernel/record-store.ts';
import type { AccessNeed, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { actionNeed, tagMap } from './access.ts';
import { readActionThreshold, readDefinition, requireExecutionRole, wireAction } from './action-shape.ts';
import { type BudgetsParts, invalid, type NamedBudget, repeated, requireBudget } from './budgets-parts.ts';
import { readSubscribers } from './notification-shape.ts';
import { pageOf } from './page.ts';
import { checkedTags } from './tags.ts';

/** AWS's quotas (Cost Management User Guide, checked 2026-11). */
const MAX_ACTIONS_OF_BUDGET = 10;
const MAX_ACTIONS_OF_ACCOUNT = 100;

export function actionOperations(parts: BudgetsParts): OperationTable {
  return {
    CreateBudgetAction: createAction(parts),
    UpdateBudgetAction: updateAction(parts),
    DeleteBudgetAction: deleteAction(parts),
    ExecuteBudgetAction: executeAction(parts),
    DescribeBudgetAction: describeAction(parts),
    DescribeBudgetActionsForBudget: describeForBudget(parts),
    DescribeBudgetActionsForAccount: describeForAccount(parts),
    DescribeBudgetActionHistories: describeHistories(parts),
  };
}

function createAction(parts: BudgetsParts): OperationHandler<CreateBudgetActionRequest, CreateBudgetActionResponse> {
  const { registry, newId, onChange } = parts;
  return {
    access: (call) => [...actionNeed('CreateBudgetAction', parts)(call), passRole(call.input.ExecutionRoleArn!)],
    run: async ({ input, nowMs }) => {
      const accountId = input.AccountId!;
      const action: BudgetAction = {
        accountId,
        budgetName: input.BudgetName!,
        id: newId(),
        notificationType: input.NotificationType!,
        threshold: readActionThreshold(input.ActionThreshold!),
        definition: readDefinition(input.ActionType!, input.Definition!, accountId, parts),
        executionRoleArn: input.ExecutionRoleArn!,
        approval: input.ApprovalModel!,
        subscribers: readSubscribers(input.Subscribers!),
        status: 'STANDBY',
        applied: [],
        eventCount: 0,
        tags: [...checkedTags(new Map(), tagMap(input.ResourceTags ?? []))],
      };
      requireExecutionRole(action.executionRoleArn, accountId, parts);
      await repeated(parts, () => {
        const { budget } = requireBudget(parts, input, 'create action');
        const isFull =
          registry.actionsOf(budget.body).length >= MAX_ACTIONS_OF_BUDGET ||
          registry.actionsOfAccount(accountId).length >= MAX_ACTIONS_OF_ACCOUNT;
        if (isFull) {
          const most = `${MAX_ACTIONS_OF_BUDGET} actions, an account ${MAX_ACTIONS_OF_ACCOUNT}`;
          throw new Fault('CreationLimitExceededException', `A budget can have ${most}.`);
        }
        const event = { atMs: nowMs, type: 'CREATE_ACTION', message: 'The action was created.' } as const;
        return { changes: registry.putAction(undefined, action, event), output: undefined };
      });
      onChange({ accountId, name: action.budgetName });
      return { AccountId: accountId, BudgetName: action.budgetName, ActionId: action.id };
    },
  };
}

function updateAction(parts: BudgetsParts): OperationHandler<UpdateBudgetActionRequest, UpdateBudgetActionResponse> {
  const { registry, onChange } = parts;
  return {
    // Also when the role stays: what is changed is done with its permissions.
    access: (call) => {
      const { AccountId, BudgetName, ActionId, ExecutionRoleArn } = call.input;
      const before = registry.action({ accountId: AccountId!, budgetName: BudgetName!, id: ActionId! });
      const role = ExecutionRoleArn ?? before?.body.executionRoleArn;
      return [...actionNeed('UpdateBudgetAction', parts)(call), ...(role === undefined ? [] : [passRole(role)])];
    },
    run: async ({ input, nowMs }) => {
      const { before, after } = await repeated(parts, () => {
        const stored = requireUnlocked(parts, input, 'update action');
        const changed = changedAction(stored.body, input, parts);
        requireExecutionRole(changed.executionRoleArn, changed.accountId, parts);
        const event = { atMs: nowMs, type: 'UPDATE_ACTION', message: 'The action was updated.' } as const;
        return { changes: registry.putAction(stored, changed, event), output: { before: stored.body, after: changed } };
      });
      onChange({ accountId: after.accountId, name: after.budgetName });
      return {
        AccountId: input.AccountId,
        BudgetName: input.BudgetName,
        OldAction: wireAction(before),
        NewAction: wireAction(after),
      };
    },
  };
}

/** What an update does not name stays. What the old definition has attached is still taken off when the action is undone. */
function changedAction(before: BudgetAction, input: UpdateBudgetActionRequest, parts: BudgetsParts): BudgetAction {
  const { NotificationType, ActionThreshold, Definition, ExecutionRoleArn, ApprovalModel, Subscribers } = input;
  return {
    ...before,
    ...(NotificationType && { notificationType: NotificationType }),
    ...(ActionThreshold && { threshold: readActionThreshold(ActionThreshold) }),
    ...(Definition && { definition: readDefinition(before.definition.type, Definition, before.accountId, parts) }),
    ...(ExecutionRoleArn !== undefined && { executionRoleArn: ExecutionRoleArn }),
    ...(ApprovalModel && { approval: ApprovalModel }),
    ...(Subscribers && { subscribers: readSubscribers(Subscribers) }),
  };
}

/** What the action has attached stays attached. */
function deleteAction(parts: BudgetsParts): OperationHandler<DeleteBudgetActionRequest, DeleteBudgetActionResponse> {
  const { registry } = parts;
  return {
    access: actionNeed('DeleteBudgetAction', parts),
    run: ({ input }) =>
      repeated(parts, () => {
        const stored = requireUnlocked(parts, input, 'delete action');
        const { AccountId, BudgetName } = input;
        return {
          changes: registry.deleteAction(stored),
          output: { AccountId, BudgetName, Action: wireAction(stored.body) },
        };
      }),
  };
}

/** Notes what is to be done; it is done beside the requests. */
function executeAction(parts: BudgetsParts): OperationHandler<ExecuteBudgetActionRequest, ExecuteBudgetActionResponse> {
  const { registry, onChange } = parts;
  return {
    access: actionNeed('ExecuteBudgetAction', parts),
    run: async ({ input, nowMs }) => {
      const type = input.ExecutionType!;
      await repeated(parts, () => {
        const stored = requireUnlocked(parts, input, 'execute action');
        const status = statusAfter(type, stored.body.status);
        // AWS's sentence is not published.
        if (!status) throw invalid(`${type} is not possible while the action is in status ${stored.body.status}.`);
        const event = { atMs: nowMs, type: 'EXECUTE_ACTION', message: `${type} was requested.` } as const;
        return { changes: registry.putAction(stored, { ...stored.body, status }, event), output: undefined };
      });
      onChange({ accountId: input.AccountId!, name: input.BudgetName! });
      const { AccountId, BudgetName, ActionId } = input;
      return { AccountId, BudgetName, ActionId, ExecutionType: type };
    },
  };
}

function describeAction(
  parts: BudgetsParts,
): OperationHandler<DescribeBudgetActionRequest, DescribeBudgetActionResponse> {
  return {
    access: actionNeed('DescribeBudgetAction', parts),
    run: ({ input }) => {
      const { AccountId, BudgetName } = input;
      return { AccountId, BudgetName, Action: wireAction(requireAction(parts, input, 'get action').body) };
    },
  };
}

function describeForBudget(
  parts: BudgetsParts,
): OperationHandler<DescribeBudgetActionsForBudgetRequest, DescribeBudgetActionsForBudgetResponse> {
  return {
    access: actionNeed('DescribeBudgetActionsForBudget', parts),
    run: ({ input }) => {
      const { budget } = requireBudget(parts, input, 'get actions');
      const { items, rest } = pageOf(parts.registry.actionsOf(budget.body), ({ body }) => body.id, input);
      return { Actions: items.map(({ body }) => wireAction(body)), ...rest };
    },
  };
}

function describeForAccount(
  parts: BudgetsParts,
): OperationHandler<DescribeBudgetActionsForAccountRequest, DescribeBudgetActionsForAccountResponse> {
  return {
    access: actionNeed('DescribeBudgetActionsForAccount', parts),
    run: ({ input }) => {
      const actions = parts.registry.actionsOfAccount(input.AccountId!);
      const { items, rest } = pageOf(actions, ({ budgetName, id }) => `${budgetName}/${id}`, input);
      return { Actions: items.map(wireAction), ...rest };
    },
  };
}

/** Newest first. */
function describeHistories(
  parts: BudgetsParts,
): OperationHandler<DescribeBudgetActionHistoriesRequest, DescribeBudgetActionHistoriesResponse> {
  return {
    access: actionNeed('DescribeBudgetActionHistories', parts),
    run: ({ input }) => {
      const { body } = requireAction(parts, input, 'get action histories');
      const { Start: start, End: end } = input.TimePeriod ?? {};
      const events = parts.registry
        .events(body)
        .filter(({ atMs }) => (!start || atMs >= start.getTime()) && (!end || atMs < end.getTime()));
      const { items, rest } = pageOf(events, newestFirstKey, input);
      const ActionHistories = items.map(({ atMs, type, message, action }) => ({
        Timestamp: new Date(atMs),
        Status: action.status,
        EventType: type,
        ActionHistoryDetails: { Message: message, Action: wireAction(action) },
      }));
      return { ActionHistories, ...rest };
    },
  };
}

/** Text that grows from the newest event to the oldest. */
function newestFirstKey({ sequence }: ActionEvent): string {
  return String(Number.MAX_SAFE_INTEGER - sequence);
}

interface NamedAction extends NamedBudget {
  readonly ActionId?: string | undefined;
}

function requireAction(parts: BudgetsParts, input: NamedAction, attempt: string): StoredRecord<BudgetAction> {
  const { budget } = requireBudget(parts, input, attempt);
  const { accountId, name } = budget.body;
  const found = parts.registry.action({ accountId, budgetName: name, id: input.ActionId! });
  if (found) return found;
  const message = `Unable to ${attempt}: ${input.ActionId} - the action doesn't exist.`;
  throw new Fault('NotFoundException', message);
}

function requireUnlocked(parts: BudgetsParts, input: NamedAction, attempt: string): StoredRecord<BudgetAction> {
  const stored = requireAction(parts, input, attempt);
  if (!isLocked(stored.body)) return stored;
  const message = `Unable to ${attempt}: the action is in status ${stored.body.status}.`;
  throw new Fault('ResourceLockedException', message);
}

/** Whoever gives a role to AWS Budgets must be allowed to. */
function passRole(roleArn: string): AccessNeed {
  return {
    action: 'iam:PassRole',
    resource: roleArn,
    context: new Map([['iam:PassedToService', ['budgets.amazonaws.com']]]),
  };
}
