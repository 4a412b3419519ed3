import type {
  CreateNotificationRequest,
  CreateNotificationResponse,
  CreateSubscriberRequest,
  CreateSubscriberResponse,
  DeleteNotificationRequest,
  DeleteNotificationResponse,
  DeleteSubscriberRequest,
  DeleteSubscriberResponse,
  DescribeBudgetNotificationsForAccountRequest,
  DescribeBudgetNotificationsForAccountResponse,
  DescribeNotificationsForBudgetRequest,
  DescribeNotificationsForBudgetResponse,
  DescribeSubscribersForNotificationRequest,
  DescribeSubscribersForNotificationResponse,
  UpdateNotificationRequest,
  UpdateNotificationResponse,
  UpdateSubscriberRequest,
  UpdateSubscriberResponse,
  Notification as WireNotification,
} from '@aws-sdk/client-budgets';
import { type Budget, type BudgetNotification, notificationKey } from '../../budgets/budget.ts';
import { Fault } from '../../kernel/fault.ts';
import type { NoticeAddress } from '../../kernel/notice.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { budgetNeed } from './access.ts';
import { type BudgetsParts, type NamedBudget, repeated, requireBudget } from './budgets-parts.ts';
import {
  readNotification,
  readNotificationName,
  readSubscriber,
  requireDistinct,
  requireFewSubscribers,
  wireNotification,
  wireSubscriber,
} from './notification-shape.ts';
import { pageOf } from './page.ts';

/** AWS's default for the notifications of an account. */
const ACCOUNT_PAGE = 50;

export function notificationOperations(parts: BudgetsParts): OperationTable {
  const describeForBudget: OperationHandler<
    DescribeNotificationsForBudgetRequest,
    DescribeNotificationsForBudgetResponse
  > = {
    access: budgetNeed('ViewBudget', parts),
    run: ({ input }) => {
      const { budget, state } = requireBudget(parts, input, 'get notifications for budget');
      const { items, rest } = pageOf(inOrder(budget.body.notifications), notificationKey, input);
      return { Notifications: items.map((one) => wireNotification(one, state.body)), ...rest };
    },
  };
  const describeForAccount: OperationHandler<
    DescribeBudgetNotificationsForAccountRequest,
    DescribeBudgetNotificationsForAccountResponse
  > = {
    access: budgetNeed('ViewBudget', parts),
    run: ({ input }) => {
      const budgets = parts.registry.list(input.AccountId!);
      const page = { ...input, MaxResults: input.MaxResults ?? ACCOUNT_PAGE };
      const { items, rest } = pageOf(budgets, ({ name }) => name, page);
      const BudgetNotificationsForAccount = items.map((budget) => ({
        BudgetName: budget.name,
        Notifications: inOrder(budget.notifications).map((one) =>
          wireNotification(one, parts.registry.find(budget)!.state.body),
        ),
      }));
      return { BudgetNotificationsForAccount, ...rest };
    },
  };
  const describeSubscribers: OperationHandler<
    DescribeSubscribersForNotificationRequest,
    DescribeSubscribersForNotificationResponse
  > = {
    access: budgetNeed('ViewBudget', parts),
    run: ({ input }) => {
      const { budget } = requireBudget(parts, input, 'get subscribers');
      const { subscribers } = requireNotification(budget.body, input.Notification!, 'get subscribers');
      const sorted = subscribers.toSorted((a, b) => (subscriberKey(a) < subscriberKey(b) ? -1 : 1));
      const { items, rest } = pageOf(sorted, subscriberKey, input);
      return { Subscribers: items.map(wireSubscriber), ...rest };
    },
  };
  return {
    DescribeNotificationsForBudget: describeForBudget,
    DescribeBudgetNotificationsForAccount: describeForAccount,
    DescribeSubscribersForNotification: describeSubscribers,
    CreateNotification: change<CreateNotificationRequest, CreateNotificationResponse>(
      parts,
      'create notification',
      ({ notifications }, { Notification, Subscribers }) => [
        ...notifications,
        readNotification(Notification!, Subscribers!),
      ],
    ),
    UpdateNotification: change<UpdateNotificationRequest, UpdateNotificationResponse>(
      parts,
      'update notification',
      (budget, { OldNotification, NewNotification }) => {
        const old = requireNotification(budget, OldNotification!, 'update notification');
        return replaced(budget, old, { ...readNotificationName(NewNotification!), subscribers: old.subscribers });
      },
    ),
    DeleteNotification: change<DeleteNotificationRequest, DeleteNotificationResponse>(
      parts,
      'delete notification',
      (budget, { Notification }) =>
        replaced(budget, requireNotification(budget, Notification!, 'delete notification'), undefined),
    ),
    CreateSubscriber: change<CreateSubscriberRequest, CreateSubscriberResponse>(
      parts,
      'create subscriber',
      (budget, { Notification, Subscriber }) => {
        const old = requireNotification(budget, Notification!, 'create subscriber');
        return replaced(budget, old, withSubscribers(old, [...old.subscribers, readSubscriber(Subscriber!)]));
      },
    ),
    UpdateSubscriber: change<UpdateSubscriberRequest, UpdateSubscriberResponse>(
      parts,
      'update subscriber',
      (budget, { Notification, OldSubscriber, NewSubscriber }) => {
        const old = requireNotification(budget, Notification!, 'update subscriber');
        const left = without(old, readSubscriber(OldSubscriber!), 'update subscriber');
        return replaced(budget, old, withSubscribers(old, [...left, readSubscriber(NewSubscriber!)]));
      },
    ),
    // Without subscribers a notification is none: with the last one it goes, as on AWS.
    DeleteSubscriber: change<DeleteSubscriberRequest, DeleteSubscriberResponse>(
      parts,
      'delete subscriber',
      (budget, { Notification, Subscriber }) => {
        const old = requireNotification(budget, Notification!, 'delete subscriber');
        const left = without(old, readSubscriber(Subscriber!), 'delete subscriber');
        return replaced(budget, old, left.length === 0 ? undefined : withSubscribers(old, left));
      },
    ),
  };
}

