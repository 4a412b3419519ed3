import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../src/kernel/time.ts';
import type { UsageEvent } from '../../src/metering/usage-event.ts';
import { type CallDeps, findAttempts, findCalls } from '../../src/paths/call-path.ts';
import { rate } from '../../src/rating/rate.ts';
import type { CallQuestion } from '../../src/reports/call-query.ts';
import { shippedBook } from '../rating/shipped-prices.ts';
import { usageEvent } from '../rating/usage-event.ts';
import { NO_CATALOG, openReportStore, type ReportStore } from './report-store.ts';

const SONNET = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
/** Its price changed on this day. */
const CHANGE_MS = Date.UTC(2026, 7, 3);
const START_MS = CHANGE_MS - 3 * DAY_MS;
const END_MS = CHANGE_MS + 3 * DAY_MS;

const prices = shippedBook([
  { modelId: 'own.model', meter: 'input', usdPerMillionTokens: '1.5' },
  { modelId: 'own.model', meter: 'input', usdPerMillionTokens: '1.25', effectiveFrom: '2026-08-03' },
  { modelId: 'own.model', meter: 'image', usdPerUnit: '0.04' },
]);

const tokens = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 400_000 }));
const anyCall: fc.Arbitrary<UsageEvent> = fc
  .record({
    atMs: fc.integer({ min: START_MS, max: END_MS - 1 }),
    modelId: fc.constantFrom(SONNET, 'own.model', 'amazon.nova-lite-v1:0', 'unknown.model', 'openai.gpt-5.6-sol'),
    region: fc.constantFrom('us-east-1', 'eu-west-1'),
    route: fc.constantFrom('in_region', 'geo', 'global'),
    tier: fc.constantFrom('standard', 'flex', 'priority'),
    isBatch: fc.boolean(),
    isHeld: fc.boolean(),
    user: fc.constantFrom('alice', 'bob'),
    team: fc.constantFrom('blue', 'red', ''),
    status: fc.constantFrom('completed', 'cut', 'failed'),
    input: tokens,
    output: tokens,
    read: fc.option(tokens, { nil: undefined }),
    write: fc.option(tokens, { nil: undefined }),
    images: fc.integer({ min: 0, max: 3 }),
    checked: fc.integer({ min: 0, max: 3 }),
  })
  .map((one) => {
    const { atMs, modelId, region, route, tier, isBatch, isHeld, user, team, status } = one;
    const units = {
      ...(one.images > 0 && { image: one.images }),
      ...(one.checked > 0 && { content_policy_unit: one.checked }),
    };
    return usageEvent({
      ...{ requestId: randomUUID(), admittedAtMs: atMs, endedAtMs: atMs + 1_000 },
      ...({ modelId, region, route, tier, isBatch, status } as Partial<UsageEvent>),
      principalArn: `arn:aws:iam::111111111111:user/${user}`,
      principalTags: team === '' ? [] : [['team', team]],
      resourceArn: `arn:aws:bedrock:${region}::${isHeld ? 'provisioned' : 'foundation'}-model/${modelId}`,
      usage: {
        ...{ inputTokens: one.input, outputTokens: one.output },
        ...(one.read !== undefined && { cacheReadInputTokens: one.read }),
        ...(one.write !== undefined && { cacheWrite1hInputTokens: one.write }),
        ...(Object.keys(units).length > 0 && { units }),
      },
    });
  });

const CALLS = fc.sample(anyCall, { numRuns: 300, seed: 5 });
const costOf = (event: UsageEvent) => rate(event, prices).reduce((sum, { costPicoUsd }) => sum + costPicoUsd, 0n);
const COSTS = new Map(CALLS.map((event) => [event.requestId, costOf(event)]));

let reports: ReportStore;
let deps: CallDeps;

beforeAll(async () => {
  reports = await openReportStore();
  await reports.store.insert({ token: 'a', usageEvents: CALLS, lineItems: [] });
  deps = { store: reports.store, costCatalog: () => NO_CATALOG, prices };
});
afterAll(() => reports?.close());

/** All pages of a question. */
async function pages(question: CallQuestion): Promise<UsageEvent[]> {
  const found: UsageEvent[] = [];
  for (let asked = question; ; ) {
    const { events, next } = await findCalls(asked, deps);
    expect(events.length).toBeLessThanOrEqual(question.limit);
    found.push(...events);
    if (!next) return found;
    asked = { ...question, after: next };
  }
}

