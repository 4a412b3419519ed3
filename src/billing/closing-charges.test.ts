import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePicoUsd } from '../kernel/money.ts';
import { readPercentage } from '../kernel/percentage.ts';
import { type ClosingFacts, closingCharges, remainingOf } from './closing-charges.ts';
import type { Credit } from './credit.ts';
import { invoicesOf } from './invoice.ts';
import type { PeriodSum } from './period-sum.ts';

const PERIOD = '2026-10';
const NOW_MS = Date.parse('2026-11-14T00:00:00.000Z');
const BEDROCK = { service: 'Amazon Bedrock', productCode: 'AmazonBedrock', billingEntity: 'AWS' } as const;
const CLAUDE = {
  service: 'Amazon Bedrock Service',
  productCode: 'AmazonBedrockService',
  billingEntity: 'AWS',
} as const;

function usage(accountId: string, usd: string, more: Partial<PeriodSum> = {}): PeriodSum {
  const amount = parsePicoUsd(usd);
  return {
    ...{ accountId, sold: BEDROCK, recordType: 'Usage', isCorrection: false },
    ...{ costPicoUsd: amount, netCostPicoUsd: amount },
    ...more,
  };
}

function credit(creditId: string, amountUsd: string, more: Partial<Credit> = {}): Credit {
  return {
    ...{ creditId, accountId: '', service: '', amountUsd, description: creditId, lastPeriod: '', createdAtMs: 1 },
    ...more,
  };
}

function drawn(facts: Partial<ClosingFacts>): string[] {
  const charges = closingCharges({
    ...{ period: PERIOD, nowMs: NOW_MS, sums: [], credits: [], charges: [], taxes: [] },
    accountTagsOf: () => [],
    ...facts,
  });
  return charges.map(({ type, accountId, sold, amountUsd, creditId, taxType }) =>
    [type, accountId, sold.service, amountUsd, creditId || taxType].join(' '),
  );
}

describe('the charges that a close makes', () => {
  it('draw credits on usage, the one that ends first before the older one', () => {
    const sums = [usage('1', '5'), usage('1', '3', { sold: CLAUDE }), usage('2', '4')];
    const credits = [credit('old', '6'), credit('ends', '7', { lastPeriod: '2026-12', createdAtMs: 2 })];
    expect(drawn({ sums, credits })).toEqual([
      'Credit 1 Amazon Bedrock -5 ends',
      'Credit 1 Amazon Bedrock Service -2 ends',
      'Credit 1 Amazon Bedrock Service -1 old',
      'Credit 2 Amazon Bedrock -4 old',
    ]);
  });

  it('draw only what a credit covers, and what is left of it', () => {
    const sums = [usage('1', '5'), usage('2', '5', { sold: CLAUDE }), usage('2', '100', { recordType: 'Fee' })];
    const credits = [
      credit('other', '9', { accountId: '3' }),
      credit('claude', '9', { service: CLAUDE.service, accountId: '2' }),
      credit('over', '9', { lastPeriod: '2026-09' }),
    ];
    expect(drawn({ sums, credits })).toEqual(['Credit 2 Amazon Bedrock Service -5 claude']);
    const before = closingCharges({
      ...{ period: '2026-09', nowMs: NOW_MS, sums: [usage('1', '8')], charges: [], taxes: [] },
      accountTagsOf: () => [],
      credits: [credit('c', '9')],
    });
    expect(drawn({ sums, credits: [credit('c', '9')], charges: before })).toEqual(['Credit 1 Amazon Bedrock -1 c']);
  });

  it('tax what is left to pay, account by account, and nothing that is paid back', () => {
    const taxes = [
      { type: 'VAT', percentage: readPercentage('19')! },
      { type: 'City', percentage: 1n, accounts: ['2'] },
    ];
    const sums = [
      usage('1', '10'),
      usage('1', '-4', { recordType: 'Refund' }),
      usage('2', '100', { recordType: 'Fee' }),
      usage('2', '50', { recordType: 'Tax' }),
      usage('3', '-1', { recordType: 'Credit' }),
    ];
    expect(drawn({ sums, credits: [credit('c', '5')], taxes })).toEqual([
      'Credit 1 Amazon Bedrock -5 c',
      'Tax 1 Tax 0.19 VAT',
      'Tax 2 Tax 19 VAT',
      'Tax 2 Tax 0.0001 City',
    ]);
  });

  it('never draw more than there is, nor more than is to be paid; invoices add up to the last pico-dollar', () => {
    const amount = fc.bigInt(-(10n ** 13n), 10n ** 15n);
    const anySum: fc.Arbitrary<PeriodSum> = fc.record({
      accountId: fc.constantFrom('1', '2', '3'),
      sold: fc.constantFrom(BEDROCK, CLAUDE, { ...CLAUDE, billingEntity: 'AWS Marketplace' as const }),
      recordType: fc.constantFrom(
        'Usage' as const,
        'Credit' as const,
        'Refund' as const,
        'Tax' as const,
        'Fee' as const,
      ),
      isCorrection: fc.boolean(),
      costPicoUsd: amount,
      netCostPicoUsd: amount,
    });
    const anyCredit = fc.record({
      ...{ creditId: fc.uuid(), amountUsd: fc.nat(2_000).map(String), createdAtMs: fc.nat(3) },
      accountId: fc.constantFrom('', '1', '2'),
      service: fc.constantFrom('', CLAUDE.service),
      lastPeriod: fc.constantFrom('', '2026-10', '2026-09'),
      description: fc.constant(''),
    });
    fc.assert(
      fc.property(fc.array(anySum, { maxLength: 12 }), fc.array(anyCredit, { maxLength: 5 }), (sums, credits) => {
        const none = { charges: [], taxes: [], accountTagsOf: () => [] };
        const facts = { period: PERIOD, nowMs: NOW_MS, sums, credits, ...none };
        const made = closingCharges(facts);
        for (const one of credits) expect(remainingOf(one, made)).toBeGreaterThanOrEqual(0n);
        for (const account of ['1', '2', '3']) {
          for (const { service } of [BEDROCK, CLAUDE]) {
            const payable = sums
              .filter(({ accountId, sold, recordType }) => {
                return accountId === account && sold.service === service && /Usage|Credit|Refund/.test(recordType);
              })
              .reduce((all, { netCostPicoUsd }) => all + netCostPicoUsd, 0n);
            const off = made
              .filter(({ accountId, sold }) => accountId === account && sold.service === service)
              .reduce((all, { amountUsd }) => all - parsePicoUsd(amountUsd), 0n);
            expect(off).toBeLessThanOrEqual(payable > 0n ? payable : 0n);
          }
        }
        const all = [
          ...sums,
          ...made.map((one) => ({ ...usage(one.accountId, one.amountUsd), sold: one.sold, recordType: one.type })),
        ];
        const invoices = invoicesOf(PERIOD, all);
        const billed = invoices.reduce((total, { amounts }) => total + amounts.total, 0n);
        expect(billed).toBe(all.reduce((total, { netCostPicoUsd }) => total + netCostPicoUsd, 0n));
        for (const { amounts, accounts } of invoices) {
          const { total, ...parts } = amounts;
          expect(Object.values(parts).reduce((sum, part) => sum + part, 0n)).toBe(total);
          expect(accounts.reduce((sum, one) => sum + one.amounts.total, 0n)).toBe(total);
        }
      }),
      { seed: 1 },
    );
  });
});
