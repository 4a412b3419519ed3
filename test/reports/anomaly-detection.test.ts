import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePicoUsd } from '../../src/kernel/money.ts';
import { DAY_MS } from '../../src/kernel/time.ts';
import { type Anomaly, impactOf, spendOf } from '../../src/reports/anomaly.ts';
import {
  type DailySpend,
  type JudgedDay,
  mergeAnomalies,
  rootCausesOf,
  SpendJudge,
  sensitivityOf,
} from '../../src/reports/anomaly-detection.ts';
import { dayMs, HISTORY_START_MS, type SpendHistory, spendHistories } from './spend-history.ts';

const MONITOR = { arn: 'arn:aws:ce::111111111111:anomalymonitor/m', accountId: '111111111111' };
const NOW_MS = HISTORY_START_MS + 400 * DAY_MS;

function dailySpend(days: readonly number[]): DailySpend {
  return { firstDayMs: HISTORY_START_MS, days: days.map((usd) => BigInt(Math.round(usd * 1e6)) * 1_000_000n) };
}

/** Judges the days from `from` on of values that one monitor watches. */
function judgedDays(histories: readonly Pick<SpendHistory, 'value' | 'days'>[], from: number, present: Anomaly[] = []) {
  const series = histories.map(({ days }) => dailySpend(days));
  const count = histories[0]!.days.length;
  const scope = Array.from({ length: count }, (_, day) => series.reduce((sum, { days }) => sum + days[day]!, 0n));
  const judge = new SpendJudge({ firstDayMs: HISTORY_START_MS, days: scope });
  const judged = Array.from({ length: count - from }, (_, day) => dayMs(from + day));
  return histories.flatMap(({ value }, index) =>
    judge.judge(value, series[index]!, judged, sensitivityOf(value, present)),
  );
}

function anomaliesOf(judged: readonly JudgedDay[], present: readonly Anomaly[] = []): Anomaly[] {
  return mergeAnomalies(MONITOR, present, judged, NOW_MS);
}

/** The spend of one value, alarms from `from` on as the days they cover. */
function alarms(days: readonly number[], from = 28): number[][] {
  const found = anomaliesOf(judgedDays([{ value: 'search', days }], from));
  return found.map((anomaly) => anomaly.days.map((day) => (day.dayMs - HISTORY_START_MS) / DAY_MS));
}

const weeks = (count: number, week: readonly number[]) => Array.from({ length: count }, () => week).flat();
const WORK_WEEK = [100, 104, 98, 101, 97, 10, 8];

describe('detection', () => {
  it('sees a spike, and its end', () => {
    const days = weeks(8, WORK_WEEK);
    days[50] = 400;
    days[51] = 380;
    expect(alarms(days)).toEqual([[50, 51]]);
  });

  it('knows weekends, weekly jobs and steady growth', () => {
    expect(alarms(weeks(8, WORK_WEEK))).toEqual([]);
    expect(alarms(weeks(8, [5, 5, 5, 5, 5, 5, 300]))).toEqual([]);
    expect(alarms(Array.from({ length: 70 }, (_, day) => 50 * 1.01 ** day))).toEqual([]);
  });

  it('sees a working day’s spend on a quiet day', () => {
    const days = weeks(8, WORK_WEEK);
    days[47] = 100;
    expect(alarms(days)).toEqual([[47]]);
  });

  it('sees something new, and takes what stays for ordinary after ten days', () => {
    const [old, fresh] = [Array(70).fill(1_000), Array.from({ length: 70 }, (_, day) => (day < 50 ? 0 : 200))];
    const found = anomaliesOf(
      judgedDays(
        [
          { value: 'old', days: old },
          { value: 'fresh', days: fresh },
        ],
        28,
      ),
    );
    expect(found.map(({ value, days }) => [value, days.length])).toEqual([['fresh', 10]]);
    expect(found[0]!.days[0]).toMatchObject({ dayMs: dayMs(50), actualUsd: '200', expectedUsd: '0' });
    expect(impactOf({ days: found[0]!.days.slice(0, 1) })).not.toHaveProperty('percentage');
  });

  it('says nothing of savings, of cents, and of what has no history of ten days', () => {
    expect(alarms([...weeks(6, WORK_WEEK), 0, 0, 0])).toEqual([]);
    expect(alarms([...Array(40).fill(0.001), 0.9])).toEqual([]);
    expect(alarms([...Array(20).fill(0), ...Array(9).fill(10), 900], 0)).toEqual([]);
    expect(alarms([...Array(20).fill(0), ...Array(10).fill(10), 900], 0)).toEqual([[30]]);
  });

  it('finds planted spikes with few false alarms, better than a threshold on the mean and than three sigma', () => {
    const scores = [1, 2, 3].map((seed) => {
      const histories = spendHistories(seed, 80, 98, 49);
      const judged = judgedDays(histories, 42);
      const threshold = (isAnomalous: (usd: number, before: readonly number[]) => boolean) =>
        judged.map((day) => {
          const at = (day.dayMs - HISTORY_START_MS) / DAY_MS;
          const { days } = histories.find(({ value }) => value === day.value)!;
          return { ...day, isAnomalous: isAnomalous(days[at]!, days.slice(at - 28, at)) };
        });
      const onMean = threshold((usd, before) => usd > 1.5 * mean(before.slice(-7)) && usd - mean(before) > 1);
      const sigma = threshold((usd, before) => usd > mean(before) + 3 * deviation(before) && usd - mean(before) > 1);
      return { ours: scoreOf(judged, histories), onMean: scoreOf(onMean, histories), sigma: scoreOf(sigma, histories) };
    });
    for (const { ours, onMean, sigma } of scores) {
      expect(ours.precision).toBeGreaterThan(0.8);
      expect(ours.recall).toBeGreaterThan(0.9);
      expect(ours.precision).toBeGreaterThan(2 * onMean.precision);
      expect(ours.precision).toBeGreaterThan(sigma.precision + 0.15);
      expect(ours.recall).toBeGreaterThanOrEqual(sigma.recall);
    }
  });
});

