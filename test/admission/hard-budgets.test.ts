import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SpendClaim, SpendHold } from '../../src/admission/spend-gate.ts';
import { formatUsd } from '../../src/kernel/money.ts';
import { HOUR_MS } from '../../src/kernel/time.ts';
import { caller, claim, ended, TestNode, testTime } from './node.ts';

const DAY = { unit: 'day', timeZone: 'UTC' } as const;

describe('a hard budget', () => {
  it('holds the most that a call can cost, and gives back what it did not use (peers row 79)', async () => {
    const node = new TestNode(testTime());
    await node.budget({ name: 'all', unit: 'USD', limit: '0.001', window: DAY });
    const one = claim(caller('ann'), node.time.nowMs);
    const hold = await node.reserve(one);
    expect(formatUsd(node.used('all'))).toBe('0.0002');
    hold.settle(ended(one, { inputTokens: 10, outputTokens: 20 }));
    hold.release();
    expect(formatUsd(node.used('all'))).toBe('0.00003');
  });

  it('lets exactly as many of a thousand calls through as have room (peers rows 72, 76)', async () => {
    const node = new TestNode(testTime());
    await node.budget({ name: 'all', unit: 'USD', limit: '0.02', window: DAY });
    const calls = Array.from({ length: 1_000 }, () => node.reserve(claim(caller('ann'), node.time.nowMs)));
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(100);
    expect(formatUsd(node.used('all'))).toBe('0.02');
  });

  it('holds on all budgets that match or on none (peers row 73)', async () => {
    const node = new TestNode(testTime());
    const ann = caller('ann', { team: 'blue' });
    await node.budget({ name: 'ann', unit: 'tokens', limit: '1000', window: DAY, scope: { principals: [ann.arn] } });
    await node.budget({ name: 'blue', unit: 'tokens', limit: '300', window: DAY, scope: { tags: [['team', 'blue']] } });
    await node.reserve(claim(ann, node.time.nowMs));
    await expect(node.reserve(claim(ann, node.time.nowMs))).rejects.toThrow('The hard budget blue has no room');
    expect(node.used('ann')).toBe(200n);
    expect(node.used('blue')).toBe(200n);
  });

  it('makes room for a dearer model before it is tried', async () => {
    const node = new TestNode(testTime());
    await node.budget({ name: 'all', unit: 'USD', limit: '0.0025', window: DAY });
    const one = claim(caller('ann'), node.time.nowMs);
    const hold = await node.reserve(one);
    hold.settle(ended(one, { inputTokens: 100, outputTokens: 0 }));
    await hold.cover({ ...one, modelId: 'dear' });
    // What the first attempt used, and what the second can use.
    expect(formatUsd(node.used('all'))).toBe('0.0021');
    await hold.cover({ ...one, modelId: 'dear', region: 'us-west-2' });
    hold.release();
    expect(formatUsd(node.used('all'))).toBe('0.0001');
  });

  it('refuses a dearer attempt that has no room', async () => {
    const node = new TestNode(testTime());
    await node.budget({ name: 'all', unit: 'USD', limit: '0.0015', window: DAY });
    const one = claim(caller('ann'), node.time.nowMs);
    const hold = await node.reserve(one);
    await expect(hold.cover({ ...one, modelId: 'dear' })).rejects.toThrow('this call needs up to 0.0018 USD');
    hold.release();
    expect(node.used('all')).toBe(0n);
  });

  it('lets a hold go that nobody released in time', async () => {
    const node = new TestNode(testTime(), { reservationMs: 60_000 });
    await node.budget({ name: 'all', unit: 'concurrency', limit: '1' });
    const hold = await node.reserve(claim(caller('ann'), node.time.nowMs));
    await expect(node.reserve(claim(caller('ann'), node.time.nowMs))).rejects.toMatchObject({
      code: 'ThrottlingException',
    });
    node.time.nowMs += 60_000;
    node.gate.expire(node.time.nowMs);
    await node.reserve(claim(caller('ann'), node.time.nowMs));
    hold.release();
    expect(node.used('all')).toBe(1n);
  });

  it('gives back also what a further attempt took after the hold had expired', async () => {
    const node = new TestNode(testTime(), { reservationMs: 60_000 });
    await node.budget({ name: 'all', unit: 'tokens', limit: '1000', window: DAY });
    const one = claim(caller('ann'), node.time.nowMs);
    const hold = await node.reserve(one);
    node.time.nowMs += 60_000;
    node.gate.expire(node.time.nowMs);
    expect(node.used('all')).toBe(0n);
    await hold.cover(one);
    expect(node.used('all')).toBe(200n);
    hold.release();
    hold.release();
    expect(node.used('all')).toBe(0n);
  });

  it('has a counter for every value of its dimension, also for those without one (peers row 74)', async () => {
    const node = new TestNode(testTime());
    await node.budget({ name: 'team', unit: 'tokens', limit: '200', window: DAY, each: { tag: 'team' } });
    for (const who of [caller('ann', { team: 'blue' }), caller('bob', { team: 'red' }), caller('eve')]) {
      await node.reserve(claim(who, node.time.nowMs));
      await expect(node.reserve(claim(who, node.time.nowMs))).rejects.toThrow('hard budget team');
    }
    await expect(node.reserve(claim(caller('mallory'), node.time.nowMs))).rejects.toThrow('hard budget team');
  });

  it('counts without refusing in the mode that warns', async () => {
    const node = new TestNode(testTime());
    await node.budget({ name: 'all', unit: 'requests', limit: '2', window: DAY, mode: 'warn', warnAtPercent: [100] });
    for (let calls = 1; calls <= 3; calls += 1) {
      const one = claim(caller('ann'), node.time.nowMs);
      const hold = await node.reserve(one);
      hold.settle(ended(one));
      hold.release();
      expect(hold.headers).toEqual(
        calls < 2
          ? {}
          : { 'x-tallyline-budget-warning': `all; used=${calls}; limit=2; unit=requests; resets=2026-11-11T00:00:00Z` },
      );
    }
  });

  it('lets models without a price through, or refuses them, as it says', async () => {
    const node = new TestNode(testTime());
    const free = claim(caller('ann'), node.time.nowMs, { modelId: 'free' });
    await node.budget({ name: 'lax', unit: 'USD', limit: '1', window: DAY });
    await node.reserve(free);
    await node.budget({ name: 'strict', unit: 'USD', limit: '1', window: DAY, unpriced: 'refuse' });
    await expect(node.reserve(free)).rejects.toThrow('strict refuses calls without a known price, and free has none');
  });

  it('throttles what resets within the hour and denies what does not', async () => {
    const codeAt = async (iso: string) => {
      const node = new TestNode(testTime(iso));
      await node.budget({
        name: 'all',
        unit: 'tokens',
        limit: '199',
        window: { unit: 'day', timeZone: 'Asia/Kolkata' },
      });
      return node.reserve(claim(caller('ann'), node.time.nowMs)).catch(({ code, fields, message }) => ({
        code,
        fields,
        resets: /resets at (\S+)\.$/.exec(message)?.[1],
      }));
    };
    // The day ends at 18:30 UTC.
    expect(await codeAt('2026-11-10T17:29:59Z')).toEqual({
      code: 'AccessDeniedException',
      fields: { cause: 'budget' },
      resets: '2026-11-10T18:30:00Z',
    });
    expect(await codeAt('2026-11-10T17:30:00Z')).toEqual({
      code: 'ThrottlingException',
      fields: { retryAfterSeconds: 3_600 },
      resets: '2026-11-10T18:30:00Z',
    });
  });

  it('begins anew with its window, and frees a rolling one slice by slice', async () => {
    const node = new TestNode(testTime('2026-11-10T23:50:00Z'));
    await node.budget({ name: 'day', unit: 'tokens', limit: '200', window: DAY });
    await node.budget({ name: 'rolling', unit: 'tokens', limit: '400', window: { rollingHours: 1 } });
    const call = async () => {
      const one = claim(caller('ann'), node.time.nowMs);
      const hold = await node.reserve(one);
      hold.settle(ended(one));
      hold.release();
    };
    await call();
    await expect(call()).rejects.toThrow('hard budget day');
    node.time.nowMs = Date.parse('2026-11-11T00:05:00Z');
    await call();
    expect([node.used('day'), node.used('rolling')]).toEqual([200n, 400n]);
    await expect(call()).rejects.toThrow('hard budget');
    node.time.nowMs = Date.parse('2026-11-11T00:59:59Z');
    expect(node.used('rolling')).toBe(400n);
    node.time.nowMs = Date.parse('2026-11-11T01:00:00Z');
    expect(node.used('rolling')).toBe(200n);
  });
});

