import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANGE_REASONS, type ChangeCell, type ChangeReason, explainCells, reasonsOf } from './change-reasons.ts';

const SEED = 20_261_129;
const DAY = { before: 96n, after: 96n };
const NONE = { requests: 0n, quantity: 0n, costPicoUsd: 0n };

const pieces = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 10n ** 12n }));
const sums = fc.oneof(
  fc.constant(NONE),
  fc.record({ requests: pieces, quantity: pieces, costPicoUsd: fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }) }),
);
const METERS = ['input', 'output', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'image', 'content_policy_unit'];

const cell = (parts: Partial<Record<keyof ChangeCell, fc.Arbitrary<unknown>>> = {}): fc.Arbitrary<ChangeCell> =>
  fc.record({
    keys: fc.constant([]),
    labels: fc.constant(''),
    subject: fc.constantFrom('alice', 'bob', '', '\u0000both'),
    line: fc.constantFrom('Usage', 'Usage', 'Usage', 'Credit', 'Correction'),
    modelId: fc.constantFrom('small', 'large'),
    region: fc.constantFrom('us-east-1', 'eu-west-1'),
    route: fc.constantFrom('in_region', 'global'),
    tier: fc.constantFrom('standard', 'batch'),
    context: fc.constantFrom('default', 'long_context'),
    meter: fc.constantFrom(...METERS),
    before: sums,
    after: sums,
    ...parts,
  }) as fc.Arbitrary<ChangeCell>;

const IDENTITY = ['labels', 'subject', 'line', 'modelId', 'region', 'route', 'tier', 'context', 'meter'] as const;
const cells = (of = cell()) =>
  fc.uniqueArray(of, { maxLength: 14, selector: (one) => IDENTITY.map((name) => one[name]).join('\n') });
const lengths = fc.record({ before: fc.bigInt({ min: 1n, max: 4_000n }), after: fc.bigInt({ min: 1n, max: 4_000n }) });

const difference = (some: readonly ChangeCell[]) =>
  some.reduce((sum, { before, after }) => sum + after.costPicoUsd - before.costPicoUsd, 0n);
const total = (amounts: Iterable<bigint>) => [...amounts].reduce((sum, amount) => sum + amount, 0n);
const swapped = (some: readonly ChangeCell[]) => some.map((one) => ({ ...one, before: one.after, after: one.before }));

/** The reasons that are not nothing. */
function told(some: readonly ChangeCell[], periods = DAY): Partial<Record<ChangeReason, bigint>> {
  const reasons = reasonsOf(explainCells(some, periods));
  return Object.fromEntries(Object.entries(reasons).filter(([, amount]) => amount !== 0n));
}

describe('the reasons of a change', () => {
  const check = (property: fc.IProperty<never>, numRuns = 500) => fc.assert(property, { seed: SEED, numRuns });

  it('add up to the difference exactly, of all cells and of each', () => {
    check(
      fc.property(cells(cell({ labels: fc.constantFrom('', 'blue', 'red') })), lengths, (some, periods) => {
        const explained = explainCells(some, periods);
        expect(explained).toHaveLength(some.length);
        for (const one of explained) expect(total(one.reasons.values())).toBe(difference([one]));
        expect(total(Object.values(reasonsOf(explained)))).toBe(difference(some));
      }) as never,
      1_000,
    );
  });

  it('are the same the other way round, negated', () => {
    const mirror: Partial<Record<ChangeReason, ChangeReason>> = {
      newPrincipals: 'gonePrincipals',
      gonePrincipals: 'newPrincipals',
    };
    check(
      fc.property(cells(cell({ labels: fc.constantFrom('', 'blue') })), lengths, (some, periods) => {
        const forth = reasonsOf(explainCells(some, periods));
        const back = reasonsOf(explainCells(swapped(some), { before: periods.after, after: periods.before }));
        for (const reason of CHANGE_REASONS) expect(back[mirror[reason] ?? reason]).toBe(-forth[reason]);
      }) as never,
    );
  });

  it('are none where nothing changed, and do not depend on the order of the cells', () => {
    check(
      fc.property(cells(), (some) => {
        expect(told(some.map((one) => ({ ...one, after: one.before })))).toEqual({});
        expect(told(some.toReversed())).toEqual(told(some));
      }) as never,
    );
  });

  it('scale with the costs, to the last unit of each cell', () => {
    const factor = 1_000n;
    const scaled = (of: ChangeCell['before']) => ({ ...of, costPicoUsd: of.costPicoUsd * factor });
    check(
      fc.property(cells(), (some) => {
        const once = reasonsOf(explainCells(some, DAY));
        const larger = some.map((one) => ({ ...one, before: scaled(one.before), after: scaled(one.after) }));
        const times = reasonsOf(explainCells(larger, DAY));
        // What rounding leaves of a cell goes to one of its reasons.
        const slack = factor * BigInt(CHANGE_REASONS.length * some.length + 1);
        for (const reason of CHANGE_REASONS) {
          const off = times[reason] - once[reason] * factor;
          expect(off <= slack && off >= -slack).toBe(true);
        }
      }) as never,
    );
  });

  it('move nothing between the values of a tag in all', () => {
    const of = cell({ labels: fc.constantFrom('', 'blue', 'red'), subject: fc.constantFrom('alice', 'bob') });
    check(
      fc.property(cells(of), lengths, (some, periods) => {
        expect(reasonsOf(explainCells(some, periods)).tagging).toBe(0n);
      }) as never,
    );
  });
});

