import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import { timeZoneOf, UTC } from '../../src/kernel/time-zone.ts';
import { lastWeeks, spendChanges, topMovers } from '../../src/paths/change-path.ts';
import { monthOverview, monthQuality, type OverviewDeps } from '../../src/paths/overview-path.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { forecastRanges } from '../../src/reports/forecast.ts';
import { usageEvent } from '../rating/usage-event.ts';
import { lineItem } from './line-items.ts';
import { NO_CATALOG, openReportStore, type ReportStore } from './report-store.ts';

const BERLIN = timeZoneOf('Europe/Berlin')!;
/** 14:20 in Berlin, a day after its clocks were put forward. */
const NOW_MS = Date.UTC(2026, 2, 30, 12, 20);
const ALICE = 'arn:aws:iam::111111111111:user/alice';
const BOB = 'arn:aws:iam::111111111111:user/bob';

let reports: ReportStore;
let deps: OverviewDeps;

/** Alice calls once an hour; Bob once a day at noon, ten times as much in the last week. */
function* history(): Generator<LineItem> {
  for (let atMs = Date.UTC(2026, 0, 10); atMs < NOW_MS; atMs += HOUR_MS) {
    yield lineItem(atMs, { principalArn: ALICE, principalTags: [['team', 'blue']] });
    if (atMs % DAY_MS !== 12 * HOUR_MS) continue;
    const isLate = atMs >= NOW_MS - 7 * DAY_MS;
    yield lineItem(atMs, { principalArn: BOB, quantity: isLate ? 50_000n : 5_000n, isEstimated: isLate });
  }
  yield lineItem(NOW_MS - (NOW_MS % DAY_MS), { principalArn: '', isUnpriced: true, modelId: 'no.price', requests: 0n });
}
const ITEMS = [...history()];

beforeAll(async () => {
  reports = await openReportStore();
  const cut = usageEvent({ admittedAtMs: NOW_MS - HOUR_MS, endedAtMs: NOW_MS - HOUR_MS + 5, status: 'interrupted' });
  await reports.store.insert({ token: 'a', usageEvents: [cut], lineItems: ITEMS });
  deps = {
    store: reports.store,
    costCatalog: () => NO_CATALOG,
    forecast: async (...question) => forecastRanges(...question),
  };
});
afterAll(() => reports?.close());

const costIn = (startMs: number, endMs: number, isCounted = (_: LineItem) => true) =>
  ITEMS.filter((item) => item.bucketStartMs >= startMs && item.bucketStartMs < endMs && isCounted(item)).reduce(
    (sum, item) => sum + item.costPicoUsd,
    0n,
  );

const question = { untilMs: NOW_MS, zone: BERLIN, visible: {} };

