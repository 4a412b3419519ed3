import type { Budget } from '../../budgets/budget.ts';
import { questionOf } from '../../budgets/budget-filter.ts';
import { limitAmount } from '../../budgets/budget-limit.ts';
import type { BudgetRegistry } from '../../budgets/budget-registry.ts';
import { standOf } from '../../budgets/budget-stand.ts';
import type { CallerBudget, CallerBudgets } from '../../identity/caller-budget.ts';
import type { Caller } from '../../identity/principal.ts';
import { TAG_PREFIX } from '../../kernel/billing-tag-key.ts';
import { Fault } from '../../kernel/fault.ts';
import { formatUsd } from '../../kernel/money.ts';
import type { GroupKey, ReportFilter } from '../../reports/report-query.ts';
import { isMatch } from '../../reports/text-match.ts';

/** Budgets of AWS's kind that count the caller's calls, or may. */
export function alertBudgets(registry: BudgetRegistry, managementAccountId: string): CallerBudgets {
  return (caller, nowMs) =>
    [...registry.all()].flatMap((budget) =>
      isShown(budget, caller, managementAccountId) ? (callerBudgetOf(budget, registry, nowMs) ?? []) : [],
    );
}

/** Of another account's budgets only those that surely count the caller: the rest is not for its eyes. */
function isShown(budget: Budget, caller: Caller, managementAccountId: string): boolean {
  const { filter } = filterOf(budget, managementAccountId);
  const counts = filter ? countsCalls(filter, caller) : undefined;
  return budget.accountId === caller.accountId ? counts !== false : counts === true;
}

/** An expression that is none counts nothing. */
function filterOf(budget: Budget, managementAccountId: string): { readonly filter?: ReportFilter } {
  try {
    return questionOf(budget, managementAccountId);
  } catch (error) {
    if (error instanceof Fault) return { filter: { or: [] } };
    throw error;
  }
}

/** Undefined: it depends on the call. */
function countsCalls(filter: ReportFilter, caller: Caller): boolean | undefined {
  if ('and' in filter) return all(filter.and.map((part) => countsCalls(part, caller)));
  if ('or' in filter) return not(all(filter.or.map((part) => not(countsCalls(part, caller)))));
  if ('not' in filter) return not(countsCalls(filter.not, caller));
  if ('absent' in filter) {
    const value = typeof filter.absent === 'string' ? undefined : valueOfCaller(filter.absent, caller);
    return value === undefined ? undefined : value === '';
  }
  const value = valueOfCaller(filter.key, caller);
  return value === undefined ? undefined : isMatch(value, filter);
}

function all(parts: readonly (boolean | undefined)[]): boolean | undefined {
  if (parts.includes(false)) return false;
  return parts.includes(undefined) ? undefined : true;
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

/** What every call of the caller has for a key: empty where it has none; undefined where that is the call's own. */
function valueOfCaller(key: GroupKey, { accountId, arn, tags }: Caller): string | undefined {
  if ('dimension' in key) {
    if (key.dimension === 'account') return accountId;
    if (key.dimension === 'principal') return arn;
    return key.dimension === 'recordType' ? 'Usage' : undefined;
  }
  if (!('tag' in key) || !key.tag.startsWith(TAG_PREFIX.principal)) return undefined;
  return tags.get(key.tag.slice(TAG_PREFIX.principal.length)) ?? '';
}

function callerBudgetOf(budget: Budget, registry: BudgetRegistry, nowMs: number): CallerBudget | undefined {
  const stand = standOf(budget, registry, nowMs);
  if (!stand) return undefined;
  const { limit, spend, endMs } = stand;
  return {
    name: budget.name,
    kind: 'alert',
    unit: limit.unit,
    limit: formatUsd(limitAmount(limit)),
    ...(spend && { used: formatUsd(BigInt(spend.actual)) }),
    ...(endMs !== undefined && { resetsAtMs: endMs }),
  };
}
