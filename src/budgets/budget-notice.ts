import { type Notice, type NoticeAddress, oneLine } from '../kernel/notice.ts';
import { isoSeconds } from '../kernel/time.ts';
import type { Budget, BudgetNotification, Threshold } from './budget.ts';
import { type ActionStatus, attachmentsOf, attachmentText, type BudgetAction } from './budget-action.ts';
import { amountText } from './budget-amount.ts';
import { unitOf } from './budget-limit.ts';
import type { Period } from './budget-period.ts';
import type { Standing } from './budget-threshold.ts';

/** A notice without its address and id. */
type Message = Pick<Notice, 'subject' | 'text' | 'facts'>;

/** Policies that a text names; the facts have all of them. */
const MAX_NAMED_POLICIES = 10;

/** One notice for each subscriber. */
export function noticesTo(
  subscribers: readonly NoticeAddress[],
  accountId: string,
  message: Message,
  newId: () => string,
): Notice[] {
  // Names of budgets may have line breaks in them.
  const subject = message.subject.replaceAll(/\p{Cc}+/gu, ' ');
  return subscribers.map((address) => ({ id: newId(), accountId, address, ...message, subject }));
}

/** What subscribers of a notification are told. Subject as AWS has it, the text is our own. */
export function thresholdMessage(
  budget: Budget,
  { type, operator, threshold }: Omit<BudgetNotification, 'subscribers'>,
  standing: Standing,
  period: Period,
): Message {
  const unit = unitOf(budget.type);
  const amount = (value: bigint) => `${amountText(value)} ${unit}`;
  const rows: readonly (readonly [string, string])[] = [
    ['Account', budget.accountId],
    ['Budget', oneLine(budget.name)],
    ['Period', `${isoSeconds(period.startMs)} to ${isoSeconds(period.endMs)}, ${budget.timeUnit}`],
    ['Budgeted', amount(standing.limit)],
    ['Actual', amount(standing.actual)],
    ...(standing.forecast === undefined ? [] : [['Forecast', amount(standing.forecast)] as const]),
    ['Threshold', `${type} ${operator} ${thresholdText(threshold, unit)}`],
  ];
  return {
    subject: `AWS Budgets: ${oneLine(budget.name)} has exceeded your alert threshold`,
    text: `${rows.map(([name, value]) => `${name}: ${value}`).join('\n')}\n`,
    facts: {
      event: 'budgetThreshold',
      accountId: budget.accountId,
      budgetName: budget.name,
      budgetType: budget.type,
      timeUnit: budget.timeUnit,
      periodStart: isoSeconds(period.startMs),
      periodEnd: isoSeconds(period.endMs),
      notificationType: type,
      comparisonOperator: operator,
      threshold: threshold.value,
      thresholdType: threshold.type,
      unit,
      limit: amountText(standing.limit),
      actual: amountText(standing.actual),
      ...(standing.forecast !== undefined && { forecast: amountText(standing.forecast) }),
    },
  };
}

const ACTION_SUBJECTS: Readonly<Partial<Record<ActionStatus, string>>> = {
  PENDING: 'waits for your approval',
  EXECUTION_SUCCESS: 'was executed',
  EXECUTION_FAILURE: 'could not be executed',
  REVERSE_SUCCESS: 'was undone',
  REVERSE_FAILURE: 'could not be undone',
};

/** What subscribers of an action are told; undefined for states that are no news. */
export function actionMessage(action: BudgetAction, detail: string): Message | undefined {
  const { accountId, budgetName, id, status, notificationType, threshold, definition } = action;
  const subject = ACTION_SUBJECTS[status];
  if (subject === undefined) return undefined;
  const attachments = attachmentsOf(definition).map(attachmentText);
  const rows: readonly (readonly [string, string])[] = [
    ['Account', accountId],
    ['Budget', oneLine(budgetName)],
    ['Action', `${definition.type} ${id}`],
    ['Status', status],
    ['Threshold', `${notificationType} ${thresholdText(threshold, '')}`.trim()],
    ...attachments.slice(0, MAX_NAMED_POLICIES).map((text) => ['Policy', text] as const),
    ...(attachments.length > MAX_NAMED_POLICIES ? [['Policies', `${attachments.length} in all`] as const] : []),
    ['Detail', detail],
  ];
  return {
    subject: `AWS Budgets: an action of ${oneLine(budgetName)} ${subject}`,
    text: `${rows.map(([name, value]) => `${name}: ${value}`).join('\n')}\n`,
    facts: {
      event: 'budgetAction',
      accountId,
      budgetName,
      actionId: id,
      status,
      notificationType,
      attachments,
      detail,
    },
  };
}

function thresholdText({ value, type }: Threshold, unit: string): string {
  return type === 'PERCENTAGE' ? `${value}%` : `${value} ${unit}`;
}