describe('the overview of a month', () => {
  it('compares it with the month before up to the same day and time of day, whatever clocks did in between', async () => {
    const { monthToDate, before, days } = await monthOverview(question, deps);
    const [lastMonthMs, monthMs] = [Date.UTC(2026, 0, 31, 23), Date.UTC(2026, 1, 28, 23)];
    expect(monthToDate).toMatchObject({ costPicoUsd: costIn(monthMs, NOW_MS) });
    expect(monthToDate.range.startMs).toBe(monthMs);
    // February has no 30th: all of it compares.
    expect(before!.range).toEqual({ startMs: lastMonthMs, endMs: monthMs });
    expect(before).toMatchObject({ costPicoUsd: costIn(lastMonthMs, monthMs), wholePicoUsd: before!.costPicoUsd });
    expect(before!.beganMs).toBeUndefined();
    expect(days).toHaveLength(30);
    expect(days.map(({ range }) => range.endMs - range.startMs)).toContain(23 * HOUR_MS);
    const lastTwoDays = days.slice(-2).reduce((sum, { costPicoUsd }) => sum + costPicoUsd, 0n);
    expect(lastTwoDays).toBe(costIn(Date.UTC(2026, 2, 28, 23), NOW_MS));
    const earlier = await monthOverview({ ...question, untilMs: Date.UTC(2026, 2, 10, 9) }, deps);
    expect(earlier.before!.range.endMs).toBe(Date.UTC(2026, 1, 10, 9));
  });

  it('says what the month will come to, with what was spent in it exactly, and the days that are left', async () => {
    const { forecast, monthToDate, monthEndMs } = await monthOverview(question, deps);
    const { mean, lower, upper, days, level } = forecast!;
    expect(level).toBe(0.8);
    expect(lower).toBeGreaterThanOrEqual(monthToDate.costPicoUsd);
    expect([lower <= mean, mean <= upper]).toEqual([true, true]);
    expect(days.map(({ range }) => range.startMs)).toEqual([NOW_MS + 10 * 60_000, Date.UTC(2026, 2, 30, 22)]);
    expect(days.at(-1)!.range.endMs).toBe(monthEndMs);
    expect(days.at(-1)!.monthSoFar).toEqual({ mean, lower, upper });
  });

  it('has nothing to compare with where nothing was used before, and says since when there is where it is part', async () => {
    const first = await monthOverview({ ...question, untilMs: Date.UTC(2026, 0, 20) }, deps);
    expect(first.before).toBeUndefined();
    expect(first.forecast).toBeUndefined();
    const second = await monthOverview({ ...question, untilMs: Date.UTC(2026, 1, 20) }, deps);
    expect(second.before!.beganMs).toBe(Date.UTC(2026, 0, 9, 23));
    const nobody = { ...question, visible: { principalArn: 'arn:aws:iam::1:user/nobody' } };
    expect(await monthOverview(nobody, deps)).not.toHaveProperty('before');
  });

  it('says how well its usage is known', async () => {
    const quality = await monthQuality(question, 'iamPrincipal/team', deps);
    const monthMs = Date.UTC(2026, 1, 28, 23);
    expect(quality).toMatchObject({
      ...{ costPicoUsd: costIn(monthMs, NOW_MS), unattributedPicoUsd: 0n },
      // The tag is not active.
      untaggedPicoUsd: costIn(monthMs, NOW_MS),
      estimatedPicoUsd: costIn(monthMs, NOW_MS, ({ isEstimated }) => isEstimated),
      estimatedSinceMs: Date.UTC(2026, 2, 24, 12),
      ...{ unpricedQuantity: 1_000n, unpricedModels: ['no.price'] },
      ...{ calls: 1n, interrupted: 1n, cut: 0n },
    });
    const active = new Map([
      ['iamPrincipal/team', { key: 'iamPrincipal/team', activeIntervals: [{ fromMs: 0 }] } as never],
    ]);
    const withTag = { ...deps, costCatalog: () => ({ ...NO_CATALOG, tags: active }) };
    const tagged = await monthQuality(question, 'iamPrincipal/team', withTag);
    const isTagged = ({ principalTags }: LineItem) => principalTags.length > 0;
    expect(tagged.untaggedPicoUsd).toBe(costIn(monthMs, NOW_MS, (item) => !isTagged(item)));
    const none = await monthQuality({ ...question, visible: { accountId: '9' } }, 'iamPrincipal/team', deps);
    expect(none).toMatchObject({ costPicoUsd: 0n, calls: 0n });
    expect(none).not.toHaveProperty('estimatedSinceMs');
  });
});

describe('what moved', () => {
  const weeks = { ...lastWeeks(NOW_MS, BERLIN), visible: {} };

  it('is told with reasons that add up, the largest change first', async () => {
    const movers = await topMovers({ dimension: 'principal' }, weeks, BERLIN, 5, deps);
    // A week with a change of clocks has an hour less of Alice.
    expect(movers.map(({ value }) => value)).toEqual([BOB, ALICE]);
    const [bob] = movers;
    expect(bob!.reasons.map(({ reason, text }) => [reason, text])).toEqual([
      ['tokensPerRequest', '5,000 → 43,571 tokens a call'],
    ]);
    for (const { reasons, beforePicoUsd, afterPicoUsd } of movers) {
      const sum = reasons.reduce((total, { changePicoUsd }) => total + changePicoUsd, 0n);
      expect(sum).toBe(afterPicoUsd - beforePicoUsd);
    }
  });

  it('adds up over any two stretches of time, and over all values of a key', async () => {
    const stretch = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 }));
    const property = fc.asyncProperty(stretch, fc.boolean(), async ([daysAgo, length], isByModel) => {
      const middleMs = Date.UTC(2026, 2, 20) - daysAgo * DAY_MS;
      const ranges = {
        before: { startMs: middleMs - length * DAY_MS, endMs: middleMs },
        after: { startMs: middleMs, endMs: middleMs + length * DAY_MS },
      };
      const key = { dimension: isByModel ? ('model' as const) : ('principal' as const) };
      const values = isByModel ? ['anthropic.claude-sonnet-4-6', 'no.price'] : [ALICE, BOB, ''];
      const changes = await spendChanges(key, values, { ...ranges, visible: {} }, deps);
      const [all] = await spendChanges({ dimension: 'all' }, [''], { ...ranges, visible: {} }, deps);
      const total = (of: 'beforePicoUsd' | 'afterPicoUsd') => changes.reduce((sum, change) => sum + change[of], 0n);
      expect(total('beforePicoUsd')).toBe(all!.beforePicoUsd);
      expect(total('afterPicoUsd')).toBe(all!.afterPicoUsd);
      expect(all!.beforePicoUsd).toBe(costIn(ranges.before.startMs, ranges.before.endMs));
    });
    await fc.assert(property, { seed: 7, numRuns: 12 });
  });

  it('is nothing where nothing was used', async () => {
    const long = { ...lastWeeks(Date.UTC(2020, 5, 1), UTC), visible: {} };
    expect(await topMovers({ dimension: 'principal' }, long, UTC, 5, deps)).toEqual([]);
  });
});
