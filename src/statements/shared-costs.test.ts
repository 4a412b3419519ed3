import { describe, expect, it } from 'vitest';
import { formatUsd, parsePicoUsd } from '../kernel/money.ts';
import type { BookLine } from './book-line.ts';
import { sharedParts } from './shared-costs.ts';
import type { SharedCost } from './statement-definition.ts';

const line = (value: string, usd: string, more: Partial<BookLine> = {}): BookLine => ({
  ...{ value, kind: 'Usage', principal: 'p', model: 'm', meter: '', correctedPeriod: '', account: '', service: '' },
  ...{ tokens: 0n, inputTokens: 0n, outputTokens: 0n, cacheReadTokens: 0n, cacheWriteTokens: 0n },
  ...{ requests: 0n, unpriced: 0n, listCostPicoUsd: 0n, costPicoUsd: 0n, netCostPicoUsd: parsePicoUsd(usd), ...more },
});
const BOOK = [
  line('data', '30', { tokens: 100n, requests: 9n }),
  line('web', '10', { tokens: 300n, requests: 1n }),
  line('credited', '-5', { tokens: 100n }),
  line('platform', '12'),
  line('', '8'),
  line('', '4', { kind: 'Fee' }),
];
const shared = (more: Partial<SharedCost>): SharedCost => ({
  ...{ name: 'Platform', values: ['platform'], charges: [], rule: 'cost' },
  ...more,
});
const parts = (...sharedCosts: SharedCost[]) =>
  sharedParts(BOOK, sharedCosts).map(({ value, netPicoUsd }) => [value, formatUsd(netPicoUsd)]);

describe('shared costs', () => {
  it('go out of their values and come in at the others by the rule, with the arithmetic in words', () => {
    expect(sharedParts(BOOK, [shared({})]).map(({ value, words }) => [value, words])).toEqual([
      ['platform', 'Platform: 12.00 USD shared in proportion to direct cost, borne by others'],
      ['data', 'Platform: 12.00 USD shared in proportion to direct cost, 30.00 of 40.00 USD'],
      ['web', 'Platform: 12.00 USD shared in proportion to direct cost, 10.00 of 40.00 USD'],
    ]);
    expect(parts(shared({}))).toEqual([
      ['platform', '-12'],
      ['data', '9'],
      ['web', '3'],
    ]);
  });

  it.each([
    ['even' as const, { among: ['data', 'web'] }, ['6', '6']],
    ['tokens' as const, { among: ['data', 'web'] }, ['3', '9']],
    ['requests' as const, { among: ['data', 'web'] }, ['10.8', '1.2']],
    ['fixed' as const, { among: ['data', 'web'], percentages: ['12.5', '87.5'] }, ['1.5', '10.5']],
  ])('are shared by the rule %s', (rule, more, shares) => {
    expect(parts(shared({ rule, ...more }))).toEqual([
      ['platform', '-12'],
      ['data', shares[0]],
      ['web', shares[1]],
    ]);
  });

  it('of charges are taken from whoever has them, each by the first rule that takes it', () => {
    const fees = shared({ name: 'Fees', values: [], charges: ['Fee'], rule: 'even', among: ['data', 'web'] });
    const unnamed = shared({ name: 'Unnamed', values: [''], rule: 'even', among: ['web'] });
    expect(parts(fees, unnamed)).toEqual([
      ['', '-4'],
      ['data', '2'],
      ['web', '2'],
      ['', '-8'],
      ['web', '8'],
    ]);
  });

  it('follow a business metric that was counted by value', () => {
    const counted = new Map([
      ['data', 5n * 10n ** 11n],
      ['web', 10n ** 12n],
    ]);
    const units = (metric: string) => (metric === 'tickets' ? counted : new Map<string, bigint>());
    const by = (metric: string) => sharedParts(BOOK, [shared({ rule: 'metric', metric })], units);
    expect(by('tickets').map(({ value, words }) => [value, words.split(': ')[1]])).toEqual([
      ['platform', '12.00 USD shared in proportion to tickets, borne by others'],
      ['data', '12.00 USD shared in proportion to tickets, 0.5 of 1.5'],
      ['web', '12.00 USD shared in proportion to tickets, 1 of 1.5'],
    ]);
    expect(by('unknown')).toEqual([]);
  });

  it('that nobody can bear stay with their values', () => {
    expect(parts(shared({ among: ['credited'] }))).toEqual([]);
    expect(parts(shared({ rule: 'requests', among: ['credited'] }))).toEqual([]);
  });
});
