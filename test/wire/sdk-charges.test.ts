import { CostExplorerClient, GetCostAndUsageCommand, GetDimensionValuesCommand } from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { addCharge, listCharges } from '../../src/cli/charge.ts';
import { TallylineClient } from '../../src/cli/client.ts';
import { listInvoices, showInvoice } from '../../src/cli/invoice.ts';
import { listPeriods } from '../../src/cli/period.ts';
import { readProfile } from '../../src/cli/profile.ts';
import { billingPeriodOf, DAY_MS, isoSeconds } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { curRows } from './cur-rows.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';
import { ACCOUNT } from './principals.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const MEMBER = '222222222222';
const ORGANIZATION = { accounts: [{ id: MEMBER, name: 'Search', email: 'search@example.com' }] };
const PERIOD = billingPeriodOf(Date.now());

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ config: { organization: ORGANIZATION } });
  await spend(server.admin, [{ modelId: SONNET, inputTokens: 1_000_000, outputTokens: 0 }]);
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(1), ARRIVAL);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

function call<Answer>(operation: string, input: object): Promise<Answer> {
  return new TallylineClient(readProfile(server.data, {}), () => Date.now()).call(operation, input);
}

interface ChargeAnswer {
  readonly Charge: { readonly ChargeId: string; readonly AmountUsd: string; readonly Status: string };
}

function add(Type: string, AmountUsd: string, more: object = {}): Promise<ChargeAnswer> {
  return call('CreateCharge', { Type, AmountUsd, Description: `a ${Type.toLowerCase()}`, ...more });
}

async function costs(dimension: 'RECORD_TYPE' | 'SERVICE' | 'USAGE_TYPE' | 'REGION'): Promise<Record<string, string>> {
  const ce = new CostExplorerClient(server.admin);
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const TimePeriod = { Start: isoSeconds(today - DAY_MS).slice(0, 10), End: isoSeconds(today + DAY_MS).slice(0, 10) };
  const { ResultsByTime } = await ce.send(
    new GetCostAndUsageCommand({
      ...{ TimePeriod, Granularity: 'MONTHLY', Metrics: ['NetUnblendedCost'] },
      GroupBy: [{ Type: 'DIMENSION', Key: dimension }],
    }),
  );
  ce.destroy();
  const groups = ResultsByTime!.flatMap(({ Groups }) => Groups!);
  return Object.fromEntries(groups.map(({ Keys, Metrics }) => [Keys![0]!, Metrics!.NetUnblendedCost!.Amount!]));
}

