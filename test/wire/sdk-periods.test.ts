import { join } from 'node:path';
import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { formatUsd, parsePicoUsd } from '../../src/kernel/money.ts';
import { billingPeriodOf, DAY_MS, nextBillingPeriod } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { curRows } from './cur-rows.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL } from './ledger.ts';
import { movedClient } from './moved-client.ts';
import { ACCOUNT } from './principals.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const MEMBER = '222222222222';
const CONFIG = {
  organization: { accounts: [{ id: MEMBER, name: 'Search', email: 'search@example.com' }] },
  billing: {
    tax: [{ type: 'VAT', percent: '19' }],
    discounts: { percentages: [{ name: 'edp_discount', percent: '10', accounts: [ACCOUNT] }] },
  },
};

/** The 25th of the month before last, at noon UTC. */
const now = new Date();
const START_MS = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 2, 25, 12);
const PERIOD = billingPeriodOf(START_MS);
const NEXT = nextBillingPeriod(PERIOD);

const data = temporaryFolder('periods');
let server: TestServer;
let offsetMs = 0;

/** Starts the server again, so many days after the start of the test. */
async function startAfter(days: number, more: object = {}): Promise<void> {
  offsetMs = START_MS + days * DAY_MS - Date.now();
  const environment = {
    NODE_OPTIONS: `--import=${join(import.meta.dirname, '..', 'moved-clock.ts')}`,
    CLOCK_OFFSET_MS: String(offsetMs),
  };
  server = await startServer({ data, config: { ...CONFIG, ...more }, environment });
}

