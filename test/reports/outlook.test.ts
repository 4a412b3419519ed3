import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import type { HardBudget } from '../../src/admission/hard-budget.ts';
import { spendHistory } from '../../src/admission/spend-history.ts';
import type { Budget } from '../../src/budgets/budget.ts';
import { NO_END_MS } from '../../src/budgets/budget-period.ts';
import { BudgetRegistry } from '../../src/budgets/budget-registry.ts';
import { DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import { spendForecasts } from '../../src/paths/forecast-path.ts';
import { LimitOutlooks } from '../../src/paths/outlook-path.ts';
import { StoredSpendLedger } from '../../src/paths/stored-spend-ledger.ts';
import { forecastRanges, outlookOf } from '../../src/reports/forecast.ts';
import { ACCOUNT, lineItem } from './line-items.ts';
import { NO_CATALOG, openReportStore, type ReportStore } from './report-store.ts';

const DAYS = 120;
const TODAY_MS = Date.UTC(2026, 8, 11);
const NOW_MS = TODAY_MS + 6 * HOUR_MS + 1;
const MONTH = { startMs: Date.UTC(2026, 8, 1), endMs: Date.UTC(2026, 9, 1) };
const signal = new AbortController().signal;

/** Dollars a day and somebody, with little noise: alice steadily, bob growing, carol for two weeks. */
const spend = {
  alice: (_: number) => 20,
  bob: (day: number) => day / 4,
  carol: (day: number) => (day < DAYS - 14 ? 0 : 3),
};

let reports: ReportStore;

beforeAll(async () => {
  reports = await openReportStore();
  const lineItems = Object.entries(spend).flatMap(([name, usdOf]) =>
    Array.from({ length: DAYS }, (_, day) => {
      const noise = 1 + 0.1 * Math.sin(day * 2.39 + name.length);
      return lineItem(TODAY_MS + (day - DAYS) * DAY_MS + 9 * HOUR_MS, {
        ...{
          principalArn: `arn:aws:iam::${ACCOUNT}:user/${name}`,
          quantity: BigInt(Math.round(usdOf(day) * noise * 1e6)),
        },
        pricePicoUsd: 1_000_000n,
      });
    }).filter(({ quantity }) => quantity > 0n),
  );
  await reports.store.insert({ token: 'a', usageEvents: [], lineItems });
});
afterAll(() => reports?.close());

const deps = () => ({
  ...{ store: reports.store, costCatalog: () => NO_CATALOG },
  forecast: async (...question: Parameters<typeof forecastRanges>) => forecastRanges(...question),
  outlook: async (...question: Parameters<typeof outlookOf>) => outlookOf(...question),
});

describe('forecasts by subject', () => {
  it('are each of its own days, and sum to the total with the rest', async () => {
    const question = { key: { dimension: 'person' }, topN: 2, range: MONTH, level: 0.8, nowMs: NOW_MS } as const;
    const { total, groups, rest } = await spendForecasts(question, deps(), signal);
    expect(groups.map(({ value }) => value)).toEqual(['bob', 'alice']);
    const sum = (of: (one: (typeof groups)[number]) => bigint) => groups.reduce((all, one) => all + of(one), 0n);
    expect(sum(({ actualPicoUsd }) => actualPicoUsd) + rest.actualPicoUsd).toBe(total.actualPicoUsd);
    expect(sum(({ expected }) => expected!.meanPicoUsd) + rest.meanPicoUsd!).toBe(total.expected!.meanPicoUsd);
    const usd = groups.map(({ expected }) => Number(expected!.meanPicoUsd / 10n ** 12n));
    // Thirty days of some 28 to 34 dollars, and of 20.
    expect(usd[0]).toBeGreaterThan(820);
    expect(usd[0]).toBeLessThan(1_000);
    expect(Math.abs(usd[1]! - 600)).toBeLessThan(40);
    for (const { expected, actualPicoUsd } of groups) {
      const { meanPicoUsd, lowerPicoUsd, upperPicoUsd } = expected!;
      expect(actualPicoUsd <= lowerPicoUsd && lowerPicoUsd <= meanPicoUsd && meanPicoUsd <= upperPicoUsd).toBe(true);
    }
  });

  it('say of who is too new that there is too little history', async () => {
    const question = {
      key: { dimension: 'person' },
      values: ['carol', 'nobody'],
      topN: 1,
      range: MONTH,
      level: 0.8,
    } as const;
    const { groups } = await spendForecasts({ ...question, nowMs: NOW_MS }, deps(), signal);
    expect(groups.map(({ expected }) => expected)).toEqual([undefined, undefined]);
    expect(groups[0]!.actualPicoUsd).toBeGreaterThan(20n * 10n ** 12n);
  });
});

describe('whether a budget will be passed', () => {
  const budget = (name: string, amount: string, person?: string): Budget => ({
    ...{ accountId: ACCOUNT, name, type: 'COST', timeUnit: 'MONTHLY', startMs: 0, endMs: NO_END_MS, updatedAtMs: 0 },
    limit: { kind: 'fixed', spend: { amount, unit: 'USD' } },
    scope: {
      form: 'expression',
      ...(person !== undefined && { expression: { Tags: { Key: person, Values: ['x'] } } }),
    },
    ...{ notifications: [], tags: [] },
  });
  const hard = (name: string, limit: string): HardBudget => ({
    ...{ name, unit: 'USD', limit, scope: {}, each: 'principal', window: { unit: 'month', timeZone: 'UTC' } },
    ...{ warnAtPercent: [80], mode: 'enforce', unpriced: 'allow', subscribers: [], increases: [], isDeclared: false },
  });

  it('is said with a chance, an interval and a date, once a day', async () => {
    const records = new SqliteRecordStore(':memory:', () => NOW_MS);
    const registry = new BudgetRegistry(records);
    for (const one of [
      budget('tight', '600'),
      budget('fair', '1550'),
      budget('wide', '5000'),
      budget('none', '1', 'team'),
    ]) {
      await registry.write(registry.create(one, 0));
    }
    const ledger = new StoredSpendLedger(reports.store);
    let asked = 0;
    const outlooks = new LimitOutlooks({
      ...{ ...deps(), registry, managementAccountId: ACCOUNT, hardBudgets: () => [hard('each', '800')] },
      history: (draft, count) => spendHistory(draft, ledger, count, NOW_MS),
      outlook: async (...question) => {
        asked += 1;
        return outlookOf(...question);
      },
    });
    const found = new Map((await outlooks.ofAccount(ACCOUNT, NOW_MS)).map((one) => [one.name, one]));
    expect(found.get('tight')).toMatchObject({ isPassed: false, startMs: MONTH.startMs, endMs: MONTH.endMs });
    // Some 51 dollars a day of 600, ten days over.
    expect(found.get('tight')!.chance).toBeGreaterThan(0.95);
    expect(new Date(found.get('tight')!.passes!.likelyMs!).toISOString().slice(0, 10)).toMatch(/^2026-09-1[12]$/);
    const { chance, passes, expected, lower, upper } = found.get('fair')!;
    expect(chance! > 0.02 && chance! < 0.99).toBe(true);
    expect(Number(lower) <= Number(expected) && Number(expected) <= Number(upper)).toBe(true);
    expect(passes!.earliestMs!).toBeLessThanOrEqual(passes!.likelyMs ?? Number.POSITIVE_INFINITY);
    expect(found.get('wide')).toMatchObject({ passes: {} });
    expect(found.get('wide')!.chance).toBeLessThan(0.05);
    expect(found.get('none')).not.toHaveProperty('chance');
    const each = await outlooks.ofHardBudgets(NOW_MS);
    expect(each.map(({ value }) => value!.split('/')[1])).toEqual(['bob', 'alice', 'carol']);
    expect(each[0]!.chance!).toBeGreaterThan(each[1]!.chance!);
    expect(each[2]).not.toHaveProperty('chance');
    const before = asked;
    await outlooks.ofAccount(ACCOUNT, NOW_MS + HOUR_MS);
    await outlooks.ofHardBudgets(NOW_MS + HOUR_MS);
    expect(asked).toBe(before);
  });
});
