import { describe, expect, it } from 'vitest';
import { add } from '../../format/decimal.ts';
import type { ReportRow } from './answers.ts';
import { groupsOf, sharesOf } from './statement.ts';

const row = (Keys: string[], CostUsd: string, NetCostUsd = CostUsd, Tokens = '0'): ReportRow => ({
  ...{ Keys, CostUsd, NetCostUsd, Tokens, Requests: '1', Unpriced: '0' },
});

describe('shares of a bill', () => {
  it('add up part by part, as invoices do', () => {
    const rows = [
      row(['', 'Fee'], '100'),
      row(['blue', 'Usage'], '10', '9', '1000'),
      row(['blue', 'Correction'], '-2'),
      row(['blue', 'Tax'], '0.5'),
      row(['red', 'Usage'], '20', '20'),
      row(['red', 'Credit'], '-3'),
    ];
    const [red, blue, none] = sharesOf(rows);
    expect(red).toMatchObject({ value: 'red', UsageUsd: '20', CreditsUsd: '-3', TotalUsd: '17' });
    expect(blue).toMatchObject({ value: 'blue', UsageUsd: '10', DiscountsUsd: '-1', CorrectionsUsd: '-2' });
    expect([blue!.TaxUsd, blue!.TotalUsd, blue!.tokens]).toEqual(['0.5', '7.5', '1000']);
    expect(none).toMatchObject({ value: '', FeesUsd: '100', TotalUsd: '100' });
    const total = add(...sharesOf(rows).map(({ TotalUsd }) => TotalUsd));
    expect(total).toBe(add(...rows.map(({ NetCostUsd }) => NetCostUsd)));
  });
});

describe('lines of a statement', () => {
  it('stand by principal, with what a million tokens cost', () => {
    const groups = groupsOf([
      row(['ann', 'nova', 'input', 'Usage'], '0.6', '0.6', '10000000'),
      row(['ann', 'nova', 'output', 'Correction'], '-0.1'),
      row(['bob', 'nova', 'input', 'Usage'], '5', '5', '3'),
      row(['', '', '', 'Tax'], '0.2'),
    ]);
    expect(groups.map(({ principal, totalUsd }) => [principal, totalUsd])).toEqual([
      ['bob', '5'],
      ['ann', '0.5'],
      ['', '0.2'],
    ]);
    expect(groups[1]!.lines).toEqual([
      { model: 'nova', kind: 'input', tokens: '10000000', pricePerMillionUsd: '0.06', amountUsd: '0.6' },
      { model: 'nova', kind: 'correction, output', tokens: '0', amountUsd: '-0.1' },
    ]);
    expect(groups[2]!.lines[0]!.kind).toBe('Tax');
  });
});