interface Use {
  readonly calls: bigint;
  readonly perCall: Readonly<Record<string, bigint>>;
  readonly prices?: Readonly<Record<string, bigint>>;
}

const PRICES = { input: 3_000_000n, output: 15_000_000n, cache_read: 300_000n };
const PER_CALL = { input: 1_000n, output: 200n, cache_read: 1_000n };
const BEFORE: Use = { calls: 100n, perCall: PER_CALL };

/** One way of use in two periods. */
function use(before: Use | undefined, after: Use | undefined, parts: Partial<ChangeCell> = {}): ChangeCell[] {
  const of = (one: Use | undefined, meter: string, index: number) => {
    if (!one) return NONE;
    const quantity = one.calls * (one.perCall[meter] ?? 0n);
    const costPicoUsd = quantity * { ...PRICES, ...one.prices }[meter]!;
    return { requests: index === 0 ? one.calls : 0n, quantity, costPicoUsd };
  };
  return Object.keys(PRICES).map((meter, index) => ({
    ...{ keys: [], labels: '', subject: 'alice', line: 'Usage', modelId: 'large', region: 'us-east-1' },
    ...{ route: 'in_region', tier: 'standard', context: 'default', meter },
    ...{ before: of(before, meter, index), after: of(after, meter, index), ...parts },
  }));
}

const costOf = ({ calls, perCall, prices }: Use) =>
  total(Object.entries(perCall).map(([meter, tokens]) => calls * tokens * { ...PRICES, ...prices }[meter]!));

