import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import type { CostAllocationTag } from '../../src/allocation/cost-allocation-tag.ts';
import { AnomalySchedule } from '../../src/app/anomaly-schedule.ts';
import { parsePicoUsd } from '../../src/kernel/money.ts';
import type { RecordStore } from '../../src/kernel/record-store.ts';
import { DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import { NoticeBook } from '../../src/notices/notice-book.ts';
import { type AnomalyPathDeps, evaluateMonitor, tellSubscription } from '../../src/paths/anomaly-path.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { type Anomaly, spendOf } from '../../src/reports/anomaly.ts';
import type { AnomalyMonitor } from '../../src/reports/anomaly-monitor.ts';
import { AnomalyRegistry } from '../../src/reports/anomaly-registry.ts';
import { type AnomalySubscription, absoluteThreshold } from '../../src/reports/anomaly-subscription.ts';
import { ACCOUNT, lineItem, MEMBER_ACCOUNT } from './line-items.ts';
import { openReportStore, type ReportStore } from './report-store.ts';

/** A Wednesday. */
const TODAY = Date.UTC(2026, 5, 17);
const NOW_MS = TODAY + 15 * HOUR_MS + 20 * 60_000;
const day = (before: number) => TODAY - before * DAY_MS;

const MARKETPLACE = 'Claude 3.5 Sonnet (Amazon Bedrock Edition)';
const TEAM = 'iamPrincipal/team';

/** Spend of one line in USD; the rest as in `lineItem`. */
function spent(atMs: number, usd: number, fields: Partial<LineItem> = {}): LineItem {
  const costPicoUsd = BigInt(Math.round(usd * 1e6)) * 1_000_000n;
  return lineItem(atMs, { costPicoUsd, principalTags: [['team', 'search']], ...fields });
}

const MARKETPLACE_LINE: Partial<LineItem> = {
  ...{ service: MARKETPLACE, productCode: 'marketplace-product', billingEntity: 'AWS Marketplace' },
  ...{ usageType: 'USE1-MP:USE1_InputTokenCount-Units', region: 'eu-west-1', accountId: MEMBER_ACCOUNT },
  ...{ principalArn: `arn:aws:sts::${MEMBER_ACCOUNT}:assumed-role/Batch/nightly`, principalTags: [['team', 'batch']] },
};

/**
 * Nine weeks of a company: `search` works by day, `batch` spends on a marketplace model every night at one. Two weeks ago
 * the batch ran wild for two days; today at noon somebody of `search` does.
 */
function history(): LineItem[] {
  const items: LineItem[] = [];
  for (let before = 63; before >= 0; before--) {
    const atMs = day(before);
    const weekend = [0, 6].includes(new Date(atMs).getUTCDay());
    const wobble = 1 + ((before * 7) % 5) / 50;
    for (let hour = 8; hour < (before === 0 ? 15 : 18); hour++) {
      items.push(spent(atMs + hour * HOUR_MS, (weekend ? 1 : 20) * wobble));
    }
    items.push(spent(atMs + HOUR_MS, 60 * wobble, MARKETPLACE_LINE));
    if (before === 12 || before === 11) items.push(spent(atMs + 2 * HOUR_MS, 500, MARKETPLACE_LINE));
  }
  const bob = { principalArn: `arn:aws:iam::${ACCOUNT}:user/bob`, usageType: 'USE1-Claude4.6Sonnet-output-tokens' };
  items.push(spent(TODAY + 12 * HOUR_MS, 300, bob));
  items.push(spent(day(20) + HOUR_MS, 5_000, { recordType: 'Tax', chargeId: 'tax-1' }));
  return items;
}

let reports: ReportStore;
let records: RecordStore;
let time: { nowMs: number };
let deps: AnomalyPathDeps & { registry: AnomalyRegistry; outbox: NoticeBook };

beforeAll(async () => {
  reports = await openReportStore();
  await reports.store.insert({ token: 'history', usageEvents: [], lineItems: history() });
});
afterAll(() => reports?.close());

/** Everything but the usage anew. */
function begin(): void {
  time = { nowMs: NOW_MS };
  records = new SqliteRecordStore(':memory:', () => time.nowMs);
  deps = partsOver(records);
}

function partsOver(store: RecordStore) {
  const tag: CostAllocationTag = {
    ...{ key: TEAM, status: 'Active', discoveredAtMs: 0, lastUsedAtMs: NOW_MS },
    activeIntervals: [{ fromMs: 0 }],
  } as CostAllocationTag;
  const catalog = { tags: new Map([[TEAM, tag]]), categories: new Map(), accountNames: new Map(), models: new Map() };
  return {
    store: reports.store,
    costCatalog: () => catalog,
    registry: new AnomalyRegistry(store),
    outbox: new NoticeBook(store, () => time.nowMs),
    managementAccountId: ACCOUNT,
    clock: () => time.nowMs,
    giveWay: () => setImmediate(),
  };
}

let count = 0;

async function monitor(fields: Partial<AnomalyMonitor>): Promise<AnomalyMonitor> {
  const created: AnomalyMonitor = {
    ...{
      arn: `arn:aws:ce::${ACCOUNT}:anomalymonitor/${++count}`,
      accountId: ACCOUNT,
      name: 'spend',
      type: 'DIMENSIONAL',
    },
    ...{ createdAtMs: time.nowMs, updatedAtMs: time.nowMs, valueCount: 0, tags: [], ...fields },
  };
  await deps.registry.createMonitor(created);
  return created;
}

async function subscribe(fields: Partial<AnomalySubscription>): Promise<AnomalySubscription> {
  const created: AnomalySubscription = {
    ...{ arn: `arn:aws:ce::${ACCOUNT}:anomalysubscription/${++count}`, accountId: ACCOUNT, name: 'finops' },
    ...{ monitorArns: [], frequency: 'IMMEDIATE', subscribers: [{ type: 'SNS', address: 'arn:aws:sns:x' }] },
    ...{ thresholdExpression: absoluteThreshold(50), createdAtMs: day(30), tags: [], ...fields },
  };
  await deps.registry.createSubscription(created);
  return created;
}

async function tellAll(): Promise<void> {
  for (const subscription of deps.registry.allSubscriptions()) await tellSubscription(subscription, deps);
}

/** Value, first day as days before today, number of days. */
function shape(anomalies: readonly Anomaly[]): [string, number, number][] {
  const shapes = anomalies.map(({ value, days }): [string, number, number] => {
    return [value, (TODAY - days[0]!.dayMs) / DAY_MS, days.length];
  });
  return shapes.sort(([a], [b]) => (a < b ? -1 : 1));
}

describe('the evaluation of a monitor', () => {
  it('finds what is out of the ordinary, also of models that are billed through the marketplace, and why', async () => {
    begin();
    const services = await monitor({ dimension: 'SERVICE' });
    await evaluateMonitor(services, deps);
    const anomalies = deps.registry.anomalies(services.arn);
    expect(shape(anomalies)).toEqual([
      ['Amazon Bedrock Service', 0, 1],
      [MARKETPLACE, 12, 2],
    ]);
    const [today, batch] = anomalies;
    expect(batch!.rootCauses).toMatchObject([
      { keys: [MARKETPLACE, 'eu-west-1', MEMBER_ACCOUNT, 'USE1-MP:USE1_InputTokenCount-Units'] },
    ]);
    expect(batch!.principals).toMatchObject([{ keys: [MARKETPLACE_LINE.principalArn] }]);
    expect(today!.principals[0]).toMatchObject({ keys: [`arn:aws:iam::${ACCOUNT}:user/bob`] });
    expect(today!.rootCauses[0]).toMatchObject({
      keys: ['Amazon Bedrock Service', 'us-east-1', ACCOUNT, 'USE1-Claude4.6Sonnet-output-tokens'],
      contributionUsd: '300',
    });
    for (const anomaly of anomalies) {
      const { actual, expected } = spendOf(anomaly.days);
      for (const causes of [anomaly.rootCauses, anomaly.principals]) {
        const sum = causes.reduce((total, { contributionUsd }) => total + parsePicoUsd(contributionUsd), 0n);
        expect(sum).toBe(actual - expected);
      }
    }
    expect(deps.registry.monitor(ACCOUNT, services.arn)).toMatchObject({ lastEvaluatedAtMs: NOW_MS, valueCount: 2 });
  });

  it('compares today with the same hours of other days: a nightly job is none', async () => {
    begin();
    time.nowMs = TODAY + 2 * HOUR_MS;
    const accounts = await monitor({ dimension: 'LINKED_ACCOUNT' });
    expect(shape(await evaluateMonitor(accounts, deps))).toEqual([[MEMBER_ACCOUNT, 12, 2]]);
  });

  it('watches the values of a tag, chosen values together, and a member account’s own usage alone', async () => {
    begin();
    const tags = await monitor({ dimension: 'TAG', specification: { Tags: { Key: TEAM } } });
    expect(shape(await evaluateMonitor(tags, deps))).toEqual([
      ['batch', 12, 2],
      ['search', 0, 1],
    ]);
    const custom = await monitor({
      type: 'CUSTOM',
      specification: { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [ACCOUNT] } },
    });
    expect(shape(await evaluateMonitor(custom, deps))).toEqual([['', 0, 1]]);
    const categories = { dimension: 'COST_CATEGORY', specification: { CostCategories: { Key: 'Product' } } } as const;
    expect(await evaluateMonitor(await monitor(categories), deps)).toEqual([]);
    const member = await monitor({ accountId: MEMBER_ACCOUNT, dimension: 'SERVICE' });
    expect(shape(await evaluateMonitor(member, deps))).toEqual([[MARKETPLACE, 12, 2]]);
  });

  it('comes to the same again, at once and after a restart', async () => {
    begin();
    const services = await monitor({ dimension: 'SERVICE' });
    const topic = await subscribe({ monitorArns: [services.arn] });
    await Promise.all([evaluateMonitor(services, deps), evaluateMonitor(services, deps)]);
    await Promise.all([tellAll(), tellAll()]);
    const first = deps.registry.anomalies(services.arn);
    expect(first).toHaveLength(2);
    deps = partsOver(records);
    time.nowMs += 60_000;
    expect(await evaluateMonitor(services, deps)).toEqual([]);
    await tellAll();
    expect(deps.registry.anomalies(services.arn)).toEqual(first);
    expect(first.map(({ toldSubscriptions }) => toldSubscriptions)).toEqual([[topic.arn], [topic.arn]]);
    expect(deps.outbox.list()).toHaveLength(2);
  });

  it('goes on with the anomaly of today while the day goes on', async () => {
    begin();
    const services = await monitor({ dimension: 'SERVICE' });
    time.nowMs = TODAY + 13 * HOUR_MS;
    await evaluateMonitor(services, deps);
    const [early] = deps.registry.anomalies(services.arn);
    time.nowMs = NOW_MS;
    const [later] = await evaluateMonitor(deps.registry.monitor(ACCOUNT, services.arn), deps);
    expect(later!.id).toBe(early!.id);
    expect(parsePicoUsd(later!.days[0]!.actualUsd)).toBeGreaterThan(parsePicoUsd(early!.days[0]!.actualUsd));
    expect(parsePicoUsd(later!.days[0]!.expectedUsd)).toBeGreaterThan(parsePicoUsd(early!.days[0]!.expectedUsd));
    time.nowMs = TODAY + 91 * DAY_MS;
    await evaluateMonitor(deps.registry.monitor(ACCOUNT, services.arn), deps);
    expect(deps.registry.anomalies(services.arn)).toEqual([]);
  });
});

