import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  type Budget,
  BudgetsClient,
  CreateBudgetCommand,
  CreateNotificationCommand,
  CreateSubscriberCommand,
  DeleteBudgetCommand,
  DeleteNotificationCommand,
  DeleteSubscriberCommand,
  DescribeBudgetCommand,
  DescribeBudgetNotificationsForAccountCommand,
  DescribeBudgetsCommand,
  DescribeNotificationsForBudgetCommand,
  DescribeSubscribersForNotificationCommand,
  type Expression,
  ListTagsForResourceCommand,
  type Notification,
  type NotificationWithSubscribers,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateBudgetCommand,
  UpdateNotificationCommand,
  UpdateSubscriberCommand,
} from '@aws-sdk/client-budgets';
import {
  CostExplorerClient,
  type Expression as CostFilter,
  GetCostAndUsageCommand,
  ListCostAllocationTagsCommand,
  StartCostAllocationTagBackfillCommand,
  UpdateCostAllocationTagsStatusCommand,
} from '@aws-sdk/client-cost-explorer';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { TallylineClient } from '../../src/cli/client.ts';
import { isoSeconds } from '../../src/kernel/time.ts';
import { MAIN, removeFolders, startServer, type TestServer } from '../server.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';
import { memberAdmin, newAccount } from './organization.ts';
import { ACCOUNT, INVOKE, newUser } from './principals.ts';
import { run } from './program.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const TEAM = 'iamPrincipal/team';
const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:spend`;
const NO_END = new Date('2087-06-15T00:00:00Z');
const MONTH_START = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth(), 1));

let server: TestServer;
let receiver: WebhookReceiver;
let mailServer: SMTPServer;
/** Mails as they were sent, with their headers. */
const mails: string[] = [];
let budgets: BudgetsClient;
let memberId: string;
let member: ClientConfig;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  mailServer = new SMTPServer({
    authOptional: true,
    onData: (stream, _session, callback) => {
      void text(stream).then((mail) => {
        mails.push(mail);
        callback();
      });
    },
  });
  await new Promise<void>((resolve) => mailServer.listen(0, '127.0.0.1', resolve));
  const { port } = mailServer.server.address() as AddressInfo;
  const smtp = { host: '127.0.0.1', port, security: 'none', from: 'tally@acme.example' };
  const notices = { smtp, ...receiver.config(TOPIC) };
  server = await startServer({ config: { budgets: { refreshSeconds: 1 }, notices } });
  budgets = new BudgetsClient(server.admin);
  memberId = await newAccount(server.admin, 'workload');
  member = await memberAdmin(server.admin, memberId);
  const call = { modelId: SONNET, inputTokens: 1_000_000, outputTokens: 0 };
  await spend(await newUser(server.admin, 'ann', { statements: [INVOKE], tags: { team: 'ds' } }), [call, call]);
  await spend(await newUser(server.admin, 'bob', { statements: [INVOKE], tags: { team: 'web' } }), [call]);
  await spend(await newUser(member, 'eve', { statements: [INVOKE], tags: { team: 'ds' } }), [call]);
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(4), ARRIVAL);
  const ce = new CostExplorerClient(server.admin);
  await ce.send(new ListCostAllocationTagsCommand({}));
  await ce.send(
    new UpdateCostAllocationTagsStatusCommand({ CostAllocationTagsStatus: [{ TagKey: TEAM, Status: 'Active' }] }),
  );
  await ce.send(new StartCostAllocationTagBackfillCommand({ BackfillFrom: isoSeconds(MONTH_START.getTime()) }));
  ce.destroy();
});
afterAll(async () => {
  budgets?.destroy();
  receiver.close();
  mailServer.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

function monthly(BudgetName: string, Amount: string, rest: Partial<Budget> = {}): Budget {
  return { BudgetName, BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount, Unit: 'USD' }, ...rest };
}

async function create(Budget: Budget, NotificationsWithSubscribers: NotificationWithSubscribers[] = []): Promise<void> {
  await budgets.send(new CreateBudgetCommand({ AccountId: ACCOUNT, Budget, NotificationsWithSubscribers }));
}

async function described(BudgetName: string, ShowFilterExpression?: boolean): Promise<Budget> {
  const command = new DescribeBudgetCommand({ AccountId: ACCOUNT, BudgetName, ShowFilterExpression });
  return (await budgets.send(command)).Budget!;
}

async function actual(BudgetName: string): Promise<string> {
  return (await described(BudgetName)).CalculatedSpend!.ActualSpend!.Amount!;
}

async function fault(answer: Promise<unknown>): Promise<[string, string]> {
  return answer.then(
    () => ['none', ''],
    (error: Error) => [error.name, error.message],
  );
}

const tagged = (...Values: string[]): Expression => ({ Tags: { Key: TEAM, Values, MatchOptions: ['EQUALS'] } });

describe('a budget', () => {
  it('is created, read, updated, read, deleted and gone, as Terraform does it', async () => {
    const BudgetName = 'team ds';
    const ResourceARN = `arn:aws:budgets::${ACCOUNT}:budget/${BudgetName}`;
    const alert: Notification = {
      NotificationType: 'ACTUAL',
      ComparisonOperator: 'GREATER_THAN',
      Threshold: 80,
      ThresholdType: 'PERCENTAGE',
    };
    const Subscribers = [{ SubscriptionType: 'EMAIL' as const, Address: 'fin@acme.example' }];
    await budgets.send(
      new CreateBudgetCommand({
        AccountId: ACCOUNT,
        Budget: monthly(BudgetName, '100', { FilterExpression: tagged('ds'), Metrics: ['UnblendedCost'] }),
        NotificationsWithSubscribers: [{ Notification: alert, Subscribers }],
        ResourceTags: [{ Key: 'stack', Value: 'prod' }],
      }),
    );
    const read = async () => {
      const { CalculatedSpend: _, LastUpdatedTime: __, HealthStatus: ___, ...rest } = await described(BudgetName, true);
      return rest;
    };
    const first = await read();
    expect(first).toEqual({
      BudgetName,
      BudgetType: 'COST',
      TimeUnit: 'MONTHLY',
      BudgetLimit: { Amount: '100.0', Unit: 'USD' },
      TimePeriod: { Start: MONTH_START, End: NO_END },
      FilterExpression: tagged('ds'),
      Metrics: ['UnblendedCost'],
    });
    expect(await read()).toEqual(first);
    expect(await described(BudgetName)).not.toHaveProperty('FilterExpression');
    const name = { AccountId: ACCOUNT, BudgetName };
    const { Notifications } = await budgets.send(new DescribeNotificationsForBudgetCommand(name));
    expect(Notifications).toEqual([{ ...alert, NotificationState: 'OK' }]);
    const subscribers = await budgets.send(
      new DescribeSubscribersForNotificationCommand({ ...name, Notification: Notifications![0] }),
    );
    expect(subscribers.Subscribers).toEqual(Subscribers);
    const tags = await budgets.send(new ListTagsForResourceCommand({ ResourceARN }));
    expect(tags.ResourceTags).toEqual([{ Key: 'stack', Value: 'prod' }]);

    // What was described is sent back, with another limit.
    const NewBudget = { ...(await described(BudgetName, true)), BudgetLimit: { Amount: '120.50', Unit: 'USD' } };
    await budgets.send(new UpdateBudgetCommand({ AccountId: ACCOUNT, NewBudget }));
    expect(await read()).toEqual({ ...first, BudgetLimit: { Amount: '120.5', Unit: 'USD' } });

    await budgets.send(new DeleteBudgetCommand(name));
    expect(await fault(described(BudgetName))).toEqual([
      'NotFoundException',
      `Unable to get budget: ${BudgetName} - the budget doesn't exist.`,
    ]);
    expect(await fault(budgets.send(new DeleteBudgetCommand(name)))).toEqual([
      'NotFoundException',
      `Unable to delete budget: ${BudgetName} - the budget doesn't exist. Try creating it first. `,
    ]);
  });

  it('counts what Cost Explorer says of the same filter, and its complement the rest', async () => {
    const filters: Record<string, Expression> = {
      ds: tagged('ds'),
      others: { Not: tagged('ds') },
      'ds of the payer': {
        And: [tagged('ds'), { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [ACCOUNT], MatchOptions: ['EQUALS'] } }],
      },
      usage: { Dimensions: { Key: 'RECORD_TYPE', Values: ['Usage'] } },
    };
    const ce = new CostExplorerClient(server.admin);
    for (const [name, FilterExpression] of Object.entries(filters)) {
      await create(monthly(name, '100', { FilterExpression }));
      const next = new Date(Date.UTC(MONTH_START.getUTCFullYear(), MONTH_START.getUTCMonth() + 1, 1));
      const day = (at: Date) => at.toISOString().slice(0, 10);
      const { ResultsByTime } = await ce.send(
        new GetCostAndUsageCommand({
          TimePeriod: { Start: day(MONTH_START), End: day(next) },
          Granularity: 'MONTHLY',
          Metrics: ['UnblendedCost'],
          Filter: FilterExpression as CostFilter,
        }),
      );
      const cost = Number(ResultsByTime![0]!.Total!.UnblendedCost!.Amount);
      await expect.poll(async () => Number(await actual(name)), ARRIVAL).toBe(cost);
      expect(cost).toBeGreaterThan(0);
    }
    ce.destroy();
    // Sonnet's million input tokens are 3.3 USD in us-east-1.
    expect(await actual('ds')).toBe('9.9');
    expect(await actual('others')).toBe('3.3');
    expect(await actual('ds of the payer')).toBe('6.6');
    expect(await actual('usage')).toBe('13.2');
  });

  it('takes the older filters and cost types, and gives them back with their defaults', async () => {
    const CostFilters = { TagKeyValue: [`user:${TEAM}$ds`, `${TEAM}$web`], LinkedAccount: [ACCOUNT] };
    await create(monthly('older', '100', { CostFilters, CostTypes: { IncludeCredit: false } }));
    await expect.poll(() => actual('older'), ARRIVAL).toBe('9.9');
    expect(await described('older', true)).toMatchObject({
      CostFilters,
      CostTypes: { IncludeCredit: false, IncludeTax: true, UseBlended: false, IncludeDiscount: true },
    });
    const mixed = create(monthly('mixed', '1', { CostFilters, FilterExpression: tagged('ds') }));
    expect((await fault(mixed))[0]).toBe('InvalidParameterException');
  });

  it('counts usage in the unit of bills', async () => {
    const limit = { BudgetType: 'USAGE' as const, BudgetLimit: { Amount: '10000', Unit: '1K tokens' } };
    await create(monthly('tokens', '1', limit));
    await expect.poll(() => actual('tokens'), ARRIVAL).toBe('4000.0');
    expect(await described('tokens')).not.toHaveProperty('CostTypes');
  });

  it('sets its own limit from the months before', async () => {
    const AutoAdjustData = { AutoAdjustType: 'HISTORICAL', HistoricalOptions: { BudgetAdjustmentPeriod: 3 } } as const;
    const { BudgetLimit: _, ...auto } = monthly('auto', '1', { AutoAdjustData });
    await create(auto);
    await expect
      .poll(async () => (await described('auto')).BudgetLimit, ARRIVAL)
      .toEqual({ Amount: '0.0', Unit: 'USD' });
    expect((await described('auto')).AutoAdjustData).toMatchObject({
      HistoricalOptions: { BudgetAdjustmentPeriod: 3, LookBackAvailablePeriods: 3 },
      LastAutoAdjustTime: expect.any(Date),
    });
  });

  it('shows the planned limit of the current month', async () => {
    const starts = Array.from({ length: 12 }, (_, month) =>
      Date.UTC(MONTH_START.getUTCFullYear(), MONTH_START.getUTCMonth() + month, 1),
    );
    const planned = starts.map((at, month) => [String(at / 1_000), { Amount: `${month + 1}.0`, Unit: 'USD' }]);
    const { BudgetLimit: _, ...plan } = monthly('plan', '1', { PlannedBudgetLimits: Object.fromEntries(planned) });
    await create(plan);
    const { BudgetLimit, PlannedBudgetLimits } = await described('plan');
    expect(BudgetLimit).toEqual({ Amount: '1.0', Unit: 'USD' });
    expect(PlannedBudgetLimits).toEqual(Object.fromEntries(planned));
  });

  it.each<[string, Partial<Budget>, string]>([
    ['no limit', { BudgetLimit: undefined }, 'Unable to create/update budget - please provide one of the followings: '],
    ['a reservation', { BudgetType: 'RI_UTILIZATION' }, 'Budgets of type RI_UTILIZATION are not supported'],
    ['another currency', { BudgetLimit: { Amount: '1', Unit: 'EUR' } }, 'Unit EUR is invalid'],
    ['too exact an amount', { BudgetLimit: { Amount: '0.0000000000001', Unit: 'USD' } }, 'Amount 0.0000000000001'],
    ['no custom period', { TimeUnit: 'CUSTOM' }, 'TimePeriod is required'],
    ['a period that is over', { TimePeriod: { End: new Date(1_000_000) } }, 'The start of TimePeriod must be before'],
    ['a short plan', { BudgetLimit: undefined, PlannedBudgetLimits: {} }, 'must have 12 entries'],
    ['a metric of usage', { Metrics: ['UsageQuantity'] }, 'Metric UsageQuantity is invalid for COST budgets'],
    ['two roots', { FilterExpression: { ...tagged('a'), Not: tagged('b') } as never }, 'Expression has more than one'],
    ['an unknown older filter', { CostFilters: { Team: ['a'] } }, 'Cost filter Team is invalid'],
  ])('is refused with %s', async (_, part, sentence) => {
    const [code, message] = await fault(create(monthly('refused', '1', part)));
    expect(code).toBe('InvalidParameterException');
    expect(message).toContain(sentence);
  });

  it('exists once, and another page begins after the last', async () => {
    const again = () => create(monthly('twice', '1'));
    await again();
    expect(await fault(again())).toEqual([
      'DuplicateRecordException',
      'Error creating budget: twice - the budget already exists.',
    ]);
    const names: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await budgets.send(new DescribeBudgetsCommand({ AccountId: ACCOUNT, MaxResults: 3, NextToken }));
      expect(page.Budgets!.length).toBeLessThanOrEqual(3);
      names.push(...page.Budgets!.map(({ BudgetName }) => BudgetName));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(names).toEqual([...new Set(names)].sort());
    expect(names).toContain('twice');
    const broken = budgets.send(new DescribeBudgetsCommand({ AccountId: ACCOUNT, NextToken: '!' }));
    expect((await fault(broken))[0]).toBe('InvalidNextTokenException');
  });

  it('of a member counts its own usage alone, and nobody sees those of another account', async () => {
    const client = new BudgetsClient(member);
    await client.send(new CreateBudgetCommand({ AccountId: memberId, Budget: monthly('own', '10') }));
    const own = async () => {
      const { Budget } = await client.send(new DescribeBudgetCommand({ AccountId: memberId, BudgetName: 'own' }));
      return Budget!.CalculatedSpend!.ActualSpend!.Amount;
    };
    await expect.poll(own, ARRIVAL).toBe('3.3');
    for (const [asking, AccountId] of [
      [client, ACCOUNT],
      [budgets, memberId],
    ] as const) {
      const [code, message] = await fault(asking.send(new DescribeBudgetsCommand({ AccountId })));
      expect(code).toBe('AccessDeniedException');
      expect(message).toContain('is not authorized to perform: budgets:ViewBudget');
    }
    client.destroy();
  });
});

