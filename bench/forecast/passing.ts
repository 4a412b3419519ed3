import { DAY_MS } from '../../src/kernel/time.ts';
import { outlookOf } from '../../src/reports/forecast.ts';
import { LEVEL } from './back-test.ts';

/** One limit that was foreseen to be passed or not, and what came. */
export interface PassingTest {
  /** Foreseen, from 0 to 1. */
  readonly chance: number;
  readonly hasPassed: boolean;
  /** Of those that passed: whether it was on a day between the earliest and the latest; undefined for the others. */
  readonly isDated?: boolean;
}

/** Foresees whether the last `horizon` days of a series pass `room`, from the days before. */
export function passingTest(values: readonly number[], horizon: number, room: number): PassingTest | undefined {
  const history = values.slice(0, -horizon);
  const startMs = history.length * DAY_MS;
  const range = { startMs, endMs: startMs + horizon * DAY_MS };
  const outlook = outlookOf({ startMs: 0, values: history }, range, room, LEVEL);
  if (!outlook) return undefined;
  let sum = 0;
  const passedOn = values.slice(-horizon).findIndex((value) => {
    sum += value;
    return sum > room;
  });
  const { chance, earliestMs = Number.POSITIVE_INFINITY, latestMs = Number.POSITIVE_INFINITY } = outlook;
  if (passedOn === -1) return { chance, hasPassed: false };
  const atMs = startMs + passedOn * DAY_MS;
  return { chance, hasPassed: true, isDated: earliestMs <= atMs && atMs <= latestMs };
}

/** Mean squared distance of what was said and what came; 0.25 is a coin. */
export function brier(tests: readonly PassingTest[]): number {
  return mean(tests.map(({ chance, hasPassed }) => (chance - Number(hasPassed)) ** 2));
}

export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