describe('subscriptions', () => {
  it('tell topics once for each anomaly that is large enough, with the facts of AWS’s message', async () => {
    begin();
    const services = await monitor({ dimension: 'SERVICE' });
    await subscribe({ monitorArns: [services.arn], thresholdExpression: absoluteThreshold(500) });
    await evaluateMonitor(services, deps);
    await tellAll();
    expect(deps.outbox.list()).toHaveLength(1);
    const { notice } = deps.outbox.list()[0]!;
    expect(notice.subject).toMatch(
      /^Cost anomaly: Claude 3.5 Sonnet \(Amazon Bedrock Edition\) \(spend\), \d+\.\d\d USD/,
    );
    expect(notice.text).toContain(`Who: ${MARKETPLACE_LINE.principalArn}`);
    expect(notice.facts).toMatchObject({
      ...{ accountId: ACCOUNT, anomalyStartDate: '2026-06-05T00:00:00Z', anomalyEndDate: '2026-06-06T00:00:00Z' },
      ...{ dimensionalValue: MARKETPLACE, monitorArn: services.arn, subscriptionName: 'finops' },
      rootCauses: [{ service: MARKETPLACE, region: 'eu-west-1', linkedAccount: MEMBER_ACCOUNT }],
    });
  });

  it('summarise a day or a week by mail when it is over, and nothing when nothing was found', async () => {
    begin();
    const services = await monitor({ dimension: 'SERVICE' });
    const mail = { subscribers: [{ type: 'EMAIL', address: 'a@example.com' } as const], monitorArns: [services.arn] };
    await subscribe({ ...mail, frequency: 'DAILY', createdAtMs: TODAY });
    await subscribe({ ...mail, frequency: 'WEEKLY', createdAtMs: TODAY });
    await subscribe({ ...mail, frequency: 'DAILY', createdAtMs: TODAY, thresholdExpression: absoluteThreshold(1e6) });
    await evaluateMonitor(services, deps);
    await tellAll();
    expect(deps.outbox.list()).toEqual([]);
    for (const later of [1, 1, 2, 6, 6]) {
      time.nowMs = TODAY + later * DAY_MS + HOUR_MS;
      await evaluateMonitor(deps.registry.monitor(ACCOUNT, services.arn), deps);
      await Promise.all([tellAll(), tellAll()]);
    }
    const subjects = deps.outbox.list().map(({ notice }) => notice.subject.replace(/, .*/, ''));
    expect(subjects.sort()).toEqual([
      'Cost anomalies: 1 from 2026-06-15 to 2026-06-21',
      'Cost anomalies: 1 from 2026-06-17 to 2026-06-17',
    ]);
    expect(deps.outbox.list()[0]!.notice.facts).toMatchObject({
      anomalies: [{ dimensionalValue: 'Amazon Bedrock Service' }],
    });
  });
});

