import type { AutoAdjustData, Budget as WireBudget, Spend as WireSpend } from '@aws-sdk/client-budgets';
import type { Budget, Spend } from '../../budgets/budget.ts';
import { amountText } from '../../budgets/budget-amount.ts';
import { limitIn, unitOf } from '../../budgets/budget-limit.ts';
import { type Period, periodAt } from '../../budgets/budget-period.ts';
import type { BudgetRecord } from '../../budgets/budget-registry.ts';
import type { BudgetState } from '../../budgets/budget-state.ts';
import { SECOND_MS } from '../../kernel/time.ts';

/** A budget as it is described. `showsFilter`: with the expression and the metric, which AWS shows only when asked to. */
export function wireBudget({ budget, state }: BudgetRecord, nowMs: number, showsFilter: boolean): WireBudget {
  const { name, type, timeUnit, limit, startMs, endMs, scope, billingViewArn, updatedAtMs } = budget.body;
  const { unhealthy, healthChangedAtMs } = state.body;
  const period = periodAt(budget.body, nowMs) ?? { startMs, endMs };
  const spend = limitIn(budget.body, period, state.body.adjusted);
  return {
    BudgetName: name,
    ...(spend && { BudgetLimit: wireSpend(spend) }),
    ...(limit.kind === 'planned' && {
      PlannedBudgetLimits: Object.fromEntries(
        limit.spends.map(([atMs, planned]) => [String(atMs / SECOND_MS), wireSpend(planned)]),
      ),
    }),
    ...(scope.form === 'legacy' && { CostFilters: mutable(scope.costFilters), CostTypes: scope.costTypes }),
    TimeUnit: timeUnit,
    TimePeriod: { Start: new Date(startMs), End: new Date(endMs) },
    CalculatedSpend: calculatedSpend(budget.body, state.body, period),
    BudgetType: type,
    LastUpdatedTime: new Date(updatedAtMs),
    ...(autoAdjusts(budget.body) && { AutoAdjustData: autoAdjustData(budget.body, state.body) }),
    ...(showsFilter &&
      scope.form === 'expression' && {
        ...(scope.expression && { FilterExpression: scope.expression as WireBudget['FilterExpression'] }),
        ...(scope.metric && { Metrics: [scope.metric] }),
      }),
    ...(billingViewArn !== undefined && { BillingViewArn: billingViewArn }),
    HealthStatus: {
      Status: unhealthy ? 'UNHEALTHY' : 'HEALTHY',
      ...(unhealthy && { StatusReason: unhealthy }),
      LastUpdatedTime: new Date(healthChangedAtMs),
    },
  };
}

export function wireSpend({ amount, unit }: Spend): WireSpend {
  return { Amount: amount, Unit: unit };
}

/** Of the current period; nothing until it was looked at for the first time. */
function calculatedSpend({ type }: Budget, { spend }: BudgetState, period: Period): WireBudget['CalculatedSpend'] {
  const ofPeriod = spend?.periodStartMs === period.startMs ? spend : undefined;
  const wire = (amount: string) => ({ Amount: amountText(BigInt(amount)), Unit: unitOf(type) });
  return {
    ActualSpend: wire(ofPeriod?.actual ?? '0'),
    ...(ofPeriod?.forecast !== undefined && { ForecastedSpend: wire(ofPeriod.forecast) }),
  };
}

function autoAdjusts({ limit }: Budget): boolean {
  return limit.kind === 'historical' || limit.kind === 'forecast';
}

function autoAdjustData({ limit }: Budget, { adjusted }: BudgetState): AutoAdjustData {
  const last = adjusted && { LastAutoAdjustTime: new Date(adjusted.adjustedAtMs) };
  if (limit.kind !== 'historical') return { AutoAdjustType: 'FORECAST', ...last };
  return {
    AutoAdjustType: 'HISTORICAL',
    HistoricalOptions: {
      BudgetAdjustmentPeriod: limit.lookBackPeriods,
      ...(adjusted?.lookBackAvailable !== undefined && { LookBackAvailablePeriods: adjusted.lookBackAvailable }),
    },
    ...last,
  };
}

function mutable(filters: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(filters).map(([name, values]) => [name, [...values]]));
}
