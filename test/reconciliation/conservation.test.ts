import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parsePicoUsd } from '../../src/kernel/money.ts';
import { billingPeriodEndMs, billingPeriodStartMs, HOUR_MS, nextBillingPeriod } from '../../src/kernel/time.ts';
import { reconcile } from '../../src/paths/reconcile-path.ts';
import { CAUSE_CODES } from '../../src/reconciliation/cause-code.ts';
import { type BillRow, type Books, billed, GATEWAY, openBooks, seconds, UPSTREAM, type Use } from './books.ts';

let books: Books;
beforeAll(async () => {
  books = await openBooks();
});
afterAll(async () => {
  await books[Symbol.asyncDispose]();
});

/** What may happen to a use on its way into the bill. */
const FATES = [
  'as it is',
  'dropped',
  'later',
  'dearer',
  'more',
  'less',
  'lost tags',
  'the gateway',
  'no name',
  'net',
  'unknown',
  'negative',
] as const;

const planted = fc.record({
  hour: fc.nat(60),
  session: fc.constantFrom('alice', 'bob', 'carol'),
  meter: fc.constantFrom('input' as const, 'output' as const, 'cache_read' as const),
  tokens: fc.bigInt(1n, 5_000_000n),
  pricePicoUsd: fc.bigInt(1n, 30_000_000n),
  tags: fc.constantFrom({}, { team: 'a' }, { team: 'b' }),
  isEstimated: fc.boolean(),
  isGateway: fc.boolean(),
  isInLedger: fc.boolean(),
  fate: fc.constantFrom(...FATES),
  amount: fc.bigInt(1n, 10n ** 12n),
});

const charges = fc.array(
  fc.tuple(fc.constantFrom('Tax', 'Credit', 'Discount', 'Refund', 'Fee'), fc.bigInt(-(10n ** 13n), 10n ** 13n)),
  { maxLength: 4 },
);

let period = '2020-01';

it('leaves nothing out and counts nothing twice, whatever the mixture', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(planted, { minLength: 20, maxLength: 150 }),
      charges,
      fc.constantFrom(1, 24, 744),
      fc.boolean(),
      async (mixture, others, grainHours, isFinal) => {
        period = nextBillingPeriod(period);
        const startMs = billingPeriodStartMs(period);
        const number = Number(period.replace('-', ''));
        const uses = mixture.map(({ hour, ...one }): Use => ({ ...one, atMs: startMs + hour * HOUR_MS, modelId: 'm' }));
        const rows = mixture.flatMap(({ fate, amount }, index) => rowsOf(uses[index]!, fate, amount, grainHours));
        const bill = [...rows, ...others.map(([type, pico]) => charge(type, pico, startMs))].map((row) => ({
          ...row,
          invoice_id: isFinal ? 'EUINV26-1' : '',
        }));
        const metered = uses.filter((_, index) => mixture[index]!.isInLedger);
        if (bill.length === 0) return;
        await books.ledger(metered);
        await books.bill('payer', number, bill);
        const deps = { store: books.store, upstreams: [UPSTREAM], sentTagKeys: 'all' } as const;
        const result = await reconcile(
          { sourceId: 'payer', period },
          { ...deps, clock: () => billingPeriodEndMs(period) + HOUR_MS },
        );
        const billPico = bill.reduce((sum, row) => sum + (row.netPicoUsd ?? row.costPicoUsd), 0n);
        const ledgerPico = metered.reduce((sum, use) => sum + use.tokens * use.pricePicoUsd, 0n);
        expect(parsePicoUsd(result.billUsd)).toBe(billPico);
        expect(parsePicoUsd(result.ledgerUsd)).toBe(ledgerPico);
        const differences = result.codes.map(({ differenceUsd }) => parsePicoUsd(differenceUsd));
        expect(differences.reduce((sum, one) => sum + one, 0n)).toBe(billPico - ledgerPico);
        expect(result.codes.map(({ code }) => code)).toEqual(CAUSE_CODES);
      },
    ),
    { numRuns: 6 },
  );
});

function rowsOf(use: Use, fate: (typeof FATES)[number], amount: bigint, grainHours: number): BillRow[] {
  const grainMs = grainHours * HOUR_MS;
  const start = Math.floor(use.atMs / grainMs) * grainMs;
  const time = grainHours === 744 ? {} : { bucket_start: seconds(start), usage_end: seconds(start + grainMs) };
  const month = grainHours === 744 && { usage_end: seconds(use.atMs) + 744 * 3_600 };
  const row = { ...billed(use), ...time, ...month };
  switch (fate) {
    case 'as it is':
      return [row];
    case 'dropped':
      return [];
    case 'later':
      return [{ ...row, bucket_start: (row.bucket_start as number) + 3_600 * grainHours }];
    case 'dearer':
      return [{ ...row, costPicoUsd: row.costPicoUsd + amount }];
    case 'more':
      return [{ ...row, quantity: row.quantity + amount, costPicoUsd: (row.quantity + amount) * use.pricePicoUsd }];
    case 'less':
      return [{ ...row, quantity: row.quantity - (amount % row.quantity) }];
    case 'lost tags':
      return [{ ...row, principal_tags: {} }];
    case 'the gateway':
      return [{ ...row, principal_arn: GATEWAY }];
    case 'no name':
      return [{ ...row, principal_arn: '' }];
    case 'net':
      return [{ ...row, netPicoUsd: row.costPicoUsd - amount }];
    case 'unknown':
      return [{ ...row, is_recognised: 0 }];
    case 'negative':
      return [{ ...row, quantity: -row.quantity, costPicoUsd: -row.costPicoUsd }];
  }
}

function charge(type: string, costPicoUsd: bigint, startMs: number): BillRow {
  const time = {
    bucket_start: seconds(startMs),
    slice_start: seconds(startMs),
    usage_end: seconds(startMs) + 744 * 3_600,
  };
  return { ...time, record_type: type, line_type: type, quantity: 0n, costPicoUsd };
}