it('one monitor that cannot be evaluated, or one subscription that cannot be told, keeps nothing from the others', async () => {
  begin();
  const [broken, services] = [await monitor({ dimension: 'TAG' }), await monitor({ dimension: 'SERVICE' })];
  const waiting = await subscribe({ monitorArns: [broken.arn, services.arn] });
  const unwritable = await subscribe({ monitorArns: [services.arn] });
  const told = await subscribe({ monitorArns: [services.arn] });
  const failures: string[] = [];
  const registry = new Proxy(deps.registry, {
    get: (target, name) => {
      const member = target[name as keyof AnomalyRegistry];
      if (name !== 'noteTold') return member.bind(target);
      return (arn: string, ...rest: [never, never, never]) =>
        arn === unwritable.arn ? Promise.reject(new Error('the disk is full')) : target.noteTold(arn, ...rest);
    },
  });
  const schedule = new AnomalySchedule({
    deps: { ...deps, registry },
    usageArrivedAtMs: () => time.nowMs,
    onFailure: (arn) => failures.push(arn),
  });
  schedule.look();
  await vi.waitFor(() => expect(failures).toEqual([broken.arn, unwritable.arn]), { timeout: 10_000 });
  await schedule.stop();
  const subscriptions = deps.registry.anomalies(services.arn).map(({ toldSubscriptions }) => toldSubscriptions);
  expect(subscriptions).toEqual([[told.arn], [told.arn]]);
  expect(waiting.monitorArns).toContain(broken.arn);
});

it('a round in which monitors become due again comes to its end, and tells', async () => {
  begin();
  const [first, second] = [await monitor({ dimension: 'SERVICE' }), await monitor({ dimension: 'LINKED_ACCOUNT' })];
  const topic = await subscribe({ monitorArns: [first.arn, second.arn] });
  const slow = new Proxy(reports.store, {
    get: (target, name) => {
      const member = target[name as keyof typeof target];
      if (name !== 'query') return typeof member === 'function' ? member.bind(target) : member;
      return (...question: Parameters<typeof target.query>) => {
        time.nowMs += 5 * 60_000;
        return target.query(...question);
      };
    },
  });
  const schedule = new AnomalySchedule({
    deps: { ...deps, store: slow },
    usageArrivedAtMs: () => time.nowMs,
    onFailure: (arn, error) => expect([arn, error]).toEqual([]),
  });
  schedule.look();
  const told = () => [first, second].map(({ arn }) => deps.registry.anomalies(arn)[0]?.toldSubscriptions);
  await vi.waitFor(() => expect(told()).toEqual([[topic.arn], [topic.arn]]), { timeout: 5_000 });
  await schedule.stop();
});
