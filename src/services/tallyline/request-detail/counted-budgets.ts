import type { BudgetTable } from '../../../admission/budget-table.ts';
import { amountText, dimensionText } from '../../../admission/hard-budget.ts';
import {
  compileScope,
  dimensionValue,
  roleArnOf,
  type SpendSubject,
  scopeText,
} from '../../../admission/spend-scope.ts';
import type { UsageEvent } from '../../../metering/usage-event.ts';

/**
 * The hard budgets that count such a call, and how each stands: those of today, because past ones are not on record. Whom else
 * they count is for those who see everything.
 */
export function countedBudgets(
  event: UsageEvent,
  table: BudgetTable,
  { seesAll, nowMs }: { readonly seesAll: boolean; readonly nowMs: number },
): unknown[] {
  const { principalArn, accountId, modelId, accessKeyId: keyId, principalTags } = event;
  const roleArn = roleArnOf(principalArn);
  const subject: SpendSubject = { principalArn, roleArn, accountId, modelId, keyId, tags: new Map(principalTags) };
  const counting = [...table.all()].filter(({ scope }) => compileScope(scope)(subject));
  return counting.map((state) => {
    const { name, unit, each, mode } = state.budget;
    const counter = state.counters.get(each === undefined ? '' : dimensionValue(each, subject));
    counter?.advance(nowMs);
    const resetsAtMs = counter?.resetsAtMs(nowMs);
    return {
      ...{ Name: name, Mode: mode, Unit: unit },
      ...(seesAll && { Scope: scopeText(state.scope) }),
      ...(each !== undefined && { Each: dimensionText(each), Value: dimensionValue(each, subject) }),
      Limit: amountText(state.limit(nowMs), unit),
      Spent: amountText(counter?.spent ?? 0n, unit),
      ...(resetsAtMs !== undefined && { ResetsAt: new Date(resetsAtMs) }),
      // A counter that began anew since does not have the call any more.
      IsCounted: unit !== 'concurrency' && state.endMs(event.admittedAtMs) > nowMs,
    };
  });
}