beforeAll(async () => {
  await startAfter(0);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

const call = <Answer>(operation: string, input: object) => movedClient(server, offsetMs).call<Answer>(operation, input);

async function charge(Type: string, AmountUsd: string, more: object = {}): Promise<void> {
  await call('CreateCharge', { Type, AmountUsd, Description: `a ${Type}`, ...more });
}

async function periods(): Promise<Record<string, string>> {
  const { BillingPeriods } = await call<{ BillingPeriods: { BillingPeriod: string; State: string }[] }>(
    'ListBillingPeriods',
    {},
  );
  return Object.fromEntries(BillingPeriods.map(({ BillingPeriod, State }) => [BillingPeriod, State]));
}

interface Invoice {
  readonly InvoiceId?: string;
  readonly State: string;
  readonly UsageUsd: string;
  readonly TotalUsd: string;
  readonly Accounts: readonly (Readonly<Record<string, string>> & { readonly AccountId: string })[];
}

async function invoice(period: string): Promise<Invoice> {
  return (await call<{ Invoice: Invoice }>('GetInvoice', { BillingPeriod: period })).Invoice;
}

async function isEstimated(): Promise<(boolean | undefined)[]> {
  const ce = new CostExplorerClient({ ...server.admin, systemClockOffset: offsetMs });
  const End = `${nextBillingPeriod(NEXT)}-01`;
  const TimePeriod = {
    Start: `${PERIOD}-01`,
    End: new Date(Date.now() + offsetMs) < new Date(`${NEXT}-01`) ? `${NEXT}-01` : End,
  };
  const question = { TimePeriod, Granularity: 'MONTHLY' as const, Metrics: ['UnblendedCost'] };
  const { ResultsByTime } = await ce.send(new GetCostAndUsageCommand(question));
  ce.destroy();
  return ResultsByTime!.map(({ Estimated }) => Estimated);
}

describe('a billing period', () => {
  it('is open while its month goes on, and its invoice is an estimate without a number', async () => {
    const caller = { ...server.admin, systemClockOffset: offsetMs };
    await spend(caller, [{ modelId: SONNET, inputTokens: 1_000_000, outputTokens: 0 }]);
    await vi.waitFor(async () => expect((await invoice(PERIOD)).UsageUsd).toBe('3.3'), ARRIVAL);
    await charge('Fee', '10', { AccountId: MEMBER });
    await charge('Refund', '1');
    await charge('Credit', '2', { DrawDown: true });
    expect(await periods()).toEqual({ [PERIOD]: 'OPEN' });
    const found = await invoice(PERIOD);
    expect(found).toMatchObject({ State: 'OPEN', UsageUsd: '3.3', DiscountsUsd: '-0.33', TotalUsd: '11.97' });
    expect(found).not.toHaveProperty('InvoiceId');
    await expect(call('CloseBillingPeriod', { BillingPeriod: PERIOD })).rejects.toThrow('has not ended');
    expect(await isEstimated()).toEqual([true]);
  });

  it('is closing for two weeks after its month, and can be charged and rated again', async () => {
    await server.stop();
    await startAfter(10);
    const caller = { ...server.admin, systemClockOffset: offsetMs };
    await spend(caller, [{ modelId: SONNET, inputTokens: 0, outputTokens: 1_000_000 }]);
    await vi.waitFor(async () => expect((await invoice(NEXT)).UsageUsd).toBe('16.5'), ARRIVAL);
    expect(await periods()).toEqual({ [NEXT]: 'OPEN', [PERIOD]: 'CLOSING' });
    expect(await isEstimated()).toEqual([true, true]);
    await charge('Credit', '0.5', { BillingPeriod: PERIOD, AccountId: MEMBER });
    await call('RerateBillingPeriod', { BillingPeriod: PERIOD, Apply: true });
    expect((await invoice(PERIOD)).TotalUsd).toBe('11.47');
  });

  it('closes by itself after them: credits are drawn, tax is added, the invoice has a number', async () => {
    await server.stop();
    await startAfter(21);
    await expect.poll(periods, ARRIVAL).toEqual({ [NEXT]: 'OPEN', [PERIOD]: 'FINAL' });
    const found = await invoice(PERIOD);
    // The credit covers 2 of the 2.97 that the payer's usage costs; the refund is of another service.
    expect(found.Accounts).toEqual([
      {
        ...{ AccountId: ACCOUNT, UsageUsd: '3.3', DiscountsUsd: '-0.33', CorrectionsUsd: '0', CreditsUsd: '-2' },
        ...{ RefundsUsd: '-1', FeesUsd: '0', TaxUsd: '0', TotalUsd: '-0.03' },
      },
      {
        ...{ AccountId: MEMBER, UsageUsd: '0', DiscountsUsd: '0', CorrectionsUsd: '0', CreditsUsd: '-0.5' },
        ...{ RefundsUsd: '0', FeesUsd: '10', TaxUsd: '1.805', TotalUsd: '11.305' },
      },
    ]);
    expect(found).toMatchObject({ InvoiceId: expect.stringMatching(/^\d{10}$/), State: 'FINAL' });
    expect(await isEstimated()).toEqual([false, true]);
    const { Credits } = await call<{ Credits: object[] }>('ListCharges', {});
    expect(Credits).toMatchObject([{ AmountUsd: '2', RemainingUsd: '0' }]);
    await expect(charge('Fee', '1', { BillingPeriod: PERIOD })).rejects.toThrow(`\`${PERIOD}\` is closed`);
  });

  it('has the rows of CUR 2.0 that its invoice adds up, with its number', async () => {
    const columns =
      'bill_billing_period_start_date, bill_invoice_id, line_item_line_item_type, line_item_tax_type, ' +
      'line_item_unblended_cost, line_item_net_unblended_cost, line_item_usage_account_id';
    const rows = await curRows(server, columns, {}, offsetMs);
    const ofPeriod = rows.filter(
      ({ bill_billing_period_start_date: start }) => new Date(start as Date).toISOString().slice(0, 7) === PERIOD,
    );
    const found = await invoice(PERIOD);
    for (const row of ofPeriod) expect(row.bill_invoice_id).toBe(found.InvoiceId);
    for (const row of rows) if (!ofPeriod.includes(row)) expect(row.bill_invoice_id).toBe('');
    const net = ofPeriod.map((row) => Number(row.line_item_net_unblended_cost ?? row.line_item_unblended_cost));
    const total = net.reduce((sum, amount) => sum + parsePicoUsd(amount.toFixed(12)), 0n);
    expect(formatUsd(total)).toBe(found.TotalUsd);
    expect(ofPeriod.filter((row) => row.line_item_line_item_type === 'Tax')).toMatchObject([
      { line_item_tax_type: 'VAT', line_item_unblended_cost: 1.805, line_item_usage_account_id: MEMBER },
    ]);
  });

  it('that is final is corrected in the open one when it is rated again, once', async () => {
    const before = await invoice(PERIOD);
    await server.stop();
    await startAfter(22, { prices: [{ modelId: SONNET, meter: 'input', usdPerMillionTokens: '2' }] });
    const again = { BillingPeriod: PERIOD, Apply: true };
    expect(await call('RerateBillingPeriod', again)).toMatchObject({
      ...{ BilledIn: NEXT, CostUsdBefore: '3.3', CostUsdAfter: '2', NetCostUsdBefore: '2.97', NetCostUsdAfter: '1.8' },
      AccountDifferences: [{ Value: ACCOUNT, TokensBefore: '1000000', TokensAfter: '1000000', CostUsdAfter: '2' }],
      PrincipalDifferences: [{ NetCostUsdBefore: '2.97', NetCostUsdAfter: '1.8' }],
    });
    expect(await call('RerateBillingPeriod', again)).toMatchObject({ Differences: [], CostUsdBefore: '2' });
    expect(await invoice(PERIOD)).toEqual(before);
    expect(await invoice(NEXT)).toMatchObject({ UsageUsd: '16.5', CorrectionsUsd: '-1.17', TotalUsd: '13.68' });
    const columns =
      'line_item_line_item_description, line_item_usage_amount, line_item_net_unblended_cost, bill_invoice_id';
    const rows = await curRows(server, columns, {}, offsetMs);
    const corrections = rows.filter((row) => String(row.line_item_line_item_description).startsWith('Correction of'));
    expect(corrections.map((row) => [row.line_item_usage_amount, row.line_item_net_unblended_cost])).toEqual(
      expect.arrayContaining([
        [-1_000, -2.97],
        [1_000, 1.8],
      ]),
    );
  });

  it('whose close a crash cut off is closed at the next start, to the same pico-dollar', async () => {
    await server.kill();
    offsetMs = START_MS + 39 * DAY_MS - Date.now();
    // The server died when the close had begun and nothing else had happened.
    const records = new SqliteRecordStore(join(data, 'directory.sqlite'), () => Date.now() + offsetMs);
    const body = { closeBegunAtMs: Date.now() + offsetMs, hasClosingCharges: false };
    await records.write([{ kind: 'billingPeriod', key: NEXT, body }]);
    await records.close();
    await startAfter(39);
    await expect.poll(async () => (await periods())[NEXT], ARRIVAL).toBe('FINAL');
    // 16.50 less a tenth and less 1.17 is 13.68, and 19 percent of it.
    const total = (await invoice(NEXT)).TotalUsd;
    expect(total).toBe('16.2792');
    await server.kill();
    const again = new SqliteRecordStore(join(data, 'directory.sqlite'), () => Date.now() + offsetMs);
    await again.write([{ kind: 'billingPeriod', key: NEXT, body: { ...body, hasClosingCharges: true } }]);
    await again.close();
    await startAfter(39);
    await expect.poll(async () => (await periods())[NEXT], ARRIVAL).toBe('FINAL');
    expect((await invoice(NEXT)).TotalUsd).toBe(total);
  });
});