describe('a change with one cause has one reason', () => {
  it.each<[ChangeReason, Use]>([
    ['volume', { ...BEFORE, calls: 250n }],
    ['tokensPerRequest', { ...BEFORE, perCall: { input: 2_000n, output: 400n, cache_read: 2_000n } }],
    ['cacheShare', { ...BEFORE, perCall: { input: 2_000n, output: 200n, cache_read: 0n } }],
    ['price', { ...BEFORE, prices: { output: 10_000_000n } }],
  ])('%s', (reason, after) => {
    expect(told(use(BEFORE, after))).toEqual({ [reason]: costOf(after) - costOf(BEFORE) });
  });

  it('whoever comes, goes, or is retagged', () => {
    const cost = costOf(BEFORE);
    expect(told(use(undefined, BEFORE))).toEqual({ newPrincipals: cost });
    expect(told(use(BEFORE, undefined))).toEqual({ gonePrincipals: -cost });
    const lost = [...use(BEFORE, undefined, { labels: 'blue' }), ...use(undefined, BEFORE, { labels: '' })];
    expect(told(lost)).toEqual({});
    const byLabel = Map.groupBy(explainCells(lost, DAY), ({ labels }) => labels);
    expect([...byLabel].map(([label, own]) => [label, reasonsOf(own).tagging])).toEqual([
      ['blue', -cost],
      ['', cost],
    ]);
    expect(told(use(BEFORE, undefined, { subject: '' }))).toEqual({ volume: -cost });
  });

  it('calls that moved to another model, route or tier', () => {
    const [half, dear]: Use[] = [
      { ...BEFORE, calls: 50n },
      { ...BEFORE, calls: 50n, prices: { output: 30_000_000n } },
    ];
    for (const [reason, parts] of [
      ['modelMix', { modelId: 'other' }],
      ['routeMix', { route: 'global' }],
      ['routeMix', { region: 'eu-west-1' }],
      ['tierMix', { tier: 'priority' }],
    ] as const) {
      const moved = [...use(BEFORE, half), ...use(undefined, dear, parts)];
      expect(told(moved)).toEqual({ [reason]: 50n * 200n * 15_000_000n });
    }
  });

  it('is volume where more is used that comes beside the calls', () => {
    const guardrail = (calls: bigint) => ({ requests: 0n, quantity: calls * 4n, costPicoUsd: calls * 4n * 150_000n });
    const [beside] = use(BEFORE, BEFORE, { modelId: 'guardrails', meter: 'content_policy_unit' });
    const more = { ...BEFORE, calls: 300n };
    const some = [...use(BEFORE, more), { ...beside!, before: guardrail(100n), after: guardrail(300n) }];
    expect(told(some)).toEqual({ volume: difference(some) });
  });

  it('is the length of the periods where as much was used in the same time', () => {
    const some = use(BEFORE, { ...BEFORE, calls: 300n });
    expect(told(some, { before: 96n, after: 288n })).toEqual({ periodLength: difference(some) });
    expect(told(some, { before: 96n, after: 96n })).toEqual({ volume: difference(some) });
  });

  it('takes tokens for the volume of a bill, which knows no calls', () => {
    const ofBill = (after: Use) =>
      use(BEFORE, after).map((one) => ({
        ...one,
        before: { ...one.before, requests: 0n },
        after: { ...one.after, requests: 0n },
      }));
    const more = ofBill({ ...BEFORE, calls: 250n });
    expect(told(more)).toEqual({ volume: difference(more) });
    const uncached = ofBill({ ...BEFORE, perCall: { input: 2_000n, output: 200n, cache_read: 0n } });
    expect(told(uncached)).toEqual({ cacheShare: difference(uncached) });
    const wordier = ofBill({ ...BEFORE, perCall: { input: 900n, output: 400n, cache_read: 900n } });
    expect(told(wordier)).toEqual({ outputShare: difference(wordier) });
  });

  it('keeps credits, corrections and what takes back usage apart', () => {
    const [credit] = use(BEFORE, undefined, { line: 'Credit' });
    const back = { requests: -1n, quantity: -1_000n, costPicoUsd: -3_000_000_000n };
    const [reversed] = use(BEFORE, BEFORE, { meter: 'output' });
    const some = [...use(BEFORE, BEFORE), credit!, { ...reversed!, region: 'eu-west-1', before: NONE, after: back }];
    expect(told(some)).toEqual({ otherCharges: difference(some) });
  });

  it('shares what two factors made together alike between them', () => {
    const doubled = { calls: 200n, perCall: { input: 2_000n, output: 400n, cache_read: 2_000n } };
    const reasons = told(use(BEFORE, doubled));
    expect(reasons.volume).toBe(reasons.tokensPerRequest);
    expect(reasons.volume! * 2n).toBe(costOf(doubled) - costOf(BEFORE));
  });

  it('is that of each principal: a quiet one that grows does not shorten the calls of the others', () => {
    const short = (calls: bigint): Use => ({ calls, perCall: { input: 10n, output: 2n, cache_read: 10n } });
    const some = [...use(BEFORE, BEFORE), ...use(short(10n), short(900n), { subject: 'bob' })];
    expect(told(some)).toEqual({ volume: difference(some) });
  });
});
