import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  type AnomalyMonitor,
  type AnomalySubscription,
  CostExplorerClient,
  CreateAnomalyMonitorCommand,
  CreateAnomalySubscriptionCommand,
  type CreateAnomalySubscriptionCommandInput,
  DeleteAnomalyMonitorCommand,
  DeleteAnomalySubscriptionCommand,
  type Expression,
  GetAnomaliesCommand,
  GetAnomalyMonitorsCommand,
  GetAnomalySubscriptionsCommand,
  ListTagsForResourceCommand,
  type NumericOperator,
  ProvideAnomalyFeedbackCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAnomalyMonitorCommand,
  UpdateAnomalySubscriptionCommand,
} from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChdbEngine } from '../../src/adapters/chdb-engine.ts';
import { ClickHouseCostStore } from '../../src/adapters/clickhouse-cost-store.ts';
import { DAY_MS, isoSeconds } from '../../src/kernel/time.ts';
import { lineItem } from '../reports/line-items.ts';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { ARRIVAL } from './ledger.ts';
import { ACCOUNT, allow, newUser } from './principals.ts';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const MAIL = { Type: 'EMAIL', Address: 'finops@example.com' } as const;
const TOPIC = { Type: 'SNS', Address: `arn:aws:sns:us-east-1:${ACCOUNT}:anomalies` } as const;

const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;

let server: TestServer;
let ce: CostExplorerClient;

const posts: { readonly path: string; readonly body: string }[] = [];
const receiver = createServer((request, response) => {
  request.setEncoding('utf8');
  let body = '';
  request.on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    posts.push({ path: request.url!, body });
    response.end();
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  const data = temporaryFolder('anomalies');
  await plantHistory(data);
  const webhook = { name: 'chat', url: `http://127.0.0.1:${port}/anomalies`, allowPrivateAddresses: true };
  const topics = [{ arn: TOPIC.Address, webhook: webhook.name }];
  server = await startServer({ data, config: { notices: { webhooks: [webhook], topics } } });
  ce = new CostExplorerClient(server.admin);
});
afterAll(async () => {
  ce?.destroy();
  expect(await server.stop()).toBe(0);
  receiver.close();
  removeFolders();
});

/** A store as four weeks of quiet usage leave it, but for one day: 10 USD a day, and 500 USD yesterday. */
async function plantHistory(data: string): Promise<void> {
  const engine = await ChdbEngine.start({ folder: join(data, 'store') });
  const store = new ClickHouseCostStore({ connection: () => engine.connection(), database: 'tallyline' });
  await store.prepare();
  const lineItems = Array.from({ length: 28 }, (_, index) => {
    const usd = index === 0 ? 500n : 10n;
    return lineItem(TODAY - (index + 1) * DAY_MS, { accountId: ACCOUNT, costPicoUsd: usd * 10n ** 12n });
  });
  await store.insert({ token: 'history', usageEvents: [], lineItems });
  await store.close();
  await engine.close();
}

async function createMonitor(monitor: Omit<AnomalyMonitor, 'MonitorName'>, name = 'spend'): Promise<string> {
  const { MonitorArn } = await ce.send(
    new CreateAnomalyMonitorCommand({ AnomalyMonitor: { MonitorName: name, ...monitor } }),
  );
  return MonitorArn!;
}

async function monitor(arn: string): Promise<AnomalyMonitor> {
  const { AnomalyMonitors } = await ce.send(new GetAnomalyMonitorsCommand({ MonitorArnList: [arn] }));
  expect(AnomalyMonitors).toHaveLength(1);
  return AnomalyMonitors![0]!;
}

async function subscribe(
  fields: Partial<AnomalySubscription>,
  ResourceTags?: CreateAnomalySubscriptionCommandInput['ResourceTags'],
): Promise<string> {
  const AnomalySubscription = { SubscriptionName: 'team', MonitorArnList: [], Subscribers: [MAIL], ...fields };
  const { SubscriptionArn } = await ce.send(
    new CreateAnomalySubscriptionCommand({
      AnomalySubscription: { Frequency: 'DAILY', ...AnomalySubscription },
      ...(ResourceTags && { ResourceTags }),
    }),
  );
  return SubscriptionArn!;
}

async function subscription(arn: string): Promise<AnomalySubscription> {
  const { AnomalySubscriptions } = await ce.send(new GetAnomalySubscriptionsCommand({ SubscriptionArnList: [arn] }));
  expect(AnomalySubscriptions).toHaveLength(1);
  return AnomalySubscriptions![0]!;
}

