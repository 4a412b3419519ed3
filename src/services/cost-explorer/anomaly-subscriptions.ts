import type {
  CreateAnomalySubscriptionRequest,
  CreateAnomalySubscriptionResponse,
  DeleteAnomalySubscriptionRequest,
  DeleteAnomalySubscriptionResponse,
  Expression,
  GetAnomalySubscriptionsRequest,
  GetAnomalySubscriptionsResponse,
  Subscriber,
  UpdateAnomalySubscriptionRequest,
  UpdateAnomalySubscriptionResponse,
  AnomalySubscription as WireSubscription,
} from '@aws-sdk/client-cost-explorer';
import type { NoticeAddress } from '../../kernel/notice.ts';
import { sortedTagPairs } from '../../kernel/tags.ts';
import type { OperationCall, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import {
  type AnomalySubscription,
  absoluteThreshold,
  validateSubscribers,
  validateThreshold,
} from '../../reports/anomaly-subscription.ts';
import type { AnomalyMonitorParts } from './anomaly-monitors.ts';
import { pageByAge } from './anomaly-page.ts';
import { invalid } from './invalid.ts';
import { creationNeed, readResourceTags, resourceNeed } from './resource-tags.ts';

export function anomalySubscriptionOperations({ registry, newId, onChange }: AnomalyMonitorParts): OperationTable {
  const needFor = (action: string) => (call: OperationCall<{ readonly SubscriptionArn?: string | undefined }>) => [
    resourceNeed(action, [registry], call.input.SubscriptionArn!),
  ];
  const create: OperationHandler<CreateAnomalySubscriptionRequest, CreateAnomalySubscriptionResponse> = {
    access: ({ input }) => [creationNeed('CreateAnomalySubscription', input.ResourceTags)],
    run: async ({ caller: { accountId }, input, nowMs }) => {
      const wire = input.AnomalySubscription!;
      const threshold = readThreshold(wire);
      // AWS's text (public error reports, 2026-11).
      if (!threshold) throw invalid('Threshold and ThresholdExpression cannot both be null');
      const subscription: AnomalySubscription = {
        arn: `arn:aws:ce::${accountId}:anomalysubscription/${newId()}`,
        accountId,
        name: readName(wire.SubscriptionName!),
        monitorArns: readMonitorArns(wire.MonitorArnList!),
        frequency: wire.Frequency!,
        subscribers: readSubscribers(wire.Subscribers!),
        ...threshold,
        createdAtMs: nowMs,
        tags: sortedTagPairs(readResourceTags(input.ResourceTags)),
      };
      validateSubscribers(subscription.frequency, subscription.subscribers);
      await registry.createSubscription(subscription);
      onChange();
      return { SubscriptionArn: subscription.arn };
    },
  };
  const get: OperationHandler<GetAnomalySubscriptionsRequest, GetAnomalySubscriptionsResponse> = {
    access: ({ input }) =>
      (input.SubscriptionArnList?.length ? input.SubscriptionArnList : ['*']).map((arn) =>
        resourceNeed('GetAnomalySubscriptions', [registry], arn),
      ),
    run: ({ caller: { accountId }, input }) => {
      const { MonitorArn: monitorArn, SubscriptionArnList: arns } = input;
      if (monitorArn !== undefined) registry.monitor(accountId, monitorArn);
      const asked = arns?.length
        ? [...new Set(arns)].map((arn) => registry.subscription(accountId, arn))
        : registry.subscriptions(accountId);
      const matching = asked.filter(({ monitorArns }) => monitorArn === undefined || monitorArns.includes(monitorArn));
      const { items, rest } = pageByAge('GetAnomalySubscriptions', accountId, matching, input);
      return { AnomalySubscriptions: items.map(wireSubscription), ...rest };
    },
  };
  const update: OperationHandler<UpdateAnomalySubscriptionRequest, UpdateAnomalySubscriptionResponse> = {
    access: needFor('UpdateAnomalySubscription'),
    run: async ({ caller: { accountId }, input }) => {
      const { SubscriptionName: name, MonitorArnList: arns, Frequency: frequency, Subscribers: subscribers } = input;
      const threshold = readThreshold(input);
      await registry.changeSubscription(accountId, input.SubscriptionArn!, (present) => {
        const { threshold: before, ...others } = present;
        const changed: AnomalySubscription = {
          ...others,
          ...(name !== undefined && { name: readName(name) }),
          ...(arns && { monitorArns: readMonitorArns(arns) }),
          ...(frequency && { frequency }),
          ...(subscribers && { subscribers: readSubscribers(subscribers) }),
          ...(threshold ?? (before !== undefined && { threshold: before })),
        };
        validateSubscribers(changed.frequency, changed.subscribers);
        return changed;
      });
      onChange();
      return { SubscriptionArn: input.SubscriptionArn };
    },
  };
  const remove: OperationHandler<DeleteAnomalySubscriptionRequest, DeleteAnomalySubscriptionResponse> = {
    access: needFor('DeleteAnomalySubscription'),
    run: async ({ caller: { accountId }, input }) => {
      await registry.deleteSubscription(accountId, input.SubscriptionArn!);
      return {};
    },
  };
  return {
    CreateAnomalySubscription: create,
    GetAnomalySubscriptions: get,
    UpdateAnomalySubscription: update,
    DeleteAnomalySubscription: remove,
  };
}

/** Undefined when a request names none. */
function readThreshold({
  Threshold: threshold,
  ThresholdExpression: expression,
}: Pick<WireSubscription, 'Threshold' | 'ThresholdExpression'>):
  | Pick<AnomalySubscription, 'threshold' | 'thresholdExpression'>
  | undefined {
  if (threshold !== undefined) {
    // AWS publishes no wording.
    if (expression) throw invalid('Threshold and ThresholdExpression cannot both be specified');
    return { threshold, thresholdExpression: absoluteThreshold(threshold) };
  }
  if (!expression) return undefined;
  validateThreshold(expression);
  return { thresholdExpression: expression };
}

function readName(name: string): string {
  if (name.trim() === '') throw invalid('SubscriptionName must not be empty');
  return name;
}

function readMonitorArns(arns: readonly string[]): string[] {
  if (arns.length === 0) throw invalid('MonitorArnList must not be empty');
  return [...new Set(arns)];
}

function readSubscribers(subscribers: readonly Subscriber[]): NoticeAddress[] {
  return subscribers.map(({ Type: type, Address: address }) => {
    if (!type || !address) throw invalid('Type and Address of a subscriber must not be null');
    return { type, address };
  });
}

/** Addresses are taken at their word: there is no confirmation by mail here. */
function wireSubscription(subscription: AnomalySubscription): WireSubscription {
  const { threshold } = subscription;
  return {
    SubscriptionArn: subscription.arn,
    AccountId: subscription.accountId,
    MonitorArnList: [...subscription.monitorArns],
    Subscribers: subscription.subscribers.map(({ type, address }) => ({
      Address: address,
      Type: type,
      Status: 'CONFIRMED',
    })),
    ...(threshold !== undefined && { Threshold: threshold }),
    Frequency: subscription.frequency,
    SubscriptionName: subscription.name,
    ThresholdExpression: subscription.thresholdExpression as Expression,
  };
}