describe('notifications', () => {
  const over: Notification = { NotificationType: 'ACTUAL', ComparisonOperator: 'GREATER_THAN', Threshold: 50 };
  const mail = (name: string) => ({ SubscriptionType: 'EMAIL' as const, Address: `${name}@acme.example` });

  it('tell their subscribers once a period, and stand in alarm', async () => {
    const subscriber = { SubscriptionType: 'SNS' as const, Address: TOPIC };
    await create(monthly('told', '10'), [{ Notification: over, Subscribers: [subscriber, mail('fin')] }]);
    const name = { AccountId: ACCOUNT, BudgetName: 'told' };
    const posts = () => receiver.posts.filter(({ facts }) => facts.budgetName === 'told');
    await expect.poll(posts, ARRIVAL).toHaveLength(1);
    expect(posts()[0]).toMatchObject({
      accountId: ACCOUNT,
      topic: TOPIC,
      subject: 'AWS Budgets: told has exceeded your alert threshold',
      facts: { actual: '13.2', limit: '10.0', notificationType: 'ACTUAL', threshold: 50, thresholdType: 'PERCENTAGE' },
    });
    const { Notifications } = await budgets.send(new DescribeNotificationsForBudgetCommand(name));
    expect(Notifications).toEqual([{ ...over, ThresholdType: 'PERCENTAGE', NotificationState: 'ALARM' }]);

    // A threshold of its own is looked at soon, and the one that was told stays silent.
    const second = { ...over, Threshold: 60 };
    await budgets.send(new CreateNotificationCommand({ ...name, Notification: second, Subscribers: [subscriber] }));
    await expect.poll(() => posts().map(({ facts }) => facts.threshold), ARRIVAL).toEqual([50, 60]);

    const arrived = () => mails.find((one) => one.includes('Subject: AWS Budgets: told has exceeded'));
    await expect.poll(arrived, ARRIVAL).toContain('To: fin@acme.example');
    expect(arrived()).toContain('Threshold: ACTUAL GREATER_THAN 50%');
    expect(arrived()).toContain('Actual: 13.2 USD');

    const sent = ['notices', '--state', 'sent', '--data', server.data];
    const listed = await run(process.execPath, [...MAIN, ...sent], {});
    expect(listed.status, listed.stderr).toBe(0);
    const rows = listed.stdout.split('\n').filter((row) => row.includes('AWS Budgets: told has exceeded'));
    expect(rows.map((row) => /fin@acme\.example|arn:aws:sns\S+/.exec(row)?.[0]).sort()).toEqual([
      TOPIC,
      TOPIC,
      'fin@acme.example',
    ]);
  });

  it('of one account are not listed to another', async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = member.credentials;
    const profile = { endpoint: server.url, region: 'us-east-1', accessKeyId, secretAccessKey };
    const client = new TallylineClient({ ...profile, ...(sessionToken && { sessionToken }) }, () => Date.now());
    expect(await client.call('ListNotices', {})).toEqual({ Notices: [] });
  });

  it('are created, changed and deleted with their subscribers', async () => {
    await create(monthly('changing', '1000'));
    const name = { AccountId: ACCOUNT, BudgetName: 'changing' };
    const notifications = async () =>
      (await budgets.send(new DescribeNotificationsForBudgetCommand(name))).Notifications!.map((one) => one.Threshold);
    const subscribers = async (Notification: Notification) => {
      const command = new DescribeSubscribersForNotificationCommand({ ...name, Notification });
      return (await budgets.send(command)).Subscribers!.map(({ Address }) => Address);
    };
    const Notification = { ...over, ThresholdType: 'PERCENTAGE' as const };
    await budgets.send(new CreateNotificationCommand({ ...name, Notification, Subscribers: [mail('a')] }));
    const twice = budgets.send(
      new CreateNotificationCommand({ ...name, Notification: over, Subscribers: [mail('b')] }),
    );
    expect((await fault(twice))[0]).toBe('DuplicateRecordException');

    await budgets.send(new CreateSubscriberCommand({ ...name, Notification, Subscriber: mail('b') }));
    const again = budgets.send(new CreateSubscriberCommand({ ...name, Notification, Subscriber: mail('b') }));
    expect((await fault(again))[0]).toBe('DuplicateRecordException');
    await budgets.send(
      new UpdateSubscriberCommand({ ...name, Notification, OldSubscriber: mail('a'), NewSubscriber: mail('c') }),
    );
    expect(await subscribers(Notification)).toEqual(['b@acme.example', 'c@acme.example']);

    const NewNotification = { ...Notification, Threshold: 900, ThresholdType: 'ABSOLUTE_VALUE' as const };
    await budgets.send(new UpdateNotificationCommand({ ...name, OldNotification: Notification, NewNotification }));
    expect(await notifications()).toEqual([900]);
    expect(await subscribers(NewNotification)).toEqual(['b@acme.example', 'c@acme.example']);
    expect((await fault(subscribers(Notification)))[0]).toBe('NotFoundException');

    const { BudgetNotificationsForAccount } = await budgets.send(
      new DescribeBudgetNotificationsForAccountCommand({ AccountId: ACCOUNT }),
    );
    expect(BudgetNotificationsForAccount?.find(({ BudgetName }) => BudgetName === 'changing')).toEqual({
      BudgetName: 'changing',
      Notifications: [{ ...NewNotification, NotificationState: 'OK' }],
    });

    // With its last subscriber a notification goes as well.
    const unsubscribe = (who: string) =>
      budgets.send(new DeleteSubscriberCommand({ ...name, Notification: NewNotification, Subscriber: mail(who) }));
    await unsubscribe('b');
    expect(await notifications()).toEqual([900]);
    await unsubscribe('c');
    expect(await notifications()).toEqual([]);
    const gone = budgets.send(new DeleteNotificationCommand({ ...name, Notification: NewNotification }));
    expect((await fault(gone))[0]).toBe('NotFoundException');
  });

  it('are ten at most, with ten mail addresses and one topic each', async () => {
    const Notifications = Array.from({ length: 10 }, (_, index) => ({
      Notification: { ...over, Threshold: 200 + index },
      Subscribers: [mail('a')],
    }));
    await create(monthly('full', '1000'), Notifications);
    const name = { AccountId: ACCOUNT, BudgetName: 'full' };
    const eleventh = budgets.send(
      new CreateNotificationCommand({ ...name, Notification: over, Subscribers: [mail('a')] }),
    );
    expect((await fault(eleventh))[0]).toBe('CreationLimitExceededException');
    const [{ Notification } = {}] = Notifications;
    const topic = (id: string) => ({ SubscriptionType: 'SNS' as const, Address: `${TOPIC}-${id}` });
    const subscribe = (Subscriber: ReturnType<typeof topic>) =>
      budgets.send(new CreateSubscriberCommand({ ...name, Notification, Subscriber }));
    await subscribe(topic('a'));
    expect((await fault(subscribe(topic('b'))))[0]).toBe('CreationLimitExceededException');
    const header = { SubscriptionType: 'EMAIL' as const, Address: 'a@b.example, c@d.example' };
    const listed = budgets.send(new CreateSubscriberCommand({ ...name, Notification, Subscriber: header }));
    expect((await fault(listed))[0]).toBe('InvalidParameterException');
  });
});

it('tags budgets', async () => {
  await create(monthly('tagged', '1'));
  const ResourceARN = `arn:aws:budgets::${ACCOUNT}:budget/tagged`;
  const list = async () => (await budgets.send(new ListTagsForResourceCommand({ ResourceARN }))).ResourceTags;
  const ResourceTags = [
    { Key: 'b', Value: '2' },
    { Key: 'a', Value: '1' },
  ];
  await budgets.send(new TagResourceCommand({ ResourceARN, ResourceTags }));
  expect(await list()).toEqual(ResourceTags.toReversed());
  await budgets.send(new UntagResourceCommand({ ResourceARN, ResourceTagKeys: ['a', 'c'] }));
  expect(await list()).toEqual([{ Key: 'b', Value: '2' }]);
  const reserved = new TagResourceCommand({ ResourceARN, ResourceTags: [{ Key: 'aws:x', Value: '' }] });
  expect((await fault(budgets.send(reserved)))[0]).toBe('InvalidParameterException');
  const other = new ListTagsForResourceCommand({ ResourceARN: `${ResourceARN}-not` });
  expect((await fault(budgets.send(other)))[0]).toBe('NotFoundException');
});