const threshold = (Key: 'ABSOLUTE' | 'PERCENTAGE', value: string): Expression => ({
  Dimensions: { Key: `ANOMALY_TOTAL_IMPACT_${Key}`, Values: [value], MatchOptions: ['GREATER_THAN_OR_EQUAL'] },
});

describe('anomaly monitors', () => {
  it('live through create, read, update, read, delete, read', async () => {
    const arn = await createMonitor({ MonitorType: 'DIMENSIONAL', MonitorDimension: 'SERVICE' });
    expect(arn).toMatch(new RegExp(`^arn:aws:ce::${ACCOUNT}:anomalymonitor/${UUID}$`));
    const created = await monitor(arn);
    expect(created).toMatchObject({
      ...{ MonitorArn: arn, MonitorName: 'spend', MonitorType: 'DIMENSIONAL', MonitorDimension: 'SERVICE' },
      ...{ CreationDate: expect.stringMatching(INSTANT), LastUpdatedDate: expect.stringMatching(INSTANT) },
      DimensionalValueCount: 0,
    });
    expect(await ce.send(new UpdateAnomalyMonitorCommand({ MonitorArn: arn, MonitorName: 'renamed' }))).toMatchObject({
      MonitorArn: arn,
    });
    expect(await monitor(arn)).toMatchObject({ MonitorName: 'renamed', CreationDate: created.CreationDate });
    await ce.send(new DeleteAnomalyMonitorCommand({ MonitorArn: arn }));
    const gone = { name: 'UnknownMonitorException' };
    await expect(monitor(arn)).rejects.toMatchObject(gone);
    await expect(ce.send(new DeleteAnomalyMonitorCommand({ MonitorArn: arn }))).rejects.toMatchObject(gone);
    await expect(ce.send(new UpdateAnomalyMonitorCommand({ MonitorArn: arn }))).rejects.toMatchObject(gone);
  });

  it('watch tags of principals, accounts and cost categories, alone or chosen values together', async () => {
    const specifications: readonly Omit<AnomalyMonitor, 'MonitorName'>[] = [
      {
        ...{ MonitorType: 'DIMENSIONAL', MonitorDimension: 'TAG' },
        MonitorSpecification: { Tags: { Key: 'iamPrincipal/team' } },
      },
      { MonitorType: 'DIMENSIONAL', MonitorDimension: 'LINKED_ACCOUNT' },
      {
        ...{ MonitorType: 'DIMENSIONAL', MonitorDimension: 'COST_CATEGORY' },
        MonitorSpecification: { CostCategories: { Key: 'Product' } },
      },
      {
        MonitorType: 'CUSTOM',
        MonitorSpecification: {
          Tags: { Key: 'iamPrincipal/team', Values: ['search', 'ads'], MatchOptions: ['EQUALS'] },
        },
      },
      {
        MonitorType: 'CUSTOM',
        MonitorSpecification: { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [ACCOUNT] } },
      },
      { MonitorType: 'CUSTOM', MonitorSpecification: { CostCategories: { Key: 'Product', Values: ['Search'] } } },
    ];
    for (const specification of specifications) {
      const arn = await createMonitor(specification);
      expect(await monitor(arn)).toMatchObject(specification);
      await ce.send(new DeleteAnomalyMonitorCommand({ MonitorArn: arn }));
    }
  });

  it('are one for a dimension, in AWS’s words', async () => {
    const arn = await createMonitor({ MonitorType: 'DIMENSIONAL', MonitorDimension: 'SERVICE' });
    await expect(createMonitor({ MonitorType: 'DIMENSIONAL', MonitorDimension: 'SERVICE' })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Limit exceeded on dimensional spend monitor creation',
      $metadata: { httpStatusCode: 400 },
    });
    await ce.send(new DeleteAnomalyMonitorCommand({ MonitorArn: arn }));
  });

  it('refuse what they cannot watch', async () => {
    const eleven = Array.from({ length: 11 }, (_, index) => `team-${index}`);
    const refused: readonly Omit<AnomalyMonitor, 'MonitorName'>[] = [
      { MonitorType: 'DIMENSIONAL' },
      { MonitorType: 'DIMENSIONAL', MonitorDimension: 'TAG' },
      {
        ...{ MonitorType: 'DIMENSIONAL', MonitorDimension: 'SERVICE' },
        MonitorSpecification: { Tags: { Key: 'iamPrincipal/team' } },
      },
      { MonitorType: 'CUSTOM' },
      { MonitorType: 'CUSTOM', MonitorSpecification: { Tags: { Key: 'iamPrincipal/team', Values: eleven } } },
      { MonitorType: 'CUSTOM', MonitorSpecification: { Dimensions: { Key: 'SERVICE', Values: ['Amazon Bedrock'] } } },
      { MonitorType: 'CUSTOM', MonitorSpecification: { Not: { Tags: { Key: 'iamPrincipal/team', Values: ['a'] } } } },
    ];
    for (const specification of refused) {
      await expect(createMonitor(specification)).rejects.toMatchObject({ name: 'ValidationException' });
    }
  });

  it('are listed page by page', async () => {
    const arns: string[] = [];
    for (const value of ['a', 'b', 'c']) {
      const MonitorSpecification = { Tags: { Key: 'iamPrincipal/team', Values: [value] } };
      arns.push(await createMonitor({ MonitorType: 'CUSTOM', MonitorSpecification }, value));
    }
    const listed: string[] = [];
    let NextPageToken: string | undefined;
    do {
      const page = await ce.send(
        new GetAnomalyMonitorsCommand({ MaxResults: 2, ...(NextPageToken && { NextPageToken }) }),
      );
      listed.push(...page.AnomalyMonitors!.map(({ MonitorArn }) => MonitorArn!));
      NextPageToken = page.NextPageToken;
    } while (NextPageToken);
    expect(listed.sort()).toEqual(arns.sort());
    await expect(ce.send(new GetAnomalyMonitorsCommand({ NextPageToken: 'x' }))).rejects.toMatchObject({
      name: 'InvalidNextTokenException',
    });
    for (const MonitorArn of arns) await ce.send(new DeleteAnomalyMonitorCommand({ MonitorArn }));
  });

  it('belong to their account, and to whom a policy lets near them', async () => {
    const own = await createMonitor({ MonitorType: 'DIMENSIONAL', MonitorDimension: 'SERVICE' });
    const other = await createMonitor({ MonitorType: 'DIMENSIONAL', MonitorDimension: 'LINKED_ACCOUNT' });
    const statements = [allow('ce:UpdateAnomalyMonitor', own), allow('ce:GetAnomalyMonitors', own)];
    const user = new CostExplorerClient(await newUser(server.admin, 'watcher', { statements }));
    await user.send(new UpdateAnomalyMonitorCommand({ MonitorArn: own, MonitorName: 'mine' }));
    for (const command of [
      new UpdateAnomalyMonitorCommand({ MonitorArn: other, MonitorName: 'mine' }),
      new GetAnomalyMonitorsCommand({}),
    ]) {
      await expect(user.send(command as UpdateAnomalyMonitorCommand)).rejects.toMatchObject({
        name: 'AccessDeniedException',
      });
    }
    user.destroy();
    for (const MonitorArn of [own, other]) await ce.send(new DeleteAnomalyMonitorCommand({ MonitorArn }));
  });
});