const CALLERS = [
  caller('ann', { team: 'blue' }),
  caller('bob', { team: 'blue' }),
  caller('eve', { team: 'red', project: 'x' }),
  caller('dan'),
];
const MODELS = ['cheap', 'dear', 'free'];

const budgetArbitrary = fc.record({
  unit: fc.constantFrom('USD' as const, 'tokens' as const, 'requests' as const, 'concurrency' as const),
  limit: fc.integer({ min: 1, max: 8 }),
  window: fc.constantFrom(DAY, { unit: 'hour', timeZone: 'Asia/Kathmandu' } as const, { rollingHours: 2 } as const),
  each: fc.option(fc.constantFrom('principal' as const, 'model' as const, { tag: 'team' }), { nil: undefined }),
  scope: fc.constantFrom(
    {},
    { principals: ['*:user/a*', CALLERS[1]!.arn] },
    { tags: [['team', 'blue']] as const },
    { tags: [['team', 'r*'] as const, ['project', 'x'] as const] },
    { models: ['cheap'] },
    { keys: ['AKIADAN'], accounts: ['123456789012'] },
  ),
});

const stepArbitrary = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('reserve' as const), who: fc.nat(3), model: fc.nat(2), max: fc.nat(400) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('settle' as const), which: fc.nat(20), share: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), which: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.nat(50) }) },
);

