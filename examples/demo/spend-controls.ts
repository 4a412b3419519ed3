import { type Budget, BudgetsClient, CreateBudgetCommand } from '@aws-sdk/client-budgets';
import {
  CostExplorerClient,
  CreateAnomalyMonitorCommand,
  CreateAnomalySubscriptionCommand,
} from '@aws-sdk/client-cost-explorer';
import { billingPeriodOf, billingPeriodStartMs } from '../../src/kernel/time.ts';
import { PAYER, RUNAWAY_APPLICATION } from './company.ts';
import type { DemoFoundation } from './foundation.ts';
import { tallylineOf, totalOf } from './history-arrival.ts';
import type { ClientConfig } from './organisation.ts';
import { dayMs } from './timeline.ts';

const TEAM_KEY = 'iamPrincipal/team';
const FINOPS = { SubscriptionType: 'EMAIL', Address: 'finops@example.com' } as const;

type Dates = Pick<DemoFoundation, 'startMs' | 'nowMs'>;

/** Budgets that tell, budgets that refuse, and what watches for anomalies. */
export async function controlSpend(admin: ClientConfig, dates: Dates): Promise<void> {
  await createBudgets(admin, dates);
  await createHardBudgets(admin, dates);
  await watchForAnomalies(admin);
}

async function createBudgets(admin: ClientConfig, { startMs, nowMs }: Dates): Promise<void> {
  const budgets = new BudgetsClient(admin);
  const create = async (
    BudgetName: string,
    usd: string,
    thresholds: readonly (readonly ['ACTUAL' | 'FORECASTED', number])[],
    more: Partial<Budget> = {},
  ) => {
    const TimePeriod = { Start: new Date(billingPeriodStartMs(billingPeriodOf(startMs))) };
    const kind = { BudgetType: 'COST', TimeUnit: 'MONTHLY' } as const;
    const NotificationsWithSubscribers = thresholds.map(([NotificationType, Threshold]) => ({
      Notification: {
        ...{ NotificationType, Threshold },
        ...({ ComparisonOperator: 'GREATER_THAN', ThresholdType: 'PERCENTAGE' } as const),
      },
      Subscribers: [FINOPS],
    }));
    const Budget = { BudgetName, BudgetLimit: { Amount: usd, Unit: 'USD' }, TimePeriod, ...kind, ...more };
    await budgets.send(new CreateBudgetCommand({ AccountId: PAYER, Budget, NotificationsWithSubscribers }));
  };
  const month = await spentUsd(admin, monthStartMs(nowMs), nowMs);
  const science = await spentUsd(admin, monthStartMs(nowMs), nowMs, ofTeam('data-science'));
  const search = await spentUsd(admin, monthStartMs(nowMs), nowMs, ofTeam('search'));
  const team = (name: string): Partial<Budget> => ({
    FilterExpression: { Tags: { Key: TEAM_KEY, Values: [name], MatchOptions: ['EQUALS'] } },
    Metrics: ['UnblendedCost'],
  });
  await create('all inference', rounded(month * 1.15), [
    ['ACTUAL', 80],
    ['FORECASTED', 100],
  ]);
  await create('team data-science', rounded(science * 0.92), [['ACTUAL', 100]], team('data-science'));
  await create('team search', rounded(search * 1.3), [['ACTUAL', 90]], team('search'));
  budgets.destroy();
}

async function createHardBudgets(admin: ClientConfig, { nowMs }: Dates): Promise<void> {
  const client = tallylineOf(admin);
  const tenants = await spentUsd(admin, monthStartMs(nowMs), nowMs, ofProject('tenant-assistant'));
  const science = await spentUsd(admin, monthStartMs(nowMs), nowMs, ofTeam('data-science'));
  const month = { Window: { Unit: 'month' }, Unit: 'USD', WarnAtPercent: [80, 95] } as const;
  const subscribers = [{ Type: 'EMAIL', Address: FINOPS.Address }];
  await client.call('CreateHardBudget', {
    ...{ ...month, Name: 'data-science', Limit: rounded(science / 0.93), Subscribers: subscribers },
    Scope: { Tags: [{ Key: 'team', Value: 'data-science' }] },
  });
  await client.call('CreateHardBudget', {
    ...{ ...month, Name: 'tenants', Each: 'tag:tenant', Limit: rounded(tenants * 1.1) },
    Scope: { Tags: [{ Key: 'project', Value: 'tenant-assistant' }] },
  });
  // Made after the night on which a job ran away.
  await client.call('CreateHardBudget', {
    ...{ Name: RUNAWAY_APPLICATION, Window: { Unit: 'day', TimeZone: 'Europe/Berlin' }, Unit: 'USD', Limit: '60' },
    Scope: { Tags: [{ Key: 'project', Value: RUNAWAY_APPLICATION }] },
  });
}

async function watchForAnomalies(admin: ClientConfig): Promise<void> {
  const ce = new CostExplorerClient(admin);
  const { MonitorArn } = await ce.send(
    new CreateAnomalyMonitorCommand({
      AnomalyMonitor: {
        ...{ MonitorName: 'by project', MonitorType: 'DIMENSIONAL', MonitorDimension: 'TAG' },
        MonitorSpecification: { Tags: { Key: 'iamPrincipal/project' } },
      },
    }),
  );
  await ce.send(
    new CreateAnomalySubscriptionCommand({
      AnomalySubscription: {
        ...{ SubscriptionName: 'finops, daily', MonitorArnList: [MonitorArn!], Frequency: 'DAILY' },
        Subscribers: [{ Type: 'EMAIL', Address: FINOPS.Address }],
        ThresholdExpression: {
          Dimensions: { Key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE', Values: ['50'], MatchOptions: ['GREATER_THAN_OR_EQUAL'] },
        },
      },
    }),
  );
  ce.destroy();
}

const ofTeam = (name: string) => ({ key: { tag: TEAM_KEY }, equalsAny: [name] });
const ofProject = (name: string) => ({ key: { tag: 'iamPrincipal/project' }, equalsAny: [name] });

async function spentUsd(admin: ClientConfig, startMs: number, nowMs: number, filter?: object): Promise<number> {
  return Number((await totalOf(tallylineOf(admin), startMs, dayMs(nowMs, -1), filter))?.CostUsd ?? 0);
}

function monthStartMs(nowMs: number): number {
  return billingPeriodStartMs(billingPeriodOf(nowMs));
}

/** A limit as people set them; never zero, also on the first morning of a month. */
function rounded(usd: number): string {
  const step = usd > 1_000 ? 50 : 5;
  return String(Math.max(step, Math.round(usd / step) * step));
}