/** An operation that gives a budget other notifications. */
function change<Input extends NamedBudget, Output>(
  parts: BudgetsParts,
  attempt: string,
  decide: (budget: Budget, input: Input) => readonly BudgetNotification[],
): OperationHandler<Input, Output> {
  const { registry, onChange } = parts;
  return {
    access: budgetNeed('ModifyBudget', parts),
    run: async ({ input }) => {
      const budget = await repeated(parts, () => {
        const record = requireBudget(parts, input, attempt);
        const notifications = decide(record.budget.body, input);
        requireDistinct(notifications);
        const changed = { ...record.budget.body, notifications };
        return { changes: [registry.replaceBudget(record, changed)], output: changed };
      });
      onChange(budget);
      return {} as Output;
    },
  };
}

function requireNotification({ name, notifications }: Budget, wire: WireNotification, attempt: string) {
  const key = notificationKey(readNotificationName(wire));
  const found = notifications.find((one) => notificationKey(one) === key);
  if (found) return found;
  throw new Fault('NotFoundException', `Unable to ${attempt}: the notification of budget ${name} doesn't exist.`);
}

function replaced(
  { notifications }: Budget,
  old: BudgetNotification,
  changed: BudgetNotification | undefined,
): readonly BudgetNotification[] {
  return notifications.flatMap((one) => (one === old ? (changed ?? []) : one));
}

function withSubscribers(notification: BudgetNotification, subscribers: readonly NoticeAddress[]): BudgetNotification {
  requireFewSubscribers(subscribers);
  return { ...notification, subscribers };
}

function without({ subscribers }: BudgetNotification, gone: NoticeAddress, attempt: string): NoticeAddress[] {
  const left = subscribers.filter((one) => subscriberKey(one) !== subscriberKey(gone));
  if (left.length < subscribers.length) return left;
  throw new Fault('NotFoundException', `Unable to ${attempt}: the subscriber doesn't exist.`);
}

function inOrder(notifications: readonly BudgetNotification[]): BudgetNotification[] {
  return notifications.toSorted((a, b) => (notificationKey(a) < notificationKey(b) ? -1 : 1));
}

function subscriberKey({ type, address }: NoticeAddress): string {
  return `${type} ${address}`;
}