/** Everything that is known of a call, kept for ever: what the oracle adds up anew for every question. */
interface Known {
  readonly one: SpendClaim;
  readonly bound: Record<string, bigint>;
  readonly hold: SpendHold;
  used?: Record<string, bigint>;
  /** It ended when its hold had expired: the one way to exceed a limit. */
  isLate: boolean;
  isOver: boolean;
}

const UNIT_SIZE = { USD: 400_000_000n, tokens: 400n, requests: 1n, concurrency: 1n };
const PRICE: Record<string, bigint> = { cheap: 1_000_000n, dear: 10_000_000n, free: 0n };

describe('hard budgets, whatever happens in whatever order', () => {
  it('agree with a list of all calls that is added up anew, and never exceed a limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(budgetArbitrary, { minLength: 1, maxLength: 5 }),
        fc.array(stepArbitrary, { minLength: 20, maxLength: 80 }),
        async (drafts, steps) => {
          const node = new TestNode(testTime(), { reservationMs: 30 * 60_000 });
          const budgets = drafts.map(({ limit, window, each, unit, scope }, index) => ({
            ...{ name: `b${index}`, unit, scope, limitParts: BigInt(limit) * UNIT_SIZE[unit] },
            ...(each && { each }),
            ...(unit !== 'concurrency' && { window }),
          }));
          for (const { limitParts, ...budget } of budgets) {
            const limit = budget.unit === 'USD' ? formatUsd(limitParts) : limitParts.toString();
            await node.budget({ ...budget, limit });
          }
          const known: Known[] = [];
          const sumOf = (budget: (typeof budgets)[number], value: string, calls = known): bigint => {
            let sum = 0n;
            for (const { one, bound, used, isOver } of calls) {
              if (!matches(budget.scope, one) || dimensionOf(budget.each, one) !== value) continue;
              const expired = one.nowMs + 30 * 60_000 <= node.time.nowMs;
              if (budget.unit === 'concurrency') sum += isOver || expired ? 0n : 1n;
              else if (isCounted(budget.window!, one.nowMs, node.time.nowMs)) {
                const spent = used?.[budget.unit] ?? 0n;
                const held = isOver || expired ? 0n : bound[budget.unit]! - spent;
                sum += spent + held;
              }
            }
            return sum;
          };
          for (const step of steps) {
            if (step.do === 'wait') {
              node.time.nowMs += step.minutes * 60_000;
              node.gate.expire(node.time.nowMs);
            } else if (step.do === 'reserve') {
              const one = claim(CALLERS[step.who]!, node.time.nowMs, {
                modelId: MODELS[step.model]!,
                maxTokens: step.max,
              });
              const tokens = BigInt(100 + step.max);
              const bound = { USD: tokens * PRICE[one.modelId]!, tokens, requests: 1n, concurrency: 1n };
              const lacking = budgets.filter(
                (budget) =>
                  matches(budget.scope, one) &&
                  bound[budget.unit] > 0n &&
                  sumOf(budget, dimensionOf(budget.each, one)) + bound[budget.unit] > budget.limitParts,
              );
              const hold = await node.reserve(one).catch(() => undefined);
              expect(hold === undefined).toBe(lacking.length > 0);
              if (hold) known.push({ one, bound, hold, isOver: false, isLate: false });
            } else {
              const call = known.filter(({ isOver }) => !isOver)[step.which];
              if (!call) continue;
              if (step.do === 'settle' && !call.used) {
                const outputTokens = Math.floor((Number(call.bound.tokens) - 100) * (step.share / 100));
                const tokens = BigInt(50 + outputTokens);
                call.isLate = call.one.nowMs + 30 * 60_000 <= node.time.nowMs;
                call.used = { USD: tokens * PRICE[call.one.modelId]!, tokens, requests: 1n };
                call.hold.settle(ended(call.one, { inputTokens: 50, outputTokens }));
              } else {
                call.isOver = true;
                call.hold.release();
              }
            }
            for (const budget of budgets) {
              for (const value of new Set(known.map(({ one }) => dimensionOf(budget.each, one)))) {
                const sum = sumOf(budget, value);
                expect(node.used(budget.name, value)).toBe(sum);
                const inTime = known.filter(({ isLate }) => !isLate);
                expect(sumOf(budget, value, inTime) <= budget.limitParts).toBe(true);
              }
            }
          }
        },
      ),
      { numRuns: 60, seed: 20261129 },
    );
  });
});

