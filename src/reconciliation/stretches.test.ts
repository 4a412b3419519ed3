import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../kernel/time.ts';
import type { Comparison, Grain } from './comparison.ts';
import { stretchesOf } from './stretches.ts';

const START_MS = Date.UTC(2026, 4, 1);
const END_MS = Date.UTC(2026, 5, 1);
const comparison = (grain: Grain) => ({ grain, startMs: START_MS, endMs: END_MS }) as Comparison;
const hours = (linesAt: (hour: number) => number) =>
  Array.from({ length: 744 }, (_, hour) => ({
    hour: `${START_MS / SECOND_MS + hour * 3_600}`,
    lines: `${linesAt(hour)}`,
  }));

describe('stretches of a comparison', () => {
  it('are the whole period where little is in it, and where a bill tells months apart', () => {
    const whole = [{ fromMs: START_MS, toMs: END_MS }];
    expect(
      stretchesOf(
        comparison('HOUR'),
        hours(() => 300),
      ),
    ).toEqual({ ofGrain: whole, ofDays: whole });
    expect(
      stretchesOf(
        comparison('MONTH'),
        hours(() => 300_000),
      ),
    ).toEqual({ ofGrain: whole, ofDays: whole });
    expect(stretchesOf(comparison('DAY'), [])).toEqual({ ofGrain: whole, ofDays: whole });
  });

  it('follow one another without a gap, cut at whole hours or days, and hold few lines where hours do', () => {
    const busy = hours((hour) => (hour % 24 === 12 ? 400_000 : 20_000));
    const { ofGrain, ofDays } = stretchesOf(comparison('HOUR'), busy);
    expect(stretchesOf(comparison('DAY'), busy)).toEqual({ ofGrain: ofDays, ofDays });
    expect(ofDays).toHaveLength(31);
    for (const [stretches, wholeMs] of [
      [ofGrain, HOUR_MS],
      [ofDays, DAY_MS],
    ] as const) {
      expect([stretches[0]!.fromMs, stretches.at(-1)!.toMs]).toEqual([START_MS, END_MS]);
      stretches.slice(1).forEach(({ fromMs }, index) => {
        expect([fromMs, fromMs % wholeMs]).toEqual([stretches[index]!.toMs, 0]);
      });
    }
    const linesOf = ({ fromMs, toMs }: (typeof ofGrain)[number]) =>
      busy
        .filter(({ hour }) => Number(hour) * SECOND_MS >= fromMs && Number(hour) * SECOND_MS < toMs)
        .reduce((sum, { lines }) => sum + Number(lines), 0);
    for (const stretch of ofGrain)
      expect(linesOf(stretch) <= 250_000 || stretch.toMs - stretch.fromMs === HOUR_MS).toBe(true);
  });
});
