import { magnitude } from '../kernel/money.ts';
import { DAY_MS } from '../kernel/time.ts';
import type { TimeZone } from '../kernel/time-zone.ts';

/** What some usage cost in each bucket of two periods, in order. */
export interface CostCourse {
  readonly before: readonly CostPoint[];
  readonly after: readonly CostPoint[];
}

export interface CostPoint {
  readonly startMs: number;
  readonly costPicoUsd: bigint;
}

/** From when on it was different. */
export interface ChangePoint {
  readonly startMs: number;
  /** What came from then on, and what came of all of the later period, beyond what the earlier one lets expect. */
  readonly sincePicoUsd: bigint;
  readonly beyondPicoUsd: bigint;
  /** False: from the beginning of the later period on. */
  readonly isInside: boolean;
}

const WEEK_MS = 7 * DAY_MS;
/** 1970 began on a Thursday: weeks from Monday on. */
const MONDAY_MS = 4 * DAY_MS;

/**
 * The bucket of the later period at which one step up (or down, as the periods differ) explains most of the course: the split
 * into two constant stretches with the least squared error, which is where the scaled cumulative sum of deviations is largest.
 * What is usual at the time of day, and of the week where the earlier period has a week, is taken off first, so that a job that
 * runs every night is compared with its other nights. A step in a busy hour outweighs one in the quiet hours before it: so what
 * came before is split again, as long as the stretch in between is as unusual as what follows. Whole numbers throughout.
 * Undefined where nothing stands out.
 *
 * D. V. Hinkley, "Inference about the change-point in a sequence of random variables", Biometrika 57 (1970); E. S. Page,
 * "Continuous inspection schemes", Biometrika 41 (1954), for the cumulative sum; the splitting again is binary segmentation.
 */
export function changePoint({ before, after }: CostCourse, zone: TimeZone): ChangePoint | undefined {
  const points = [...before, ...after];
  const usualAt = usualCost(before, zone);
  const usual = runningSums(points.map(({ startMs }) => usualAt(startMs)));
  const actual = runningSums(points.map(({ costPicoUsd }) => costPicoUsd));
  const deviation = actual.map((sum, index) => sum - usual[index]!);
  const beyond = deviation.at(-1)! - deviation[before.length]!;
  let first = points.length;
  let found = split(deviation, before.length, first, beyond);
  while (found !== undefined) {
    const [stretch, rest] = [[found, first] as const, [first, points.length] as const];
    if (first < points.length && !isAsUnusual(deviation, usual, stretch, rest)) break;
    first = found;
    found = split(deviation, before.length, first, beyond);
  }
  if (first === points.length) return undefined;
  return {
    startMs: points[first]!.startMs,
    sincePicoUsd: deviation.at(-1)! - deviation[first]!,
    beyondPicoUsd: beyond,
    isInside: first > before.length,
  };
}

/** The best place for a step in the direction of `beyond`, from `least` on, in the points before `end`. */
function split(deviation: readonly bigint[], least: number, end: number, beyond: bigint): number | undefined {
  const [sum, count] = [deviation[end]!, BigInt(end)];
  let best: { readonly index: number; readonly squared: bigint; readonly over: bigint } | undefined;
  for (let index = Math.max(least, 1); index < end; index += 1) {
    const left = BigInt(index);
    // The mean of the later stretch less that of the earlier one, times both lengths.
    const step = left * (sum - deviation[index]!) - (count - left) * deviation[index]!;
    const [squared, over] = [step * step, left * (count - left)];
    if (step * beyond > 0n && (!best || squared * best.over > best.squared * over)) best = { index, squared, over };
  }
  return best?.index;
}

type Stretch = readonly [from: number, to: number];

/** True where a stretch deviates at least half as much from what is usual in it, or in the same time, as a later one. */
function isAsUnusual(deviation: readonly bigint[], usual: readonly bigint[], stretch: Stretch, rest: Stretch): boolean {
  const within = (sums: readonly bigint[], [from, to]: Stretch) => magnitude(sums[to]! - sums[from]!);
  const [here, there] = [within(deviation, stretch), within(deviation, rest)];
  const atLeastHalf = (hereOf: bigint, thereOf: bigint) => hereOf > 0n && 2n * here * thereOf >= there * hereOf;
  return (
    atLeastHalf(within(usual, stretch), within(usual, rest)) ||
    atLeastHalf(BigInt(stretch[1] - stretch[0]), BigInt(rest[1] - rest[0]))
  );
}

/** The sum of the amounts before each place, and of all. */
function runningSums(amounts: readonly bigint[]): bigint[] {
  const sums = [0n];
  for (const amount of amounts) sums.push(sums.at(-1)! + amount);
  return sums;
}

/** The mean of the same time of the week in the earlier period, else of the day; else nothing is usual. */
function usualCost(before: readonly CostPoint[], zone: TimeZone): (atMs: number) => bigint {
  const lengthMs = before.length < 2 ? 0 : before.at(-1)!.startMs - before[0]!.startMs + gapMs(before);
  const turnMs = lengthMs >= WEEK_MS ? WEEK_MS : lengthMs >= DAY_MS ? DAY_MS : undefined;
  if (turnMs === undefined || gapMs(before) >= DAY_MS) return meanOf(before);
  const timeOf = (atMs: number) => (atMs + zone.offsetMs(atMs) - MONDAY_MS) % turnMs;
  const sums = new Map<number, { sum: bigint; count: bigint }>();
  for (const { startMs, costPicoUsd } of before) {
    const { sum, count } = sums.get(timeOf(startMs)) ?? { sum: 0n, count: 0n };
    sums.set(timeOf(startMs), { sum: sum + costPicoUsd, count: count + 1n });
  }
  const otherwise = meanOf(before);
  return (atMs) => {
    const slot = sums.get(timeOf(atMs));
    return slot ? slot.sum / slot.count : otherwise(atMs);
  };
}

function meanOf(points: readonly CostPoint[]): (atMs: number) => bigint {
  const mean = points.length === 0 ? 0n : total(points.map(({ costPicoUsd }) => costPicoUsd)) / BigInt(points.length);
  return () => mean;
}

function gapMs([first, second]: readonly CostPoint[]): number {
  return second!.startMs - first!.startMs;
}

function total(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}
