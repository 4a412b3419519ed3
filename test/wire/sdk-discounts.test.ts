import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { DAY_MS, isoSeconds } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { curRows } from './cur-rows.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const NOVA = 'amazon.nova-lite-v1:0';

let server: TestServer;

beforeAll(async () => {
  server = await startServer({
    config: {
      prices: [{ modelId: NOVA, meter: 'input', usdPerMillionTokens: '0.05' }],
      billing: {
        discounts: {
          privateRates: [{ modelId: SONNET, meter: 'input', usdPerMillionTokens: '3' }],
          percentages: [{ name: 'edp_discount', percent: '10', services: ['Amazon Bedrock Service'] }],
        },
      },
    },
  });
  await spend(server.admin, [
    { modelId: SONNET, inputTokens: 1_000_000, outputTokens: 1_000 },
    { modelId: NOVA, inputTokens: 1_000_000, outputTokens: 0 },
  ]);
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(2), ARRIVAL);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

it('Cost Explorer takes discounts off the net metrics and no others', async () => {
  const ce = new CostExplorerClient(server.admin);
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const TimePeriod = { Start: isoSeconds(today - DAY_MS).slice(0, 10), End: isoSeconds(today + DAY_MS).slice(0, 10) };
  const gross = ['AmortizedCost', 'BlendedCost', 'UnblendedCost'];
  const net = ['NetAmortizedCost', 'NetUnblendedCost'];
  const command = new GetCostAndUsageCommand({ TimePeriod, Granularity: 'DAILY', Metrics: [...gross, ...net] });
  const { ResultsByTime: days } = await ce.send(command);
  ce.destroy();
  const sum = (metric: string) => days!.reduce((all, { Total }) => all + Number(Total![metric]!.Amount), 0);
  // 3.30 + 0.0165 + 0.05, and 3.00 less a tenth + 0.0165 less a tenth + 0.05.
  for (const metric of gross) expect(sum(metric)).toBeCloseTo(3.3665, 10);
  for (const metric of net) expect(sum(metric)).toBeCloseTo(2.76485, 10);
});

it('CUR 2.0 has net rates and costs, every discount by name, and the public price', async () => {
  const columns =
    'line_item_usage_type, line_item_unblended_rate, line_item_unblended_cost, line_item_net_unblended_rate, ' +
    'line_item_net_unblended_cost, discount, discount_total_discount, discount_bundled_discount, ' +
    'pricing_public_on_demand_rate, pricing_public_on_demand_cost';
  const shared = { discount_bundled_discount: null };
  expect((await curRows(server, columns)).sort(byUsageType)).toEqual([
    {
      ...shared,
      ...{ line_item_usage_type: 'USE1-Claude4.6Sonnet-input-tokens', line_item_unblended_rate: '0.0033' },
      ...{ line_item_unblended_cost: 3.3, line_item_net_unblended_rate: '0.0027', line_item_net_unblended_cost: 2.7 },
      ...{ discount: { edp_discount: -0.3, private_rate_discount: -0.3 }, discount_total_discount: -0.6 },
      ...{ pricing_public_on_demand_rate: '0.0033', pricing_public_on_demand_cost: 3.3 },
    },
    {
      ...shared,
      ...{ line_item_usage_type: 'USE1-Claude4.6Sonnet-output-tokens', line_item_unblended_rate: '0.0165' },
      ...{ line_item_unblended_cost: 0.0165, line_item_net_unblended_rate: '0.01485' },
      ...{ line_item_net_unblended_cost: 0.01485, discount: { edp_discount: -0.00165 } },
      ...{ discount_total_discount: -0.00165, pricing_public_on_demand_rate: '0.0165' },
      ...{ pricing_public_on_demand_cost: 0.0165 },
    },
    {
      ...shared,
      ...{ line_item_usage_type: 'USE1-NovaLite-input-tokens', line_item_unblended_rate: '0.00005' },
      ...{
        line_item_unblended_cost: 0.05,
        line_item_net_unblended_rate: '0.00005',
        line_item_net_unblended_cost: 0.05,
      },
      ...{ discount: {}, discount_total_discount: 0, pricing_public_on_demand_rate: '0.00006' },
      ...{ pricing_public_on_demand_cost: 0.06 },
    },
  ]);
  const compatible = { INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY: 'TRUE' };
  const [first] = (await curRows(server, 'line_item_usage_type, line_item_net_unblended_cost', compatible)).sort(
    byUsageType,
  );
  expect(first).toMatchObject({ line_item_net_unblended_cost: 2.7 });
});

function byUsageType(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): number {
  return String(a.line_item_usage_type) < String(b.line_item_usage_type) ? -1 : 1;
}
