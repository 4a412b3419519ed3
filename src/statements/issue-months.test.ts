import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SqliteRecordStore } from '../adapters/sqlite-record-store.ts';
import { formatUsd, parsePicoUsd } from '../kernel/money.ts';
import type { BookKind, BookLine } from './book-line.ts';
import { parseCents, toCents } from './cents.ts';
import { draftMonth, type MonthDraft } from './draft-month.ts';
import { type MonthFigures, monthFigures } from './month-figures.ts';
import { sharedParts } from './shared-costs.ts';
import type { StatementContent } from './statement.ts';
import type { SharedCost, StatementDefinition } from './statement-definition.ts';
import { StatementLedger } from './statement-ledger.ts';
import { afterStep } from './statement-steps.ts';

const VALUES = ['data', 'search', 'web', 'platform', ''];
const KINDS: readonly BookKind[] = [
  'Usage',
  'Usage',
  'Usage',
  'Correction',
  'Credit',
  'Refund',
  'Fee',
  'Tax',
  'Discount',
];
const PERIODS = ['2026-01', '2026-02', '2026-03', '2026-04'];

const arbitraryLine: fc.Arbitrary<BookLine> = fc
  .record({
    value: fc.constantFrom(...VALUES),
    kind: fc.constantFrom(...KINDS),
    principal: fc.constantFrom('p1', 'p2'),
    tokens: fc.bigInt(0n, 10n ** 9n),
    // Around whole cents, around half cents, and anything.
    netCostPicoUsd: fc.oneof(
      fc.bigInt(-(10n ** 15n), 10n ** 15n),
      fc.bigInt(-3n, 3n).map((near) => 10n ** 10n * 7n + near),
      fc.bigInt(-3n, 3n).map((near) => 5n * 10n ** 9n + near),
      fc.constant(0n),
    ),
  })
  .map((line) => ({
    ...{ ...line, model: 'm', meter: '', account: 'a', service: 's', requests: line.tokens / 100n, unpriced: 0n },
    correctedPeriod: line.kind === 'Correction' ? '2025-12' : '',
    ...{ inputTokens: line.tokens, outputTokens: 0n, cacheReadTokens: 0n, cacheWriteTokens: 0n },
    ...{ costPicoUsd: line.netCostPicoUsd, listCostPicoUsd: line.netCostPicoUsd },
  }));
const arbitraryBook = fc.array(arbitraryLine, { maxLength: 12 });

const arbitraryShare: fc.Arbitrary<SharedCost> = fc
  .record({
    name: fc.constant('shared'),
    source: fc.constantFrom<Pick<SharedCost, 'values' | 'charges'>>(
      { values: ['platform'], charges: [] },
      { values: [''], charges: [] },
      { values: [], charges: ['Tax', 'Fee'] },
      { values: [''], charges: ['Tax'] },
    ),
    rule: fc.constantFrom('even' as const, 'cost' as const, 'tokens' as const, 'requests' as const, 'fixed' as const),
    isNamed: fc.boolean(),
  })
  .map(({ name, source, rule, isNamed }) => ({
    ...{ name, ...source, rule },
    ...((isNamed || rule === 'fixed') && { among: ['data', 'web', 'mobile'] }),
    ...(rule === 'fixed' && { percentages: ['33.3333', '33.3333', '33.3334'] }),
  }));
const arbitraryShares = fc.array(arbitraryShare, { maxLength: 2 });

const centsIn = (contents: readonly StatementContent[], part: 'month' | 'corrections' | 'total') =>
  contents.reduce((sum, content) => sum + parseCents(content[part].amount), 0n);
const usdIn = (contents: readonly StatementContent[], part: 'month' | 'corrections' | 'total') =>
  contents.reduce((sum, content) => sum + parsePicoUsd(content[part].usd), 0n);
const billOf = (book: readonly BookLine[]) => book.reduce((sum, line) => sum + line.netCostPicoUsd, 0n);

/** What must hold of any draft. */
function expectBalanced(draft: MonthDraft, bill: bigint): void {
  const all = [...draft.statements, ...draft.carried];
  expect(usdIn(all, 'month')).toBe(bill);
  expect(centsIn(all, 'month')).toBe(toCents(bill));
  expect(draft.bill.usd).toBe(formatUsd(bill));
  for (const { lines, month, corrections, total } of all) {
    expect(lines.reduce((sum, { amount }) => sum + parseCents(amount), 0n)).toBe(parseCents(total.amount));
    expect(lines.reduce((sum, { netUsd }) => sum + parsePicoUsd(netUsd), 0n)).toBe(parsePicoUsd(total.usd));
    expect(parseCents(month.amount) + parseCents(corrections.amount)).toBe(parseCents(total.amount));
  }
}

