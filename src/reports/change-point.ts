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

/** Sums of what lies before each point, and of all. */
interface Sums {
  /** What was spent less what is usual. */
  readonly deviation: readonly bigint[];
  readonly usual: readonly bigint[];
  /** How far each point may deviate by chance: see `weights`. */
  readonly weight: readonly bigint[];
}

/**
 * The bucket of the later period at which one step up (or down, as the periods differ) explains most of the course: the split
 * into two stretches of one rate each with the least squared error, which is where the scaled cumulative sum of deviations is
 * largest. What is usual at the same time is taken off first, so that a job that runs every night is compared with its other
 * nights, and points weigh what is usual in them: else a night's job would be thinned out by the hours in which it never runs,
 * and any run a little above its mean would be told for the beginning. A step in a busy hour outweighs one in the quiet hours
 * before it: so what came before is split again, as long as the stretch in between is as unusual as what follows. Whole numbers
 * throughout. Undefined where nothing stands out.
 *
 * D. V. Hinkley, "Inference about the change-point in a sequence of random variables", Biometrika 57 (1970); E. S. Page,
 * "Continuous inspection schemes", Biometrika 41 (1954), for the cumulative sum; the splitting again is binary segmentation.
 */
export function changePoint({ before, after }: CostCourse, zone: TimeZone): ChangePoint | undefined {
  const points = [...before, ...after];
  const usualAt = usualCost({ before, after }, zone);
  const usualCosts = points.map(({ startMs }) => usualAt(startMs));
  const deviation = runningSums(points.map(({ costPicoUsd }, index) => costPicoUsd - usualCosts[index]!));
  const sums: Sums = { deviation, usual: runningSums(usualCosts), weight: runningSums(weights(usualCosts)) };
  const beyond = deviation.at(-1)! - deviation[before.length]!;
  let first = points.length;
  let found = split(sums, before.length, first, beyond);
  while (found !== undefined) {
    const [stretch, rest] = [[found, first] as const, [first, points.length] as const];
    if (first < points.length && !isAsUnusual(sums, stretch, rest)) break;
    first = found;
    found = split(sums, before.length, first, beyond);
  }
  if (first === points.length) return undefined;
  return {
    startMs: points[first]!.startMs,
    sincePicoUsd: deviation.at(-1)! - deviation[first]!,
    beyondPicoUsd: beyond,
    isInside: first > before.length,
  };
}

/**
 * What is usual in each point, and beside it half of the mean of all: so that time in which nothing is usual counts, too,
 * and little. Noise grows with what it is the noise of.
 */
function weights(usualCosts: readonly bigint[]): bigint[] {
  const sizes = usualCosts.map(magnitude);
  const whole = total(sizes);
  const times = 2n * BigInt(sizes.length);
  return sizes.map((size) => (whole === 0n ? 1n : times * size + whole));
}

/** The best place for a step in the direction of `beyond`, from `least` on, in the points before `end`. */
function split({ deviation, weight }: Sums, least: number, end: number, beyond: bigint): number | undefined {
  const [sum, whole] = [deviation[end]!, weight[end]!];
  let best: { readonly index: number; readonly squared: bigint; readonly over: bigint } | undefined;
  for (let index = Math.max(least, 1); index < end; index += 1) {
    const left = weight[index]!;
    // The rate of the later stretch less that of the earlier one, times both weights.
    const step = left * (sum - deviation[index]!) - (whole - left) * deviation[index]!;
    const [squared, over] = [step * step, left * (whole - left)];
    if (step * beyond > 0n && (!best || squared * best.over > best.squared * over)) best = { index, squared, over };
  }
  return best?.index;
}

type Stretch = readonly [from: number, to: number];

/** True where a stretch deviates at least half as much from what is usual in it, or for its weight, as a later one. */
function isAsUnusual({ deviation, usual, weight }: Sums, stretch: Stretch, rest: Stretch): boolean {
  const within = (sums: readonly bigint[], [from, to]: Stretch) => magnitude(sums[to]! - sums[from]!);
  const [here, there] = [within(deviation, stretch), within(deviation, rest)];
  return [usual, weight].some((sums) => {
    const [hereOf, thereOf] = [within(sums, stretch), within(sums, rest)];
    return hereOf > 0n && 2n * here * thereOf >= there * hereOf;
  });
}

/** The sum of the amounts before each place, and of all. */
function runningSums(amounts: readonly bigint[]): bigint[] {
  const sums = [0n];
  for (const amount of amounts) sums.push(sums.at(-1)! + amount);
  return sums;
}

/** Of times that the earlier period does not have: an hour is skipped when clocks change. */
const SKIPPED_PART = 20;

/**
 * The mean of the same time of the week in the earlier period where that has the times of the week that the later one has, as a
 * week does and the same days of another one do; else of the same time of the day; else of everything.
 */
function usualCost({ before, after }: CostCourse, zone: TimeZone): (atMs: number) => bigint {
  const otherwise = meanOf(before);
  if (before.length < 2 || gapMs(before) >= DAY_MS) return () => otherwise;
  for (const turnMs of [WEEK_MS, DAY_MS]) {
    const timeOf = (atMs: number) => (atMs + zone.offsetMs(atMs) - MONDAY_MS) % turnMs;
    const slots = Map.groupBy(before, ({ startMs }) => timeOf(startMs));
    const skipped = after.filter(({ startMs }) => !slots.has(timeOf(startMs)));
    if (skipped.length * SKIPPED_PART > after.length) continue;
    const means = new Map([...slots].map(([time, own]) => [time, meanOf(own)]));
    return (atMs) => means.get(timeOf(atMs)) ?? otherwise;
  }
  return () => otherwise;
}

function meanOf(points: readonly CostPoint[]): bigint {
  return points.length === 0 ? 0n : total(points.map(({ costPicoUsd }) => costPicoUsd)) / BigInt(points.length);
}

function gapMs([first, second]: readonly CostPoint[]): number {
  return second!.startMs - first!.startMs;
}

function total(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}
