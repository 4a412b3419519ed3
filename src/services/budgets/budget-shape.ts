import type { Budget as WireBudget, Spend as WireSpend } from '@aws-sdk/client-budgets';
import {
  type Budget,
  type BudgetLimit,
  type BudgetMetric,
  type BudgetScope,
  type BudgetType,
  COST_TYPE_DEFAULTS,
  type CostTypes,
  type Spend,
  type TimeUnit,
} from '../../budgets/budget.ts';
import { amountText, parseAmount } from '../../budgets/budget-amount.ts';
import { isLegacyFilter, questionOf } from '../../budgets/budget-filter.ts';
import { unitOf } from '../../budgets/budget-limit.ts';
import { calendarStartMs, NO_END_MS, shiftedStartMs } from '../../budgets/budget-period.ts';
import { Fault } from '../../kernel/fault.ts';
import { SECOND_MS } from '../../kernel/time.ts';
import { billingView } from '../../reports/billing-view.ts';
import { validateQuery } from '../../reports/validate-query.ts';
import { invalid } from './budgets-parts.ts';

/** What a request says about a budget: all but what is kept beside it. */
export type BudgetDefinition = Omit<Budget, 'notifications' | 'tags' | 'updatedAtMs'>;

const METRICS: Readonly<Record<BudgetType, readonly string[]>> = {
  COST: ['UnblendedCost', 'BlendedCost', 'AmortizedCost', 'NetUnblendedCost', 'NetAmortizedCost'],
  USAGE: ['UsageQuantity'],
};

/** Most periods that a limit may look back over (Budgets API reference, HistoricalOptions, checked 2026-11). */
const LOOK_BACK_MAX = { DAILY: 60, MONTHLY: 12, QUARTERLY: 4, ANNUALLY: 1 } as const;
/** Entries of a plan. */
const PLANNED_PERIODS = { MONTHLY: 12, QUARTERLY: 4 } as const;

/**
 * The wire's `Budget` as a definition; the wire has checked it against the model. Throws InvalidParameterException. AWS's
 * sentences are published for a missing limit alone.
 */
export function readBudget(
  wire: WireBudget,
  { accountId, managementAccountId, nowMs }: { accountId: string; managementAccountId: string; nowMs: number },
): BudgetDefinition {
  const type = readType(wire.BudgetType!);
  const timeUnit = wire.TimeUnit! as TimeUnit;
  const { BillingViewArn: viewArn } = wire;
  if (viewArn !== undefined && !billingView(viewArn, accountId)) {
    throw new Fault('NotFoundException', `The billing view ${viewArn} was not found.`);
  }
  const definition: BudgetDefinition = {
    accountId,
    name: wire.BudgetName!,
    type,
    timeUnit,
    limit: readLimit(wire, type, timeUnit, nowMs),
    ...readTimePeriod(wire, timeUnit, nowMs),
    scope: readScope(wire, type),
    ...(viewArn !== undefined && { billingViewArn: viewArn }),
  };
  checkQuestion(definition, managementAccountId);
  return definition;
}

function readType(type: string): BudgetType {
  if (type === 'COST' || type === 'USAGE') return type;
  throw invalid(`Budgets of type ${type} are not supported: there are no reservations and savings plans here.`);
}

function readSpend({ Amount, Unit }: WireSpend, type: BudgetType): Spend {
  const amount = parseAmount(Amount!);
  if (amount === undefined) throw invalid(`Amount ${Amount} is invalid: up to 12 fraction digits are allowed.`);
  const unit = unitOf(type);
  if (Unit !== unit) throw invalid(`Unit ${Unit} is invalid: ${type} budgets are counted in ${unit}.`);
  return { amount: amountText(amount), unit };
}

/** A limit beside AutoAdjustData is what a description shows of it, and falls away. */
function readLimit(wire: WireBudget, type: BudgetType, timeUnit: TimeUnit, nowMs: number): BudgetLimit {
  const { BudgetLimit: spend, PlannedBudgetLimits: planned, AutoAdjustData: adjust } = wire;
  if (planned && (spend || adjust)) {
    throw invalid('PlannedBudgetLimits cannot be used together with BudgetLimit or AutoAdjustData.');
  }
  if (planned) return readPlan(planned, type, timeUnit, nowMs);
  if (adjust) {
    if (timeUnit === 'CUSTOM') throw invalid('Budgets with the time unit CUSTOM cannot be auto-adjusting.');
    if (adjust.AutoAdjustType === 'FORECAST') return { kind: 'forecast' };
    const lookBackPeriods = adjust.HistoricalOptions?.BudgetAdjustmentPeriod;
    if (lookBackPeriods === undefined) throw invalid('HistoricalOptions is required for the type HISTORICAL.');
    if (lookBackPeriods > LOOK_BACK_MAX[timeUnit]) {
      throw invalid(`BudgetAdjustmentPeriod must be at most ${LOOK_BACK_MAX[timeUnit]} for ${timeUnit} budgets.`);
    }
    return { kind: 'historical', lookBackPeriods };
  }
  if (spend) return { kind: 'fixed', spend: readSpend(spend, type) };
  throw invalid(
    'Unable to create/update budget - please provide one of the followings: Budget Limit/ Planned Budget Limit/ Auto Adjust Data',
  );
}