describe('anomalies', () => {
  const spiky = weeks(8, WORK_WEEK);
  for (const day of [49, 50, 51]) spiky[day] = 400 + day;

  it('come out the same however often days are judged, and day by day as all at once', () => {
    const judged = judgedDays([{ value: 'search', days: spiky }], 42);
    const atOnce = anomaliesOf(judged);
    expect(anomaliesOf(judged, atOnce)).toEqual([]);
    const byDay = new Map<string, Anomaly>();
    for (const day of judged) {
      for (const anomaly of anomaliesOf([day], [...byDay.values()])) byDay.set(anomaly.id, anomaly);
    }
    expect([...byDay.values()]).toEqual(atOnce);
  });

  it('keep their days up to date, also when these look harmless by now', () => {
    const [anomaly] = anomaliesOf(judgedDays([{ value: 'search', days: spiky }], 42));
    const day = anomaly!.days[1]!;
    const less = { ...day, value: 'search', isAnomalous: false, actualUsd: '110', score: 0.1 };
    const [changed] = anomaliesOf([less], [anomaly!]);
    expect(changed!.days.map(({ actualUsd }) => actualUsd)).toEqual(['449', '110', '451']);
    expect(changed!.maxScore).toBe(anomaly!.maxScore);
  });

  it('that were planned or false are over, and as much is in order afterwards', () => {
    const days = weeks(9, WORK_WEEK);
    days[50] = 400;
    days[57] = 390;
    days[58] = 900;
    const [first, ...later] = alarms(days);
    expect([first, later]).toEqual([[50], [[57, 58]]]);
    const [anomaly] = anomaliesOf(judgedDays([{ value: 'search', days: days.slice(0, 51) }], 42));
    for (const feedback of ['NO', 'PLANNED_ACTIVITY'] as const) {
      const present = [{ ...anomaly!, feedback }];
      const found = anomaliesOf(judgedDays([{ value: 'search', days }], 51, present), present);
      expect(found.map(({ days: covered }) => covered.map((day) => day.dayMs))).toEqual([[dayMs(58)]]);
    }
    const confirmed = [{ ...anomaly!, feedback: 'YES' as const }];
    expect(anomaliesOf(judgedDays([{ value: 'search', days }], 51, confirmed), confirmed)).toHaveLength(1);
    const otherValue = sensitivityOf('ads', [{ ...anomaly!, feedback: 'NO' }]);
    expect(otherValue).toEqual(sensitivityOf('ads', []));
  });

  it('have an impact of actual less expected spend, over all their days', () => {
    const usd = fc.array(fc.double({ min: 0, max: 5_000, noNaN: true }), { minLength: 12, maxLength: 80 });
    fc.assert(
      fc.property(usd, (days) => {
        for (const anomaly of anomaliesOf(judgedDays([{ value: 'x', days }], 10))) {
          const { actual, expected } = spendOf(anomaly.days);
          const impact = impactOf(anomaly);
          expect(actual).toBe(
            anomaly.days.reduce(
              (sum, day) => sum + dailySpend(days).days[(day.dayMs - HISTORY_START_MS) / DAY_MS]!,
              0n,
            ),
          );
          expect(actual).toBeGreaterThan(expected);
          expect(impact.totalUsd).toBeCloseTo(impact.actualUsd - impact.expectedUsd, 6);
          expect(impact.maxUsd).toBeLessThanOrEqual(impact.totalUsd * (1 + 1e-12));
          expect(anomaly.days.every(({ score }) => score >= 0.5 && score < 1)).toBe(true);
        }
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('have root causes that sum to their impact exactly, the largest first', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 16n });
    const spends = fc.array(fc.record({ keys: fc.tuple(fc.string()), actual: amount, before: amount }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(spends, amount, amount, (causes, actual, expected) => {
        const found = rootCausesOf(causes, { actual, expected });
        const contributions = found.map(({ contributionUsd }) => parsePicoUsd(contributionUsd));
        expect(contributions.reduce((sum, part) => sum + part, 0n)).toBe(actual - expected);
        const named = contributions.slice(0, found.filter(({ keys }) => keys).length);
        expect(named.length).toBeLessThanOrEqual(10);
        expect(named.every((part, index) => part > 0n && part <= (named[index - 1] ?? part))).toBe(true);
      }),
      { seed: 11, numRuns: 500 },
    );
  });
});

/** An anomaly hits when it has a planted day in it. */
function scoreOf(
  judged: readonly JudgedDay[],
  histories: readonly SpendHistory[],
): { precision: number; recall: number } {
  const found = anomaliesOf(judged);
  const hits = found.filter(({ value, days }) => {
    const { spikes } = histories.find((history) => history.value === value)!;
    return days.some((day) => spikes.includes((day.dayMs - HISTORY_START_MS) / DAY_MS));
  });
  const planted = histories.filter(({ spikes }) => spikes.length > 0);
  return {
    precision: hits.length / found.length,
    recall: new Set(hits.map(({ value }) => value)).size / planted.length,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  return Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
}