describe('charges that are no usage', () => {
  it('are on the bill at once, with their sign and their place', async () => {
    const credit = await add('Credit', '0.000000000001', { AccountId: MEMBER });
    expect(credit.Charge).toMatchObject({ AmountUsd: '-0.000000000001', Status: 'BOOKED' });
    await add('Refund', '1', { Service: 'Amazon Bedrock Service' });
    await add('Fee', '20');
    await add('Tax', '0.5', { TaxType: 'VAT' });
    expect(await costs('RECORD_TYPE')).toEqual({ Usage: '3.3', Credit: '0', Refund: '-1', Fee: '20', Tax: '0.5' });
    expect(await costs('SERVICE')).toEqual({ 'Amazon Bedrock': '20', 'Amazon Bedrock Service': '2.3', Tax: '0.5' });
    expect(await costs('USAGE_TYPE')).toEqual({ 'USE1-Claude4.6Sonnet-input-tokens': '3.3', NoUsageType: '19.5' });
    expect(await costs('REGION')).toEqual({ 'us-east-1': '3.3', NoRegion: '19.5' });
  });

  it('are rows of CUR 2.0 with their type, without a caller, a rate or a quantity', async () => {
    const columns =
      'bill_bill_type, line_item_line_item_type, line_item_usage_account_id, line_item_iam_principal, line_item_unblended_cost, ' +
      'line_item_unblended_rate, line_item_usage_amount, line_item_usage_type, line_item_line_item_description, ' +
      'line_item_tax_type, line_item_product_code, pricing_term, pricing_unit, product_sku, product';
    const rows = await curRows(server, columns, { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' });
    const none = {
      ...{ line_item_iam_principal: '', line_item_unblended_rate: '', line_item_usage_amount: null, pricing_term: '' },
      ...{ line_item_usage_type: '', pricing_unit: '', line_item_tax_type: null, product_sku: '' },
    };
    const titled = (title: string) => ({ product: { product_name: title, servicename: title } });
    const ofType = (type: string) => rows.find(({ line_item_line_item_type }) => line_item_line_item_type === type);
    expect(rows).toHaveLength(5);
    expect(ofType('Credit')).toEqual({
      ...{ ...none, ...titled('Amazon Bedrock'), bill_bill_type: 'Anniversary', line_item_line_item_type: 'Credit' },
      ...{
        line_item_usage_account_id: MEMBER,
        line_item_unblended_cost: -1e-12,
        line_item_product_code: 'AmazonBedrock',
      },
      line_item_line_item_description: 'a credit',
    });
    expect(ofType('Refund')).toMatchObject({
      ...{ bill_bill_type: 'Refund', line_item_unblended_cost: -1, line_item_product_code: 'AmazonBedrockService' },
    });
    expect(ofType('Fee')).toMatchObject({ bill_bill_type: 'Purchase', line_item_unblended_cost: 20 });
    expect(ofType('Tax')).toMatchObject({ line_item_tax_type: 'VAT', line_item_unblended_cost: 0.5, ...titled('Tax') });
    expect(ofType('Usage')).toMatchObject({ line_item_unblended_cost: 3.3, pricing_unit: '1K tokens' });
  });

  it('are made once for a client token, whoever tries again', async () => {
    const request = { ClientToken: 'fee-1', AccountId: MEMBER };
    const [one, other] = await Promise.all([add('Fee', '7', request), add('Fee', '7', request)]);
    expect(one.Charge.ChargeId).toBe(other.Charge.ChargeId);
    expect((await add('Fee', '7', request)).Charge.ChargeId).toBe(one.Charge.ChargeId);
    expect((await costs('RECORD_TYPE')).Fee).toBe('27');
    await expect(add('Fee', '8', request)).rejects.toThrow('the client token was used for another charge');
    const elsewhere = add('Fee', '7', { ...request, BillingPeriod: '2020-01' });
    await expect(elsewhere).rejects.toThrow('the client token was used for another billing period');
  });

  it('stay when their period is rated again', async () => {
    const before = await costs('RECORD_TYPE');
    await call('RerateBillingPeriod', { BillingPeriod: PERIOD, Apply: true });
    expect(await costs('RECORD_TYPE')).toEqual(before);
  });

  it('are refused when they make no sense', async () => {
    await expect(add('Fee', '0')).rejects.toThrow('must be positive');
    await expect(add('Fee', '1', { AccountId: '999999999999' })).rejects.toThrow('there is no account `999999999999`');
    await expect(add('Fee', '1', { Service: 'Amazon EC2' })).rejects.toThrow('there is no service `Amazon EC2`');
    await expect(add('Fee', '1', { BillingPeriod: '2099-01' })).rejects.toThrow('has not begun');
    for (const BillingPeriod of ['0000-01', '1969-12', '2106-03']) {
      await expect(call('GetInvoice', { BillingPeriod })).rejects.toThrow('failed to satisfy constraint');
    }
    await expect(add('Fee', '1', { DrawDown: true })).rejects.toThrow('only a credit can be drawn down');
  });

  it('are listed, credits that are drawn down with what is left', async () => {
    await call('CreateCharge', { Type: 'Credit', AmountUsd: '100', Description: 'start-up', DrawDown: true });
    const list = await call<{ Charges: object[]; Credits: object[] }>('ListCharges', {});
    expect(list.Charges).toHaveLength(5);
    expect(list.Charges[0]).toMatchObject({ Type: 'Fee', AccountId: MEMBER, Status: 'BOOKED', BillingPeriod: PERIOD });
    expect(list.Credits).toMatchObject([{ AmountUsd: '100', RemainingUsd: '100', Description: 'start-up' }]);
  });

  it('that a crash left between record and store are booked at the next start, and none twice', async () => {
    const { Charge } = await add('Fee', '1000', { ClientToken: 'crash' });
    const fees = Number((await costs('RECORD_TYPE')).Fee);
    await server.kill();
    // Stored but not marked; and recorded but not stored: the two moments at which a server may die.
    const records = new SqliteRecordStore(`${server.data}/directory.sqlite`, Date.now);
    const { body } = records.get<object>('charge', Charge.ChargeId)!;
    await records.write([
      { kind: 'charge', key: Charge.ChargeId, body: { ...body, isBooked: false } },
      { kind: 'charge', key: 'charge-lost', body: { ...body, chargeId: 'charge-lost', isBooked: false } },
    ]);
    await records.close();
    server = await startServer({ data: server.data, config: { organization: ORGANIZATION } });
    await expect.poll(async () => (await costs('RECORD_TYPE')).Fee, ARRIVAL).toBe(String(fees + 1000));
    await server.kill();
    server = await startServer({ data: server.data, config: { organization: ORGANIZATION } });
    expect((await costs('RECORD_TYPE')).Fee).toBe(String(fees + 1000));
  });

  it('are made on the command line, which shows periods and invoices too', async () => {
    const client = new TallylineClient(readProfile(server.data, {}), () => Date.now());
    const printed = async (verb: (print: (text: string) => void) => Promise<void>) => {
      const lines: string[] = [];
      await verb((text) => lines.push(text));
      return lines.join('\n');
    };
    const options = { description: 'support', account: MEMBER, token: 'cli' };
    expect(await printed((print) => addCharge(client, 'fee', '3', options, print))).toMatch(
      new RegExp(`${PERIOD} +Fee +${MEMBER} +3 +Amazon Bedrock +support +booked`),
    );
    expect(await printed((print) => listCharges(client, PERIOD, print))).toMatch(/support[\s\S]*start-up/);
    expect(await printed((print) => listPeriods(client, print))).toMatch(new RegExp(`${PERIOD} +open`));
    expect(await printed((print) => listInvoices(client, undefined, print))).toMatch(/AWS +open, estimated +3\.3 /);
    const shown = await printed((print) => showInvoice(client, PERIOD, undefined, print));
    expect(shown).toMatch(
      new RegExp(`AWS, ${PERIOD}: open, estimated[\\s\\S]*${ACCOUNT} [\\s\\S]*${MEMBER} [\\s\\S]*total `),
    );
  });

  it('belong to the payer: a dimension of Cost Explorer and nothing of a member', async () => {
    const ce = new CostExplorerClient(server.admin);
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const TimePeriod = { Start: isoSeconds(today - DAY_MS).slice(0, 10), End: isoSeconds(today + DAY_MS).slice(0, 10) };
    const { DimensionValues } = await ce.send(new GetDimensionValuesCommand({ TimePeriod, Dimension: 'RECORD_TYPE' }));
    expect(DimensionValues!.map(({ Value }) => Value)).toEqual(['Credit', 'Fee', 'Refund', 'Tax', 'Usage']);
    const filter = { Dimensions: { Key: 'USAGE_TYPE' as const, Values: ['NoUsageType'] } };
    const { ResultsByTime } = await ce.send(
      new GetCostAndUsageCommand({
        ...{ TimePeriod, Granularity: 'MONTHLY', Metrics: ['UnblendedCost'] },
        Filter: { And: [filter, { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [ACCOUNT] } }] },
        GroupBy: [{ Type: 'DIMENSION', Key: 'RECORD_TYPE' }],
      }),
    );
    ce.destroy();
    const types = ResultsByTime!.flatMap(({ Groups }) => Groups!.map(({ Keys }) => Keys![0]));
    expect(types).toEqual(['Fee', 'Refund', 'Tax']);
  });
});
