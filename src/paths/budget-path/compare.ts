import { type BudgetNotification, notificationKey } from '../../budgets/budget.ts';
import { type BudgetAction, standingBy, statusInNewPeriod, triggeredStatus } from '../../budgets/budget-action.ts';
import { amountText } from '../../budgets/budget-amount.ts';
import { type BudgetState, withLimit } from '../../budgets/budget-state.ts';
import { comparedAmount, isCrossed, nextState } from '../../budgets/budget-threshold.ts';
import type { StoredRecord } from '../../kernel/record-store.ts';
import type { AskedBudget } from './ask.ts';

/** An asked budget with all that follows from what it has come to; nothing is written yet. */
export interface ComparedBudget extends AskedBudget {
  readonly state: BudgetState;
  /** Notifications whose subscribers are to be told. */
  readonly told: readonly BudgetNotification[];
  readonly moved: readonly MovedAction[];
}

/** An action that gets another state. */
export interface MovedAction {
  readonly before: StoredRecord<BudgetAction>;
  readonly after: BudgetAction;
  readonly message: string;
}

export function compare(asked: AskedBudget, actions: readonly StoredRecord<BudgetAction>[]): ComparedBudget {
  const { record, period, isClosing, standing, spend, adjusted, unhealthy, nowMs } = asked;
  const before = record.state.body;
  const told: BudgetNotification[] = [];
  const states = record.budget.body.notifications.map((notification) => {
    const key = notificationKey(notification);
    const known = before.notifications[key];
    if (!standing) return [key, known] as const;
    const { state, isTold } = nextState(notification, known, standing);
    if (isTold) told.push(notification);
    return [key, state] as const;
  });
  const state: BudgetState = {
    // A period that is closed is not looked at again.
    ...(spend &&
      !isClosing && {
        spend: {
          periodStartMs: period.startMs,
          actual: String(spend.actual),
          ...(spend.forecast !== undefined && { forecast: String(spend.forecast) }),
        },
      }),
    ...(unhealthy && { unhealthy }),
    healthChangedAtMs: before.unhealthy === unhealthy ? before.healthChangedAtMs : nowMs,
    ...(adjusted && { adjusted }),
    notifications: Object.fromEntries(states.flatMap(([key, known]) => (known ? [[key, known] as const] : []))),
    limits: standing ? withLimit(before.limits, period.startMs, amountText(standing.limit)) : before.limits,
  };
  return { ...asked, state, told, moved: actions.flatMap((action) => moved(action, asked) ?? []) };
}

/** What the amounts, or the end of the period before, make of an action; undefined when it stays as it is. */
function moved(before: StoredRecord<BudgetAction>, asked: AskedBudget): MovedAction | undefined {
  const action = before.body;
  const { standing, period, isClosing } = asked;
  if (isClosing) return undefined;
  const isOfPast = action.periodStartMs !== undefined && action.periodStartMs !== period.startMs;
  const ended = isOfPast ? statusInNewPeriod(action) : undefined;
  if (ended === 'REVERSE_IN_PROGRESS') {
    return { before, after: { ...action, status: ended }, message: 'A new budget period began: the action is undone.' };
  }
  if (ended)
    return { before, after: standingBy(action), message: 'A new budget period began: the action stands by again.' };
  if (action.status !== 'STANDBY' || !standing) return undefined;
  const amount = comparedAmount(action.notificationType, standing);
  if (amount === undefined || !isCrossed(action.threshold, 'GREATER_THAN', amount, standing.limit)) return undefined;
  const status = triggeredStatus(action);
  const message = `The ${action.notificationType} amount exceeded the threshold of the action.`;
  return { before, after: { ...action, status, periodStartMs: period.startMs }, message };
}
