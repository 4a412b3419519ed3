import type {
  CreateBudgetRequest,
  CreateBudgetResponse,
  DeleteBudgetRequest,
  DeleteBudgetResponse,
  DescribeBudgetRequest,
  DescribeBudgetResponse,
  DescribeBudgetsRequest,
  DescribeBudgetsResponse,
  UpdateBudgetRequest,
  UpdateBudgetResponse,
} from '@aws-sdk/client-budgets';
import type { Budget } from '../../budgets/budget.ts';
import { freshState } from '../../budgets/budget-state.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { budgetNeed, newBudgetNeeds, tagMap } from './access.ts';
import { wireBudget } from './budget-description.ts';
import { type BudgetDefinition, readBudget } from './budget-shape.ts';
import { type BudgetsParts, repeated, requireBudget } from './budgets-parts.ts';
import { readNotification, requireDistinct } from './notification-shape.ts';
import { pageOf } from './page.ts';
import { checkedTags } from './tags.ts';

/** AWS's quota for a management account and all its members; here a member's are bounded by themselves. */
const MAX_BUDGETS = 20_000;
const MAX_BUDGETS_OF_MEMBER = 1_000;

export function budgetOperations(parts: BudgetsParts): OperationTable {
  return {
    CreateBudget: createBudget(parts),
    UpdateBudget: updateBudget(parts),
    DeleteBudget: deleteBudget(parts),
    DescribeBudget: describeBudget(parts),
    DescribeBudgets: describeBudgets(parts),
  };
}

function createBudget(parts: BudgetsParts): OperationHandler<CreateBudgetRequest, CreateBudgetResponse> {
  const { registry, managementAccountId, onChange } = parts;
  return {
    access: ({ input }) => newBudgetNeeds(input.AccountId!, input.Budget!.BudgetName!, input.ResourceTags),
    run: async ({ input, nowMs }) => {
      const accountId = input.AccountId!;
      const budget: Budget = {
        ...readBudget(input.Budget!, { accountId, managementAccountId, nowMs }),
        notifications: (input.NotificationsWithSubscribers ?? []).map(({ Notification, Subscribers }) =>
          readNotification(Notification!, Subscribers!),
        ),
        tags: [...checkedTags(new Map(), tagMap(input.ResourceTags ?? []))],
        updatedAtMs: nowMs,
      };
      requireDistinct(budget.notifications);
      await repeated(parts, () => {
        if (registry.find(budget)) {
          throw new Fault(
            'DuplicateRecordException',
            `Error creating budget: ${budget.name} - the budget already exists.`,
          );
        }
        const most = accountId === managementAccountId ? MAX_BUDGETS : MAX_BUDGETS_OF_MEMBER;
        if (registry.list(accountId).length >= most) {
          throw new Fault('CreationLimitExceededException', `The account can have ${most} budgets.`);
        }
        return { changes: registry.create(budget, nowMs), output: undefined };
      });
      onChange(budget);
      return {};
    },
  };
}

/** Spend is counted anew, and thresholds are armed again, when what is budgeted or counted has changed. */
function updateBudget(parts: BudgetsParts): OperationHandler<UpdateBudgetRequest, UpdateBudgetResponse> {
  const { registry, managementAccountId, onChange } = parts;
  const nameOf = ({ AccountId, NewBudget }: UpdateBudgetRequest) => ({ AccountId, BudgetName: NewBudget!.BudgetName });
  return {
    access: (call) => budgetNeed('ModifyBudget', parts)({ ...call, input: nameOf(call.input) }),
    run: async ({ input, nowMs }) => {
      await repeated(parts, () => {
        const record = requireBudget(parts, nameOf(input), `update budget: ${input.NewBudget!.BudgetName}`);
        const { notifications, tags, updatedAtMs, ...before } = record.budget.body;
        const wire = { ...input.NewBudget!, TimePeriod: input.NewBudget!.TimePeriod ?? timePeriod(before, input) };
        const after = readBudget(wire, { accountId: before.accountId, managementAccountId, nowMs });
        const changed = registry.replaceBudget(record, { ...after, notifications, tags, updatedAtMs: nowMs });
        const isSame = JSON.stringify(sorted(after)) === JSON.stringify(sorted(before));
        const state = isSame ? [] : [registry.replaceState(record, freshState(nowMs, record.state.body))];
        return { changes: [changed, ...state], output: undefined };
      });
      onChange({ accountId: input.AccountId!, name: input.NewBudget!.BudgetName! });
      return {};
    },
  };
}

/** A period that an update does not name stays, unless the budget gets another time unit. */
function timePeriod(before: BudgetDefinition, { NewBudget }: UpdateBudgetRequest) {
  if (NewBudget!.TimeUnit !== before.timeUnit) return undefined;
  return { Start: new Date(before.startMs), End: new Date(before.endMs) };
}

/** Members in the order of their names, at every depth. */
function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sorted);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, sorted(member)]);
}

function deleteBudget(parts: BudgetsParts): OperationHandler<DeleteBudgetRequest, DeleteBudgetResponse> {
  const { registry } = parts;
  return {
    access: budgetNeed('ModifyBudget', parts),
    run: ({ input }) =>
      repeated(parts, () => {
        const named = { accountId: input.AccountId!, name: input.BudgetName! };
        const record = registry.find(named);
        if (!record) {
          // With the space at its end, as AWS sends it.
          const message = `Unable to delete budget: ${named.name} - the budget doesn't exist. Try creating it first. `;
          throw new Fault('NotFoundException', message);
        }
        return { changes: registry.delete(record), output: {} };
      }),
  };
}

function describeBudget(parts: BudgetsParts): OperationHandler<DescribeBudgetRequest, DescribeBudgetResponse> {
  return {
    access: budgetNeed('ViewBudget', parts),
    run: ({ input, nowMs }) => {
      const record = requireBudget(parts, input, `get budget: ${input.BudgetName}`);
      return { Budget: wireBudget(record, nowMs, input.ShowFilterExpression ?? false) };
    },
  };
}

function describeBudgets(parts: BudgetsParts): OperationHandler<DescribeBudgetsRequest, DescribeBudgetsResponse> {
  const { registry } = parts;
  return {
    access: budgetNeed('ViewBudget', parts),
    run: ({ input, nowMs }) => {
      const { items, rest } = pageOf(registry.list(input.AccountId!), ({ name }) => name, input);
      const showsFilter = input.ShowFilterExpression ?? false;
      return { Budgets: items.map((budget) => wireBudget(registry.find(budget)!, nowMs, showsFilter)), ...rest };
    },
  };
}