function matches(scope: object, { caller: who, modelId }: SpendClaim): boolean {
  const { principals, tags, models, keys } = scope as Record<string, readonly string[] | readonly [string, string][]>;
  if (principals) return who.arn === CALLERS[0]!.arn || who.arn === CALLERS[1]!.arn;
  if (tags?.length === 2) return who === CALLERS[2];
  if (tags) return who.tags.get('team') === 'blue';
  if (models) return modelId === 'cheap';
  if (keys) return who === CALLERS[3];
  return true;
}

function dimensionOf(each: unknown, { caller: who, modelId }: SpendClaim): string {
  if (each === 'principal') return who.arn;
  if (each === 'model') return modelId;
  return each === undefined ? '' : (who.tags.get('team') ?? '');
}

/** Whether spend of an instant counts at another one, by the calendar of each window. */
function isCounted(window: object, atMs: number, nowMs: number): boolean {
  if ('rollingHours' in window) return Math.floor(atMs / (HOUR_MS / 4)) >= Math.floor(nowMs / (HOUR_MS / 4)) - 8;
  const { unit } = window as { unit: string };
  if (unit === 'day') return Math.floor(atMs / (24 * HOUR_MS)) === Math.floor(nowMs / (24 * HOUR_MS));
  // Nepal is 5:45 ahead.
  const quarter = 0.75 * HOUR_MS;
  return Math.floor((atMs + quarter) / HOUR_MS) === Math.floor((nowMs + quarter) / HOUR_MS);
}
