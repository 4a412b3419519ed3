import { describe, expect, it } from 'vitest';
import { type BreakerRule, CircuitBreaker } from './circuit-breaker.ts';

const RULE: BreakerRule = {
  ...{ consecutiveFailures: 3, errorRatePercent: 50, minCalls: 10 },
  ...{ windowMs: 60_000, openMs: 30_000 },
};

/** A breaker after these calls, one a millisecond from 0: `x` fails, `o` succeeds. */
function after(calls: string, rule = RULE): CircuitBreaker {
  const breaker = new CircuitBreaker(rule);
  for (const [atMs, call] of [...calls].entries()) {
    const isProbe = breaker.begin(atMs);
    if (call === 'x') breaker.failed(isProbe, atMs);
    else breaker.succeeded(isProbe, atMs);
  }
  return breaker;
}

describe('a circuit breaker', () => {
  it.each([
    ['', 'closed'],
    ['xx', 'closed'],
    ['xxx', 'open'],
    ['xxoxx', 'closed'],
    // Ten calls, half of them failures, no three in a row.
    ['xoxoxoxoxo', 'closed'],
    ['oxoxoxoxox', 'open'],
    ['oooxooxoxx', 'closed'],
  ])('is, after the calls `%s`, %s', (calls, state) => {
    expect(after(calls).state(calls.length)).toBe(state);
  });

  it('does not open for errors in a row of something that answers, but for their share', () => {
    const breaker = new CircuitBreaker(RULE);
    for (let atMs = 0; atMs < 9; atMs++) breaker.failed(false, atMs, true);
    expect(breaker.state(9)).toBe('closed');
    breaker.failed(false, 9, true);
    expect(breaker.state(10)).toBe('open');
  });

  it('forgets calls that are older than its window', () => {
    const breaker = after('oxoxoxoxo');
    breaker.failed(false, 70_000);
    expect(breaker.state(70_000)).toBe('closed');
  });

  it('lets one call through when its time has passed, and opens again when that fails', () => {
    const breaker = after('xxx');
    expect([breaker.mayPass(30_001), breaker.mayPass(30_002)]).toEqual([false, true]);
    expect(breaker.begin(30_002)).toBe(true);
    expect(breaker.mayPass(30_003)).toBe(false);
    breaker.failed(true, 30_010);
    expect(breaker.state(60_009)).toBe('open');
    expect(breaker.opensAgainInMs(60_009)).toBe(1);
    expect(breaker.begin(60_010)).toBe(true);
    breaker.succeeded(true, 60_011);
    expect(breaker.state(60_011)).toBe('closed');
  });

  it('lets the next one through when a probe told nothing', () => {
    const breaker = after('xxx');
    breaker.undecided(breaker.begin(31_000));
    expect(breaker.mayPass(31_000)).toBe(true);
  });

  it('stays open for its time whatever becomes of calls that were under way', () => {
    const breaker = after('xxx');
    breaker.succeeded(false, 10);
    breaker.failed(false, 29_000);
    expect(breaker.state(29_000)).toBe('open');
    expect(breaker.state(30_002)).toBe('half-open');
  });

  it('is half-open at once when somebody saw that it works', () => {
    const breaker = after('xxx');
    breaker.revive(10);
    expect(breaker.state(10)).toBe('half-open');
  });
});
