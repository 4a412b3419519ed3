import type { BudgetState, BudgetTable } from '../../../admission/budget-table.ts';
import { amountText } from '../../../admission/hard-budget.ts';
import type { SpendCounter } from '../../../admission/spend-counter.ts';
import type { Budget } from '../../../budgets/budget.ts';
import { limitAmount } from '../../../budgets/budget-limit.ts';
import type { BudgetRegistry } from '../../../budgets/budget-registry.ts';
import { standOf } from '../../../budgets/budget-stand.ts';
import type { CallerBudget } from '../../../identity/caller-budget.ts';
import { formatUsd, parsePicoUsd } from '../../../kernel/money.ts';

/** How a budget stands. Amounts are decimal text in the unit. */
export interface BudgetStanding {
  readonly Name: string;
  /** `hard` refuses calls; `alert` tells. */
  readonly Kind: 'alert' | 'hard';
  /** Of a hard budget with a counter for every caller, tag value, ...: whose counter it is. */
  readonly Value?: string;
  readonly Unit: string;
  readonly Limit: string;
  /** Absent: not known yet. */
  readonly Used?: string;
  /** What the period is expected to come to; absent: not known. */
  readonly Forecast?: string;
  readonly ResetsAt?: Date;
}

/** All budgets of an account and, in the management account, the hard ones; those nearest to their limits first. */
export function allStandings(
  budgets: Iterable<Budget>,
  registry: BudgetRegistry,
  table: BudgetTable | undefined,
  nowMs: number,
): BudgetStanding[] {
  const alerts = [...budgets].flatMap((budget) => alertStanding(budget, registry, nowMs) ?? []);
  const hard = [...(table?.all() ?? [])].flatMap((state) => hardStanding(state, nowMs) ?? []);
  return worstFirst([...hard, ...alerts]);
}

/** The same of budgets as a caller sees them. */
export function callerStandings(budgets: readonly CallerBudget[]): BudgetStanding[] {
  return worstFirst(
    budgets.map(({ name, kind, unit, limit, used, resetsAtMs }) => ({
      ...{ Name: name, Kind: kind, Unit: unit, Limit: limit },
      ...(used !== undefined && { Used: used }),
      ...(resetsAtMs !== undefined && { ResetsAt: new Date(resetsAtMs) }),
    })),
  );
}

function alertStanding(budget: Budget, registry: BudgetRegistry, nowMs: number): BudgetStanding | undefined {
  const stand = standOf(budget, registry, nowMs);
  if (!stand) return undefined;
  const { limit, spend, endMs } = stand;
  return {
    ...{ Name: budget.name, Kind: 'alert', Unit: limit.unit, Limit: formatUsd(limitAmount(limit)) },
    ...(spend && { Used: formatUsd(BigInt(spend.actual)) }),
    ...(spend?.forecast !== undefined && { Forecast: formatUsd(BigInt(spend.forecast)) }),
    ...(endMs !== undefined && { ResetsAt: new Date(endMs) }),
  };
}

/** The counter that has least room left; undefined for limits on concurrency, which nothing uses up. */
function hardStanding(state: BudgetState, nowMs: number): BudgetStanding | undefined {
  const { name, unit, each } = state.budget;
  if (unit === 'concurrency') return undefined;
  for (const counter of state.counters.values()) counter.advance(nowMs);
  const fullest = [...state.counters.values()].reduce<SpendCounter | undefined>(
    (best, counter) => (best && best.spent >= counter.spent ? best : counter),
    undefined,
  );
  const resetsAtMs = fullest?.resetsAtMs(nowMs);
  return {
    ...{ Name: name, Kind: 'hard', Unit: unit, Limit: amountText(state.limit(nowMs), unit) },
    ...(each !== undefined && fullest && { Value: fullest.value }),
    Used: amountText(fullest?.spent ?? 0n, unit),
    ...(resetsAtMs !== undefined && { ResetsAt: new Date(resetsAtMs) }),
  };
}

function worstFirst(standings: BudgetStanding[]): BudgetStanding[] {
  const usedShare = ({ Used = '0', Limit }: BudgetStanding) => {
    const limit = parsePicoUsd(Limit);
    return limit === 0n ? 0n : (parsePicoUsd(Used) * 1_000_000n) / limit;
  };
  return standings.sort((a, b) => {
    const [shareA, shareB] = [usedShare(a), usedShare(b)];
    return shareA === shareB ? (a.Name < b.Name ? -1 : 1) : shareA > shareB ? -1 : 1;
  });
}
