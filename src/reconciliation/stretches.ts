import { DAY_MS, HOUR_MS, SECOND_MS } from '../kernel/time.ts';
import type { Comparison, Grain } from './comparison.ts';

/** A stretch of time that is read at once, in UTC milliseconds. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The whole period in stretches, twice. */
export interface Stretches {
  /** Of whole hours, days or the month, whichever the bill tells apart. */
  readonly ofGrain: readonly Stretch[];
  /** Of whole days, or the month. */
  readonly ofDays: readonly Stretch[];
}

/** How many lines both sides have in an hour. */
export interface HourLines {
  /** In Unix seconds. */
  readonly hour: string;
  readonly lines: string;
}

/**
 * Lines that are read at once: their keys are held in memory, some 100 MB. With twice as many the store begins to write them to
 * files, and takes twice as long for each.
 */
const LINES_AT_ONCE = 250_000;

/** What no stretch cuts. A month is one, however much is in it: what a bill by month is compared with is summed to few rows. */
const WHOLE_MS: Readonly<Record<Grain, number>> = { HOUR: HOUR_MS, DAY: DAY_MS, MONTH: Number.POSITIVE_INFINITY };

/** `hours` in order. */
export function stretchesOf(comparison: Comparison, hours: readonly HourLines[]): Stretches {
  const grainMs = WHOLE_MS[comparison.grain];
  return {
    ofGrain: together(comparison, hours, grainMs),
    ofDays: together(comparison, hours, Math.max(grainMs, DAY_MS)),
  };
}

/** Hours, days or the month, together as long as they have few lines. */
function together({ startMs, endMs }: Comparison, hours: readonly HourLines[], wholeMs: number): Stretch[] {
  const stretches: Stretch[] = [];
  let fromMs = startMs;
  let lines = 0;
  const wholes = Map.groupBy(hours, ({ hour }) => Math.floor((Number(hour) * SECOND_MS) / wholeMs));
  for (const [whole, own] of wholes) {
    const ofWhole = own.reduce((sum, hour) => sum + Number(hour.lines), 0);
    if (lines > 0 && lines + ofWhole > LINES_AT_ONCE) {
      stretches.push({ fromMs, toMs: whole * wholeMs });
      [fromMs, lines] = [whole * wholeMs, 0];
    }
    lines += ofWhole;
  }
  return [...stretches, { fromMs, toMs: endMs }];
}
