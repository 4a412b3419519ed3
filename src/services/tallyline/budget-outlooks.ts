import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import type { BudgetOutlook, LimitOutlooks } from '../../paths/outlook-path.ts';

export interface BudgetOutlookParts {
  readonly outlooks: LimitOutlooks;
  readonly managementAccountId: string;
}

interface GetBudgetOutlooksInput {
  /** Default: both; hard budgets are the management account's alone. */
  readonly Kind?: 'AWS' | 'HARD';
  /** Of one budget. */
  readonly Name?: string;
}

/** GetBudgetOutlooks: whether the caller's budgets will be passed in the period that is under way, and when. */
export function getBudgetOutlooks({
  outlooks,
  managementAccountId,
}: BudgetOutlookParts): OperationHandler<GetBudgetOutlooksInput, unknown> {
  return {
    access: () => [{ action: 'tallyline:GetBudgetOutlooks', resource: '*' }],
    run: async ({ input: { Kind, Name }, caller, nowMs }) => {
      const isManagement = caller.accountId === managementAccountId;
      if (Kind === 'HARD' && !isManagement) {
        throw new Fault('AccessDeniedException', 'only the management account has hard budgets');
      }
      const found = [
        ...(Kind === 'HARD' ? [] : await outlooks.ofAccount(caller.accountId, nowMs, Name)),
        ...(Kind === 'AWS' || !isManagement ? [] : await outlooks.ofHardBudgets(nowMs, Name)),
      ];
      return { Outlooks: found.sort(byUrgency).map(wireOutlook) };
    },
  };
}

/** What has passed first, then the likeliest to. */
function byUrgency(a: BudgetOutlook, b: BudgetOutlook): number {
  if (a.isPassed !== b.isPassed) return a.isPassed ? -1 : 1;
  if (a.chance !== b.chance) return (b.chance ?? -1) - (a.chance ?? -1);
  return a.name < b.name ? -1 : 1;
}

/** Digits of a chance: a forecast knows no more. */
const CHANCE_DIGITS = 2;

function wireOutlook(outlook: BudgetOutlook): object {
  const { kind, name, value, unit, startMs, endMs, limit, actual, madeAtMs, isPassed } = outlook;
  const { expected, lower, upper, chance, passes = {} } = outlook;
  const { earliestMs, likelyMs, latestMs } = passes;
  return {
    ...{ Kind: kind === 'aws' ? 'AWS' : 'HARD', Name: name, Unit: unit },
    ...(value !== undefined && { Value: value }),
    ...{ Start: new Date(startMs), End: new Date(endMs), Limit: limit, Actual: actual, IsPassed: isPassed },
    MadeAt: new Date(madeAtMs),
    ...(expected !== undefined && { Expected: expected, Lower: lower, Upper: upper }),
    ...(chance !== undefined && { Chance: chance.toFixed(CHANCE_DIGITS) }),
    ...(earliestMs !== undefined && { Earliest: new Date(earliestMs) }),
    ...(likelyMs !== undefined && { Likely: new Date(likelyMs) }),
    ...(latestMs !== undefined && { Latest: new Date(latestMs) }),
  };
}
