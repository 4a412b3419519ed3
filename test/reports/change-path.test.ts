import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import { explainedCells } from '../../src/paths/change-path.ts';
import { report } from '../../src/paths/report-path.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { driverKeys, driversBy, filterOfDrivers } from '../../src/reports/change-drivers.ts';
import { reasonsOf } from '../../src/reports/change-reasons.ts';
import { costOf } from '../../src/reports/change-words.ts';
import { OTHER } from '../../src/reports/report-query.ts';
import { ACCOUNT, lineItem } from './line-items.ts';
import { NO_CATALOG, openReportStore, type ReportStore } from './report-store.ts';

const START_MS = Date.UTC(2026, 5, 1);
const PERIODS = {
  before: { startMs: START_MS, endMs: START_MS + 7 * DAY_MS },
  after: { startMs: START_MS + 7 * DAY_MS, endMs: START_MS + 14 * DAY_MS },
};
const JOB = `arn:aws:sts::${ACCOUNT}:assumed-role/Nightly/`;
/** More than are looked at one by one. */
const USERS = 260;

/** A job that names its sessions by date and stops caching, people with small changes, and a tax. */
function* history(): Generator<LineItem> {
  for (let day = 0; day < 14; day += 1) {
    const dayMs = START_MS + day * DAY_MS;
    const job = { principalArn: `${JOB}2026-06-${day + 1}` };
    const cached = day < 7 ? 90_000n : 0n;
    yield lineItem(dayMs + 2 * HOUR_MS, { ...job, quantity: 100_000n - cached });
    if (cached > 0n)
      yield lineItem(dayMs + 2 * HOUR_MS, {
        ...job,
        meter: 'cache_read',
        quantity: cached,
        requests: 0n,
        pricePicoUsd: 330_000n,
      });
    for (let user = 0; user < USERS; user += 1) {
      const principalArn = `arn:aws:iam::${ACCOUNT}:user/user-${user}`;
      // Every tenth is new, every tenth leaves.
      if ((user % 10 === 0 && day < 7) || (user % 10 === 1 && day >= 7)) continue;
      yield lineItem(dayMs + 9 * HOUR_MS, { principalArn, quantity: BigInt(100 + user + (day < 7 ? 0 : user % 3)) });
    }
  }
  const tax = {
    recordType: 'Tax',
    chargeId: 'tax',
    modelId: '',
    meter: '',
    principalArn: '',
    quantity: 0n,
    requests: 0n,
  } as const;
  yield lineItem(START_MS + 8 * DAY_MS, { ...tax, costPicoUsd: 123_456_789n });
}

let reports: ReportStore;
const deps = () => ({ store: reports.store, costCatalog: () => NO_CATALOG });

beforeAll(async () => {
  reports = await openReportStore();
  await reports.store.insert({ token: 'a', usageEvents: [], lineItems: [...history()] });
});
afterAll(() => reports?.close());

async function spent(range: typeof PERIODS.before, filter = filterOfDrivers([])): Promise<bigint> {
  const [row] = await report({ range, granularity: 'TOTAL', groupBy: [], filter }, deps());
  return row!.costPicoUsd;
}

describe('a change in the store', () => {
  it('has cells that add up to what reports say of both periods, and reasons to the difference', async () => {
    const cells = await explainedCells({ ...PERIODS, keys: [{ dimension: 'role' }] }, deps());
    const sums = { before: await spent(PERIODS.before), after: await spent(PERIODS.after) };
    expect([costOf(cells, 'before'), costOf(cells, 'after')]).toEqual([sums.before, sums.after]);
    const reasons = reasonsOf(cells);
    expect(Object.values(reasons).reduce((sum, amount) => sum + amount, 0n)).toBe(sums.after - sums.before);
    expect(reasons.otherCharges).toBe(123_456_789n);
    // By date, its sessions are all new and all gone; it is one job that stopped hitting the cache.
    expect(reasons.cacheShare).toBe(7n * 90_000n * (3_300_000n - 330_000n));
    expect(reasons.newPrincipals > 0n && reasons.gonePrincipals < 0n).toBe(true);
  });

  it('names the sessions of a role that come and go as one, and pools whose change is small', async () => {
    const cells = await explainedCells({ ...PERIODS, keys: [] }, deps());
    const drivers = driversBy(driverKeys([{ dimension: 'principal' }], [])[0]!, cells, 10);
    expect(drivers[0]!.value).toBe(`${JOB}*`);
    expect(drivers.at(-1)!.value).toBe(OTHER);
    const change = drivers.reduce((sum, one) => sum + one.afterPicoUsd - one.beforePicoUsd, 0n);
    expect(change).toBe((await spent(PERIODS.after)) - (await spent(PERIODS.before)));
    const filter = filterOfDrivers([drivers[0]!]);
    expect(await spent(PERIODS.after, filter)).toBe(drivers[0]!.afterPicoUsd);
    expect(await spent(PERIODS.before, filter)).toBe(drivers[0]!.beforePicoUsd);
  });
});