function readPlan(
  planned: Readonly<Record<string, WireSpend>>,
  type: BudgetType,
  timeUnit: TimeUnit,
  nowMs: number,
): BudgetLimit {
  if (timeUnit !== 'MONTHLY' && timeUnit !== 'QUARTERLY') {
    throw invalid('PlannedBudgetLimits is for MONTHLY and QUARTERLY budgets.');
  }
  const spends = Object.entries(planned)
    .map(([seconds, spend]) => [Number(seconds) * SECOND_MS, readSpend(spend, type)] as const)
    .sort(([a], [b]) => a - b);
  const count = PLANNED_PERIODS[timeUnit];
  if (spends.length !== count) throw invalid(`PlannedBudgetLimits of ${timeUnit} budgets must have ${count} entries.`);
  const firstMs = spends[0]![0];
  const isInOrder = spends.every(([startMs], index) => startMs === shiftedStartMs(timeUnit, firstMs, index));
  if (!isInOrder || firstMs !== calendarStartMs(timeUnit, firstMs) || firstMs > nowMs) {
    throw invalid(
      'PlannedBudgetLimits must have the start of every period, one after the other, from the current one on.',
    );
  }
  return { kind: 'planned', spends };
}

function readTimePeriod(wire: WireBudget, timeUnit: TimeUnit, nowMs: number): { startMs: number; endMs: number } {
  const { Start: start, End: end } = wire.TimePeriod ?? {};
  if (timeUnit === 'CUSTOM' && !(start && end)) throw invalid('TimePeriod is required for the time unit CUSTOM.');
  const startMs = start?.getTime() ?? (timeUnit === 'CUSTOM' ? nowMs : calendarStartMs(timeUnit, nowMs));
  const endMs = end?.getTime() ?? NO_END_MS;
  if (startMs < 0 || endMs > NO_END_MS) throw invalid('TimePeriod must be between 1970-01-01 and 2087-06-15.');
  if (startMs >= endMs) throw invalid('The start of TimePeriod must be before its end.');
  if (endMs <= nowMs) throw invalid('The end of TimePeriod must be in the future.');
  return { startMs, endMs };
}

function readScope(wire: WireBudget, type: BudgetType): BudgetScope {
  const { FilterExpression: expression, Metrics: metrics, CostFilters: filters, CostTypes: types } = wire;
  const [metric] = metrics ?? [];
  if (expression || metric) {
    if (filters || types) {
      throw invalid('FilterExpression and Metrics cannot be used together with CostFilters and CostTypes.');
    }
    if (metric && !METRICS[type].includes(metric)) throw invalid(`Metric ${metric} is invalid for ${type} budgets.`);
    return {
      form: 'expression',
      ...(expression && { expression }),
      ...(metric && { metric: metric as BudgetMetric }),
    };
  }
  const stray = Object.keys(filters ?? {}).find((name) => !isLegacyFilter(name));
  if (stray !== undefined) throw invalid(`Cost filter ${stray} is invalid.`);
  const empty = Object.entries(filters ?? {}).find(([, values]) => values.length === 0);
  if (empty) throw invalid(`Cost filter ${empty[0]} has no values.`);
  if (types && type !== 'COST') throw invalid('CostTypes is for COST budgets.');
  return {
    form: 'legacy',
    costFilters: filters ?? {},
    ...(type === 'COST' && { costTypes: readCostTypes(types ?? {}) }),
  };
}

function readCostTypes(wire: Partial<Record<keyof CostTypes, boolean | undefined>>): CostTypes {
  const names = Object.keys(COST_TYPE_DEFAULTS) as (keyof CostTypes)[];
  return Object.fromEntries(names.map((name) => [name, wire[name] ?? COST_TYPE_DEFAULTS[name]])) as CostTypes;
}

/** That it can be asked for; Cost Explorer's sentences stand for those that AWS Budgets does not publish. */
function checkQuestion(definition: BudgetDefinition, managementAccountId: string): void {
  try {
    const { filter } = questionOf(definition, managementAccountId);
    const range = { startMs: 0, endMs: NO_END_MS };
    validateQuery({ range, granularity: 'TOTAL', groupBy: [], ...(filter && { filter }) });
  } catch (error) {
    throw error instanceof Fault ? invalid(error.message) : error;
  }
}
