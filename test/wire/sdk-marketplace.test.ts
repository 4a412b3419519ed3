import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { DAY_MS, isoSeconds } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { curRows } from './cur-rows.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';

const OLD = 'anthropic.claude-3-5-sonnet-20240620-v1:0';
const NEW = 'anthropic.claude-opus-4-7';
const NOVA = 'amazon.nova-lite-v1:0';
const OLD_SERVICE = 'Claude 3.5 Sonnet (Amazon Bedrock Edition)';
const NEW_SERVICE = 'Claude Opus 4.7 (Amazon Bedrock Edition)';

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ config: { billing: { marketplace: [{ modelId: NEW, metrics: 'snake' }] } } });
  await spend(server.admin, [
    { modelId: OLD, inputTokens: 26_450, outputTokens: 0 },
    { modelId: `global.${NEW}`, inputTokens: 0, outputTokens: 1_000_000 },
    { modelId: NOVA, inputTokens: 1_000, outputTokens: 0 },
  ]);
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(3), ARRIVAL);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

it('Cost Explorer has a service for every model that AWS Marketplace sells, in units of its own', async () => {
  const ce = new CostExplorerClient(server.admin);
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const TimePeriod = { Start: isoSeconds(today - DAY_MS).slice(0, 10), End: isoSeconds(today + DAY_MS).slice(0, 10) };
  const by = async (Key: string) => {
    const GroupBy = [{ Type: 'DIMENSION' as const, Key }];
    const Metrics = ['UnblendedCost', 'UsageQuantity'];
    const { ResultsByTime } = await ce.send(
      new GetCostAndUsageCommand({ TimePeriod, Granularity: 'MONTHLY', Metrics, GroupBy }),
    );
    const groups = ResultsByTime!.flatMap(({ Groups }) => Groups!);
    return Object.fromEntries(
      groups.map(({ Keys, Metrics: { UnblendedCost, UsageQuantity } = {} }) => [
        Keys![0],
        [UnblendedCost!.Amount, UsageQuantity!.Amount, UsageQuantity!.Unit],
      ]),
    );
  };
  expect(await by('SERVICE')).toEqual({
    'Amazon Bedrock': ['0.00006', '1', '1K tokens'],
    [OLD_SERVICE]: ['0.07935', '0.02645', 'Units'],
    [NEW_SERVICE]: ['25', '1', 'Units'],
  });
  expect(Object.keys(await by('BILLING_ENTITY'))).toEqual(['AWS', 'AWS Marketplace']);
  ce.destroy();
});

it('CUR 2.0 has them in the form of AWS’s bills', async () => {
  const columns =
    'bill_billing_entity, line_item_legal_entity, line_item_product_code, line_item_usage_type, line_item_usage_amount, ' +
    'line_item_unblended_rate, line_item_unblended_cost, line_item_line_item_description, pricing_unit, ' +
    'pricing_public_on_demand_cost, product_servicecode, product';
  const rows = await curRows(server, columns);
  const ofMarket = rows.filter((row) => row.bill_billing_entity === 'AWS Marketplace');
  const shared = {
    ...{ bill_billing_entity: 'AWS Marketplace', line_item_legal_entity: 'Anthropic', pricing_unit: 'Units' },
    ...{ pricing_public_on_demand_cost: 0, product_servicecode: '' },
  };
  expect(
    ofMarket.sort((a, b) => Number(a.line_item_unblended_cost) - Number(b.line_item_unblended_cost)),
  ).toMatchObject([
    {
      ...{ ...shared, line_item_product_code: '4a524th30q694o538qndh9ucht', line_item_usage_amount: 0.02645 },
      ...{ line_item_usage_type: 'USE1-MP:USE1_InputTokenCount-Units', line_item_unblended_rate: '3' },
      line_item_line_item_description: 'AWS Marketplace software usage|us-east-1|Million Input Tokens',
      product: { product_name: OLD_SERVICE, model: 'Claude 3.5 Sonnet', provider: 'Anthropic' },
    },
    {
      ...{ ...shared, line_item_product_code: expect.stringMatching(/^[0-9a-z]{25}$/), line_item_usage_amount: 1 },
      ...{ line_item_usage_type: 'USE1-MP:USE1_output_tokens_global_standard-Units', line_item_unblended_cost: 25 },
      line_item_line_item_description: 'AWS Marketplace software usage|us-east-1|Million Response Tokens Global',
      product: { product_name: NEW_SERVICE },
    },
  ]);
});