describe('the statements of a month', () => {
  it('sum to the bill, exactly and in cents, whatever is on it and however costs are shared', () => {
    fc.assert(
      fc.property(arbitraryBook, arbitraryShares, fc.constantFrom('0', '1', '250.5'), (book, shares, minimumUsd) => {
        const figures = monthFigures('2026-01', book, shares);
        const draft = draftMonth({ figures, earlier: [], former: new Map(), minimumUsd });
        expectBalanced(draft, billOf(book));
        // Not more than a cent away from what is exact.
        for (const { month } of draft.statements) {
          const away = parseCents(month.amount) * 10n ** 10n - parsePicoUsd(month.usd);
          expect(away < 10n ** 10n && away > -(10n ** 10n)).toBe(true);
        }
      }),
    );
  });

  it('share exactly what is shared', () => {
    fc.assert(
      fc.property(arbitraryBook, arbitraryShares, (book, shares) => {
        expect(sharedParts(book, shares).reduce((sum, { netPicoUsd }) => sum + netPicoUsd, 0n)).toBe(0n);
      }),
    );
  });
});

const DEFINITION: StatementDefinition = {
  ...{
    id: 'one',
    name: 'Teams',
    kind: 'chargeback',
    prefix: 'CHB',
    key: { tag: 'iamPrincipal/team' },
    book: 'primary',
  },
  ...{ detail: 'model', sharedCosts: [], values: [], recipients: [], minimumUsd: '0', dueDays: 30, paper: 'A4' },
  ledgerAccounts: { debit: '6000', credit: '2000', creditCostCenter: '' },
  ...{ createdAtMs: 0, updatedAtMs: 0 },
};

/** Issues a month as the books are now. */
async function issue(
  ledger: StatementLedger,
  books: ReadonlyMap<string, readonly BookLine[]>,
  period: string,
  definition: StatementDefinition,
): Promise<MonthDraft> {
  const figuresOf = (month: string): MonthFigures =>
    monthFigures(month, books.get(month) ?? [], ledger.run('one', month)?.sharedCosts ?? definition.sharedCosts);
  const earlier = ledger
    .runs('one')
    .filter((run) => run.period < period)
    .map((run) => ({ figures: figuresOf(run.period), said: ledger.said('one', run.period, period) }));
  const figures = monthFigures(period, books.get(period) ?? [], definition.sharedCosts);
  const draft = draftMonth({
    figures,
    earlier,
    former: ledger.former('one', period),
    minimumUsd: definition.minimumUsd,
  });
  await ledger.issue(
    draft,
    { definition, by: 'arn', atMs: Date.UTC(2026, 5, 1), isFinal: true },
    ledger.revision('one'),
  );
  return draft;
}

describe('statements of months one after the other', () => {
  it('sum to all bills as the book has them, with late lines, other rules, versions, voids and what is carried', async () => {
    const arbitraryStep = fc.record({
      book: arbitraryBook,
      shares: arbitraryShares,
      late: fc.array(fc.tuple(fc.constantFrom(...PERIODS), arbitraryLine), { maxLength: 3 }),
      anew: fc.option(arbitraryBook),
      voided: fc.boolean(),
    });
    const arbitrarySteps = fc.array(arbitraryStep, { minLength: 1, maxLength: PERIODS.length });
    await fc.assert(
      fc.asyncProperty(arbitrarySteps, fc.constantFrom('0', '3'), async (steps, minimumUsd) => {
        const records = new SqliteRecordStore(':memory:', Date.now);
        const ledger = new StatementLedger(records);
        const books = new Map<string, BookLine[]>();
        for (const [index, { book, shares, late, anew, voided }] of steps.entries()) {
          const period = PERIODS[index]!;
          books.set(period, book);
          for (const [month, line] of late) if (month < period) books.get(month)!.push(line);
          const definition = { ...DEFINITION, sharedCosts: shares, minimumUsd };
          let draft = await issue(ledger, books, period, definition);
          if (voided) {
            const [one] = ledger.states().filter((state) => state.period === period && state.status !== 'voided');
            const facts = { by: 'arn', atMs: 0, reason: 'wrong' };
            if (one) await ledger.change(one.number, (before) => afterStep('void', before, facts));
          }
          if (anew || voided) {
            if (anew) books.get(period)!.push(...anew);
            draft = await issue(ledger, books, period, definition);
          }
          expectBalanced(draft, billOf(books.get(period)!));
          const statements = ledger.counting('one').map(({ statement }) => statement);
          const bills = [...books.values()].map(billOf);
          const carriedUsd = usdIn(draft.carried, 'total');
          expect(usdIn(statements, 'total') + carriedUsd).toBe(bills.reduce((sum, bill) => sum + bill, 0n));
          expect(centsIn(statements, 'total') + centsIn(draft.carried, 'total')).toBe(
            bills.reduce((sum, bill) => sum + toCents(bill), 0n),
          );
        }
        const numbers = ledger
          .states()
          .map(({ number }) => number)
          .sort();
        expect(numbers).toEqual(numbers.map((_, at) => `CHB-2026-${String(at + 1).padStart(4, '0')}`));
        await records.close();
      }),
      { numRuns: 60 },
    );
  });
});
