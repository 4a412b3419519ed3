import type { Subscriber, Notification as WireNotification } from '@aws-sdk/client-budgets';
import { type BudgetNotification, notificationKey, type Threshold } from '../../budgets/budget.ts';
import type { BudgetState } from '../../budgets/budget-state.ts';
import { Fault } from '../../kernel/fault.ts';
import type { NoticeAddress } from '../../kernel/notice.ts';
import { invalid } from './budgets-parts.ts';

/** Per budget (Budgets API model). */
const MAX_NOTIFICATIONS = 10;
const MAX_MAIL_SUBSCRIBERS = 10;
const MAX_TOPIC_SUBSCRIBERS = 1;
/** A million percent. */
const MAX_PERCENTAGE = 1_000_000;

/** What names a notification in requests that change it. AWS's sentences about them are not published. */
export function readNotificationName(wire: WireNotification): Omit<BudgetNotification, 'subscribers'> {
  return {
    type: wire.NotificationType!,
    operator: wire.ComparisonOperator!,
    threshold: readThreshold(wire.Threshold!, wire.ThresholdType ?? 'PERCENTAGE'),
  };
}

export function readThreshold(value: number, type: Threshold['type']): Threshold {
  if (type === 'PERCENTAGE' && value > MAX_PERCENTAGE) {
    throw invalid(`Threshold ${value} is invalid: at most ${MAX_PERCENTAGE} percent are allowed.`);
  }
  return { value, type };
}

export function readNotification(wire: WireNotification, subscribers: readonly Subscriber[]): BudgetNotification {
  return { ...readNotificationName(wire), subscribers: readSubscribers(subscribers) };
}

/** Throws CreationLimitExceededException and DuplicateRecordException. */
export function requireDistinct(notifications: readonly BudgetNotification[]): void {
  if (notifications.length > MAX_NOTIFICATIONS) {
    throw new Fault('CreationLimitExceededException', `A budget can have ${MAX_NOTIFICATIONS} notifications.`);
  }
  if (new Set(notifications.map(notificationKey)).size < notifications.length) {
    throw new Fault('DuplicateRecordException', 'Error creating notification - the notification already exists.');
  }
}

export function readSubscribers(wire: readonly Subscriber[]): NoticeAddress[] {
  const subscribers = wire.map(readSubscriber);
  requireFewSubscribers(subscribers);
  return subscribers;
}

/** One mail address, or the ARN of a topic. */
export function readSubscriber({ SubscriptionType: type, Address: address }: Subscriber): NoticeAddress {
  if (type === 'EMAIL' && !/^[^\s@,;:<>()"]{1,64}@[^\s@,;:<>()"]{1,255}$/.test(address!)) {
    throw invalid('Address of an EMAIL subscriber must be an e-mail address.');
  }
  if (type === 'SNS' && !/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?$/.test(address!)) {
    throw invalid('Address of an SNS subscriber must be the ARN of a topic.');
  }
  return { type: type!, address: address! };
}

export function requireFewSubscribers(subscribers: readonly NoticeAddress[]): void {
  const countOf = (type: NoticeAddress['type']) => subscribers.filter((one) => one.type === type).length;
  if (countOf('EMAIL') > MAX_MAIL_SUBSCRIBERS || countOf('SNS') > MAX_TOPIC_SUBSCRIBERS) {
    throw new Fault(
      'CreationLimitExceededException',
      `There can be ${MAX_MAIL_SUBSCRIBERS} EMAIL subscribers and ${MAX_TOPIC_SUBSCRIBERS} SNS subscriber.`,
    );
  }
  const texts = subscribers.map(({ type, address }) => `${type} ${address}`);
  if (new Set(texts).size < texts.length) {
    throw new Fault('DuplicateRecordException', 'Error creating subscriber - the subscriber already exists.');
  }
}

export function wireNotification(notification: BudgetNotification, { notifications }: BudgetState): WireNotification {
  const { type, operator, threshold } = notification;
  return {
    NotificationType: type,
    ComparisonOperator: operator,
    Threshold: threshold.value,
    ThresholdType: threshold.type,
    NotificationState: notifications[notificationKey(notification)]?.state ?? 'OK',
  };
}

export function wireSubscriber({ type, address }: NoticeAddress): Subscriber {
  return { SubscriptionType: type, Address: address };
}