describe('anomaly subscriptions', () => {
  it('live through create, read, update, read, delete, read', async () => {
    const first = await createMonitor({ MonitorType: 'DIMENSIONAL', MonitorDimension: 'SERVICE' });
    const second = await createMonitor({ MonitorType: 'DIMENSIONAL', MonitorDimension: 'LINKED_ACCOUNT' });
    const ThresholdExpression = { And: [threshold('ABSOLUTE', '100'), threshold('PERCENTAGE', '50.5')] };
    const arn = await subscribe({ MonitorArnList: [first], ThresholdExpression });
    expect(arn).toMatch(new RegExp(`^arn:aws:ce::${ACCOUNT}:anomalysubscription/${UUID}$`));
    expect(await subscription(arn)).toEqual({
      ...{ SubscriptionArn: arn, SubscriptionName: 'team', AccountId: ACCOUNT, Frequency: 'DAILY' },
      ...{ MonitorArnList: [first], Subscribers: [{ ...MAIL, Status: 'CONFIRMED' }], ThresholdExpression },
    });
    const update = { SubscriptionArn: arn, Threshold: 7.5, MonitorArnList: [first, second], SubscriptionName: 'all' };
    await ce.send(new UpdateAnomalySubscriptionCommand({ ...update, Frequency: 'IMMEDIATE', Subscribers: [TOPIC] }));
    expect(await subscription(arn)).toMatchObject({
      ...{ ...update, Frequency: 'IMMEDIATE', Subscribers: [{ ...TOPIC, Status: 'CONFIRMED' }] },
      ThresholdExpression: threshold('ABSOLUTE', '7.5'),
    });
    const ofSecond = await ce.send(new GetAnomalySubscriptionsCommand({ MonitorArn: second }));
    expect(ofSecond.AnomalySubscriptions!.map(({ SubscriptionArn }) => SubscriptionArn)).toEqual([arn]);
    await ce.send(new DeleteAnomalyMonitorCommand({ MonitorArn: second }));
    expect((await subscription(arn)).MonitorArnList).toEqual([first]);
    await ce.send(new DeleteAnomalySubscriptionCommand({ SubscriptionArn: arn }));
    const gone = { name: 'UnknownSubscriptionException' };
    await expect(subscription(arn)).rejects.toMatchObject(gone);
    await expect(ce.send(new DeleteAnomalySubscriptionCommand({ SubscriptionArn: arn }))).rejects.toMatchObject(gone);
    await ce.send(new DeleteAnomalyMonitorCommand({ MonitorArn: first }));
  });

  it('refuse what AWS refuses, in its words where they are known', async () => {
    const arn = await createMonitor({ MonitorType: 'DIMENSIONAL', MonitorDimension: 'SERVICE' });
    const MonitorArnList = [arn];
    await expect(subscribe({ MonitorArnList })).rejects.toThrow(
      'Threshold and ThresholdExpression cannot both be null',
    );
    await expect(subscribe({ MonitorArnList, Threshold: 1, Subscribers: [TOPIC] })).rejects.toThrow(
      'Daily or weekly frequencies only support Email subscriptions',
    );
    const refused: readonly Partial<AnomalySubscription>[] = [
      { Threshold: 1, ThresholdExpression: threshold('ABSOLUTE', '1') },
      { Threshold: 1, Frequency: 'IMMEDIATE' },
      { Threshold: 1, Subscribers: [] },
      { Threshold: 1, Subscribers: [{ Type: 'EMAIL', Address: TOPIC.Address }] },
      { ThresholdExpression: threshold('ABSOLUTE', 'much') },
      { ThresholdExpression: threshold('ABSOLUTE', '10000000001') },
      { ThresholdExpression: { Not: threshold('ABSOLUTE', '1') } },
      { ThresholdExpression: { Dimensions: { Key: 'SERVICE', Values: ['1'] } } },
    ];
    for (const fields of refused) {
      await expect(subscribe({ MonitorArnList, ...fields }), JSON.stringify(fields)).rejects.toMatchObject({
        name: 'ValidationException',
      });
    }
    const unknown = arn.replace(/.{4}$/, '0000');
    await expect(subscribe({ MonitorArnList: [unknown], Threshold: 1 })).rejects.toMatchObject({
      name: 'UnknownMonitorException',
    });
    await ce.send(new DeleteAnomalyMonitorCommand({ MonitorArn: arn }));
  });

  it('have tags', async () => {
    const monitorArn = await createMonitor({ MonitorType: 'DIMENSIONAL', MonitorDimension: 'SERVICE' });
    const tags = [{ Key: 'owner', Value: 'finops' }];
    const ResourceArn = await subscribe({ MonitorArnList: [monitorArn], Threshold: 1 }, tags);
    const listed = async (arn: string) =>
      (await ce.send(new ListTagsForResourceCommand({ ResourceArn: arn }))).ResourceTags;
    expect(await listed(ResourceArn)).toEqual(tags);
    expect(await listed(monitorArn)).toEqual([]);
    const more = [{ Key: 'env', Value: ' prod ' }];
    await ce.send(new TagResourceCommand({ ResourceArn, ResourceTags: more }));
    expect(await listed(ResourceArn)).toEqual([{ Key: 'env', Value: 'prod' }, ...tags]);
    await ce.send(new UntagResourceCommand({ ResourceArn, ResourceTagKeys: ['owner'] }));
    expect(await listed(ResourceArn)).toEqual([{ Key: 'env', Value: 'prod' }]);
    const many = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
    await expect(ce.send(new TagResourceCommand({ ResourceArn, ResourceTags: many }))).rejects.toMatchObject({
      name: 'TooManyTagsException',
    });
    await ce.send(new DeleteAnomalySubscriptionCommand({ SubscriptionArn: ResourceArn }));
    await expect(listed(ResourceArn)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await ce.send(new DeleteAnomalyMonitorCommand({ MonitorArn: monitorArn }));
  });
});

describe('anomalies', () => {
  const interval = { StartDate: isoSeconds(TODAY - 5 * DAY_MS).slice(0, 10) };

  it('are found in what was used before, told to a topic at once, and take feedback', async () => {
    const MonitorArn = await createMonitor({ MonitorType: 'DIMENSIONAL', MonitorDimension: 'SERVICE' });
    await expect.poll(async () => (await monitor(MonitorArn)).LastEvaluatedDate, ARRIVAL).toMatch(INSTANT);
    expect(await monitor(MonitorArn)).toMatchObject({ DimensionalValueCount: 1 });
    const { Anomalies } = await ce.send(new GetAnomaliesCommand({ DateInterval: interval, MonitorArn }));
    const spike = isoSeconds(TODAY - DAY_MS);
    expect(Anomalies).toEqual([
      {
        AnomalyId: expect.stringMatching(new RegExp(`^${UUID}$`)),
        ...{ AnomalyStartDate: spike, AnomalyEndDate: spike, DimensionValue: 'Amazon Bedrock Service', MonitorArn },
        RootCauses: [
          {
            ...{ Service: 'Amazon Bedrock Service', Region: 'us-east-1', LinkedAccount: ACCOUNT },
            ...{ LinkedAccountName: expect.any(String), UsageType: 'USE1-Claude4.6Sonnet-input-tokens' },
            Impact: { Contribution: 490 },
          },
        ],
        AnomalyScore: { MaxScore: expect.closeTo(1, 0), CurrentScore: expect.closeTo(1, 0) },
        Impact: {
          ...{ MaxImpact: 490, TotalImpact: 490, TotalActualSpend: 500, TotalExpectedSpend: 10 },
          TotalImpactPercentage: 4900,
        },
      },
    ]);
    const found = async (fields: object) =>
      (await ce.send(new GetAnomaliesCommand({ DateInterval: interval, ...fields }))).Anomalies!.length;
    const impact = (NumericOperator: NumericOperator, StartValue: number, EndValue?: number) => ({
      TotalImpact: { NumericOperator, StartValue, ...(EndValue !== undefined && { EndValue }) },
    });
    expect(await found(impact('GREATER_THAN', 489))).toBe(1);
    expect(await found(impact('GREATER_THAN', 490))).toBe(0);
    expect(await found(impact('LESS_THAN_OR_EQUAL', 490))).toBe(1);
    expect(await found(impact('EQUAL', 490))).toBe(1);
    expect(await found(impact('BETWEEN', 100, 1_000))).toBe(1);
    expect(await found({ Feedback: 'NO' })).toBe(0);
    const topic = { Frequency: 'IMMEDIATE' as const, Subscribers: [TOPIC], Threshold: 400 };
    const SubscriptionArn = await subscribe({ ...topic, MonitorArnList: [MonitorArn] });
    const AnomalyId = Anomalies![0]!.AnomalyId;
    await expect.poll(() => posts, ARRIVAL).toHaveLength(1);
    expect(posts[0]).toMatchObject({ path: '/anomalies', body: expect.stringContaining(AnomalyId!) });
    await ce.send(new DeleteAnomalySubscriptionCommand({ SubscriptionArn }));
    await ce.send(new ProvideAnomalyFeedbackCommand({ AnomalyId, Feedback: 'NO' }));
    expect(await found({ Feedback: 'NO' })).toBe(1);
    await ce.send(new DeleteAnomalyMonitorCommand({ MonitorArn }));
    expect(await found({})).toBe(0);
  });

  it('are none where nothing was found; feedback is on what exists', async () => {
    const past = { StartDate: '2026-01-01', EndDate: '2026-02-01' };
    expect((await ce.send(new GetAnomaliesCommand({ DateInterval: past }))).Anomalies).toEqual([]);
    const refused = [
      new GetAnomaliesCommand({ DateInterval: { StartDate: '2026-02-01', EndDate: '2026-01-01' } }),
      new GetAnomaliesCommand({ DateInterval: { StartDate: '2026-02-31' } }),
      new GetAnomaliesCommand({
        DateInterval: interval,
        TotalImpact: { NumericOperator: 'BETWEEN', StartValue: 1 },
      }),
    ];
    for (const command of refused) {
      await expect(ce.send(command)).rejects.toMatchObject({ name: 'ValidationException' });
    }
    const feedback = new ProvideAnomalyFeedbackCommand({ AnomalyId: 'none', Feedback: 'NO' });
    await expect(ce.send(feedback)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});
