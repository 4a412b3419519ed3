import { describe, expect, it } from 'vitest';
import { BUCKET_MS, DAY_MS, HOUR_MS } from '../kernel/time.ts';
import { Detector } from './detector.ts';
import { expectedBand } from './expected-band.ts';
import type { Finding } from './finding.ts';
import type { UsageSlice } from './usage-slice.ts';

const MONDAY_MS = Date.UTC(2026, 5, 1);
const ANN = 'arn:aws:iam::123456789012:user/ann';
const TIMES = 12;
const SPIKE_HOURS = 2;

/** USD of the hour that begins at an instant. */
type Habit = (startMs: number) => number;

const hourOfDay = (startMs: number) => (startMs % DAY_MS) / HOUR_MS;
const within = (from: number, to: number, usd: number) => (startMs: number) =>
  Math.floor(hourOfDay(startMs)) >= from && Math.floor(hourOfDay(startMs)) < to ? usd : 0;
const onWorkingDays = (habit: Habit) => (startMs: number) =>
  [0, 6].includes(new Date(startMs).getUTCDay()) ? 0 : habit(startMs);

function slice(startMs: number, usd: number): UsageSlice {
  const tokens = { inputTokens: usd * 1e5, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: usd * 2e4 };
  const where = { model: 'sonnet', region: 'us-east-1', client: 'boto3', tags: [] };
  const cells = usd > 0 ? [{ principal: ANN, ...where, costUsd: usd, requests: usd * 40, ...tokens }] : [];
  return { startMs, cells, facts: [] };
}

/** What is found of one principal that spends as ever, and so many times that in two hours, within a day of that. */
function found(habit: Habit, firstMs: number, spikeMs: number, times = TIMES): Finding[] {
  const detector = new Detector({ tagKeys: [], subjectsMax: 10, newId: ({ value }, sinceMs) => `${value} ${sinceMs}` });
  const isSpike = (atMs: number) => atMs >= spikeMs && atMs < spikeMs + SPIKE_HOURS * HOUR_MS;
  const usdAt = (atMs: number) => (habit(atMs) / 4) * (isSpike(atMs) ? times : 1);
  const findings = new Map<string, Finding>();
  for (let atMs = firstMs; atMs < spikeMs + DAY_MS; atMs += BUCKET_MS) {
    const now = slice(atMs, usdAt(atMs));
    if (atMs < spikeMs - 2 * HOUR_MS) detector.learn(now, '15m');
    else {
      const before = slice(atMs - BUCKET_MS, usdAt(atMs - BUCKET_MS));
      for (const one of detector.round([before, now], atMs + BUCKET_MS - 1)) findings.set(one.id, one);
    }
  }
  return [...findings.values()];
}

function bandAt(habit: Habit, firstMs: number, fromMs: number) {
  const hoursUsd = Array.from({ length: (fromMs - firstMs) / HOUR_MS }, (_, hour) => habit(firstMs + hour * HOUR_MS));
  return expectedBand(hoursUsd, firstMs / HOUR_MS, fromMs / HOUR_MS)!;
}

const daily = within(10, 13, 8);
const nightly = within(2, 4, 12);
const office = within(8, 17, 5);

describe.each([
  ['three hours a day, for two days', daily, MONDAY_MS + 10 * HOUR_MS, MONDAY_MS + 2 * DAY_MS + 11 * HOUR_MS],
  ['three hours a day, for ten days', daily, MONDAY_MS + 10 * HOUR_MS, MONDAY_MS + 10 * DAY_MS + 11 * HOUR_MS],
  ['office hours, since yesterday', office, MONDAY_MS + 9 * HOUR_MS, MONDAY_MS + DAY_MS + 14 * HOUR_MS],
  ['a nightly job, for two days', nightly, MONDAY_MS + 2 * HOUR_MS, MONDAY_MS + 2 * DAY_MS + 2 * HOUR_MS],
  ['a nightly job, for five days', nightly, MONDAY_MS + 2 * HOUR_MS, MONDAY_MS + 5 * DAY_MS + 2 * HOUR_MS],
  [
    'working days, since Thursday',
    onWorkingDays(office),
    MONDAY_MS + 3 * DAY_MS + 8 * HOUR_MS,
    MONDAY_MS + 7 * DAY_MS + 11 * HOUR_MS,
  ],
  [
    'working days, for four weeks',
    onWorkingDays(office),
    MONDAY_MS + 8 * HOUR_MS,
    MONDAY_MS + 28 * DAY_MS + 11 * HOUR_MS,
  ],
] as const)('a sparse history: %s', (_, habit, firstMs, spikeMs) => {
  const dayUsd = Array.from({ length: 24 }, (_hour, hour) => habit(MONDAY_MS + hour * HOUR_MS)).reduce((a, b) => a + b);

  it('names the hour in which the excess began, and what is usual in it', () => {
    const findings = found(habit, firstMs, spikeMs);
    expect(findings.map(({ sinceMs }) => sinceMs)).toEqual([spikeMs]);
    const [{ expectedUsd, actualUsd }] = findings as [Finding];
    expect(Number(actualUsd)).toBeGreaterThanOrEqual(habit(spikeMs) * TIMES * SPIKE_HOURS);
    // Of one day or two it is known what a day costs, and less well in which hour.
    expect(Number(expectedUsd)).toBeGreaterThanOrEqual(0.5 * habit(spikeMs) * SPIKE_HOURS);
    expect(Number(expectedUsd)).toBeLessThanOrEqual(1.5 * habit(spikeMs) * SPIKE_HOURS);
  });

  it('expects of a day what a day costs, most of it in the usual hours', () => {
    const band = bandAt(habit, firstMs, spikeMs);
    const hours = Array.from({ length: 24 }, (_hour, hour) => band(spikeMs / HOUR_MS + hour).expectedUsd);
    expect(hours.reduce((sum, usd) => sum + usd, 0)).toBeGreaterThan(0.9 * dayUsd);
    expect(hours.reduce((sum, usd) => sum + usd, 0)).toBeLessThan(1.15 * dayUsd);
    const usual = hours.filter((_hour, hour) => habit(spikeMs + hour * HOUR_MS) > 0);
    expect(Math.min(...usual)).toBeGreaterThanOrEqual(0.5 * habit(spikeMs));
    expect(band(spikeMs / HOUR_MS).upperUsd).toBeGreaterThan(habit(spikeMs));
  });

  it('is silent where nothing is out of the ordinary', () => {
    expect(found(habit, firstMs, spikeMs, 1)).toEqual([]);
  });
});

describe('a steady history of a day and some hours', () => {
  it.each(Array.from({ length: 24 }, (_, hour) => hour))('that begins at %i:00 finds what follows it', (hour) => {
    const firstMs = MONDAY_MS + hour * HOUR_MS;
    const spikeMs = firstMs + 32 * HOUR_MS;
    const [finding, ...others] = found(() => 5, firstMs, spikeMs);
    expect(finding).toMatchObject({ kind: 'spend_spike', sinceMs: spikeMs });
    expect(others).toEqual([]);
    expect(Number(finding!.expectedUsd)).toBeCloseTo(5 * SPIKE_HOURS, 0);
  });
});
