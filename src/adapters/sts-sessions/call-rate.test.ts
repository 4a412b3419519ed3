import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CallRate } from './call-rate.ts';

test('never more calls than allowed start within a second, in the order in which they asked, and none waits for nothing', () => {
  const step = fc.record({
    afterMs: fc.nat(400),
    patienceMs: fc.nat(1_500),
    pauseMs: fc.option(fc.nat(300), { nil: 0 }),
  });
  const property = fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (most, steps) => {
    const rate = new CallRate(most);
    const starts: number[] = [];
    let nowMs = 0;
    let pausedUntilMs = 0;
    for (const { afterMs, patienceMs, pauseMs } of steps) {
      nowMs += afterMs;
      if (pauseMs > 0) {
        pausedUntilMs = Math.max(pausedUntilMs, nowMs + pauseMs);
        rate.pauseUntil(nowMs + pauseMs);
      }
      const earliestMs = Math.max(nowMs, pausedUntilMs, (starts.at(-most) ?? Number.NEGATIVE_INFINITY) + 1_000);
      const startMs = rate.reserve(nowMs, nowMs + patienceMs);
      expect(startMs).toBe(earliestMs <= nowMs + patienceMs ? earliestMs : undefined);
      if (startMs !== undefined) starts.push(startMs);
    }
    for (const [index, startMs] of starts.entries()) {
      expect(startMs).toBeGreaterThanOrEqual(starts[index - 1] ?? 0);
      expect(starts.filter((other) => other >= startMs && other < startMs + 1_000).length).toBeLessThanOrEqual(most);
    }
  });
  fc.assert(property, { seed: 500, numRuns: 500 });
});