const everything = { range: { startMs: START_MS, endMs: END_MS }, order: 'latest' as const, limit: 1_000 };

describe('calls', () => {
  it('come in the order and with the costs that rating gives them, page by page, once each', async () => {
    const property = fc.asyncProperty(
      fc.record({
        order: fc.constantFrom<CallQuestion['order']>('latest', 'costliest'),
        limit: fc.constantFrom(7, 60, 500),
        startMs: fc.integer({ min: START_MS, max: CHANGE_MS + DAY_MS }),
        lengthMs: fc.integer({ min: 1, max: 4 * DAY_MS }),
        user: fc.constantFrom('alice', 'bob', undefined),
        team: fc.constantFrom('blue', undefined),
        status: fc.constantFrom('cut', undefined),
        least: fc.option(fc.bigInt({ min: 0n, max: 3n * 10n ** 12n }), { nil: undefined }),
      }),
      async ({ order, limit, startMs, lengthMs, user, team, status, least }) => {
        const arn = `arn:aws:iam::111111111111:user/${user}`;
        const found = await pages({
          ...{ order, limit, status, range: { startMs, endMs: startMs + lengthMs } },
          ...(user && { filter: { key: { dimension: 'principal' as const }, equalsAny: [arn] } }),
          ...(team && { visible: { principalTag: { key: 'team', value: team } } }),
          ...(least !== undefined && { minCostPicoUsd: least }),
        });
        const expected = CALLS.filter(
          (event) =>
            event.admittedAtMs >= startMs &&
            event.admittedAtMs < startMs + lengthMs &&
            (!user || event.principalArn === arn) &&
            (!team || event.principalTags.some(([, value]) => value === team)) &&
            (!status || event.status === status) &&
            (least === undefined || costOf(event) >= least),
        );
        expect(found.map(({ requestId }) => requestId).sort()).toEqual(expected.map((event) => event.requestId).sort());
        const ranks = found.map((event) =>
          order === 'latest' ? BigInt(event.admittedAtMs) : COSTS.get(event.requestId)!,
        );
        expect(ranks).toEqual(ranks.toSorted((a, b) => (a === b ? 0 : a > b ? -1 : 1)));
      },
    );
    await fc.assert(property, { seed: 20_261_129, numRuns: 40 });
  });

  it('are priced across a change of prices and beyond the threshold of long inputs', () => {
    const long = CALLS.filter((event) => event.usage.inputTokens > 200_000 && event.modelId === SONNET);
    const own = CALLS.filter((event) => event.modelId === 'own.model');
    expect(long.length).toBeGreaterThan(0);
    expect(own.some(({ admittedAtMs }) => admittedAtMs < CHANGE_MS)).toBe(true);
    expect(own.some(({ admittedAtMs }) => admittedAtMs >= CHANGE_MS)).toBe(true);
  });

  it('are not asked for by what only lines of a bill have', async () => {
    const filter = { not: { key: { dimension: 'usageType' as const }, equalsAny: ['x'] } };
    await expect(findCalls({ ...everything, filter }, deps)).rejects.toThrow('calls have no `usageType`');
    const rules = [{ Value: 'a', Rule: { Dimensions: { Key: 'USAGE_TYPE', Values: ['x'] } } }];
    const categories = new Map([['Kind', [{ fromMs: 0, rules, splitChargeRules: [] }]]]);
    const byCategory = { key: { costCategory: 'Kind' }, equalsAny: ['a'] };
    const withCategory = { ...deps, costCatalog: () => ({ ...NO_CATALOG, categories }) };
    await expect(findCalls({ ...everything, filter: byCategory }, withCategory)).rejects.toThrow(
      'calls have no `Kind`',
    );
  });

  it('are found with every attempt at the same request, whichever of them is asked for', async () => {
    const atMs = END_MS + DAY_MS;
    const first = usageEvent({ requestId: randomUUID(), admittedAtMs: atMs, status: 'failed' });
    const further = [1, 2].map((number) =>
      usageEvent({ requestId: randomUUID(), admittedAtMs: atMs + number, attemptOf: first.requestId, isRepeat: true }),
    );
    const other = usageEvent({ requestId: randomUUID(), admittedAtMs: atMs + 1 });
    const all = [first, ...further];
    await reports.store.insert({ token: 'attempts', usageEvents: [...all, other], lineItems: [] });
    for (const event of all) expect(await findAttempts(event, deps)).toEqual(all);
    expect(await findAttempts(other, deps)).toEqual([other]);
  });
});
