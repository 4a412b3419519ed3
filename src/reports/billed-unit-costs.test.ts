import { expect, it } from 'vitest';
import { shippedBook } from '../../test/rating/shipped-prices.ts';
import { parsePicoUsd } from '../kernel/money.ts';
import { billedUnitCosts } from './billed-unit-costs.ts';
import type { ReportRow } from './report-query.ts';

const BOOK = shippedBook();
const SONNET = 'anthropic.claude-sonnet-4-6';

function row(keys: Partial<Record<'model' | 'meter' | 'route' | 'tier', string>>, sums: Partial<ReportRow>): ReportRow {
  const { model = SONNET, meter = 'input', route = 'geo', tier = 'standard' } = keys;
  const costPicoUsd = sums.costPicoUsd ?? 0n;
  return {
    bucketStartMs: Date.UTC(2026, 4, 1),
    bucketEndMs: Date.UTC(2026, 4, 2),
    keys: [model, meter, route, tier, 'default', 'us-east-1', 'no'],
    ...{ costPicoUsd, netCostPicoUsd: costPicoUsd, listCostPicoUsd: 0n, tokens: 0n, inputTokens: 0n, outputTokens: 0n },
    ...{ cacheReadTokens: 0n, cacheWriteTokens: 0n, quantity: 0n, requests: 0n, unpricedQuantity: 0n },
    ...sums,
  };
}

it('tells what is billed as listed from discounts and surprises', () => {
  const rows = [
    row({}, { quantity: 2_000_000n, costPicoUsd: parsePicoUsd('6.6') }),
    row(
      { meter: 'output' },
      { quantity: 1_000_000n, costPicoUsd: parsePicoUsd('15.675'), netCostPicoUsd: parsePicoUsd('14') },
    ),
    row({ route: 'global' }, { quantity: 1_000_000n, costPicoUsd: parsePicoUsd('3.3') }),
    row({ model: 'acme.new-model' }, { quantity: 1_000n, costPicoUsd: parsePicoUsd('0.01') }),
    row(
      { model: 'bedrock.guardrails', meter: 'content_policy_unit', route: 'in_region' },
      { quantity: 3_000n, costPicoUsd: parsePicoUsd('0.45') },
    ),
  ];
  expect(billedUnitCosts(rows, BOOK)).toMatchObject([
    {
      ...{ meter: 'output', unitCostUsd: '15.675', netUnitCostUsd: '14', listUnitCostUsd: '16.5', ratio: '0.95' },
      ...{ differencePicoUsd: parsePicoUsd('-0.825'), verdict: 'below list', unit: '1M tokens' },
    },
    { meter: 'input', route: 'geo', unitCostUsd: '3.3', listUnitCostUsd: '3.3', ratio: '1', verdict: 'as listed' },
    {
      ...{ meter: 'input', route: 'global', unitCostUsd: '3.3', listUnitCostUsd: '3', ratio: '1.1' },
      ...{ differencePicoUsd: parsePicoUsd('0.3'), verdict: 'above list' },
    },
    { meter: 'content_policy_unit', unit: '1K text units', unitCostUsd: '0.15', verdict: 'as listed' },
    { modelId: 'acme.new-model', unitCostUsd: '10', verdict: 'unlisted', listedPicoUsd: 0n, differencePicoUsd: 0n },
  ]);
});

it('takes the price of each day: those before and after a change together are as listed', () => {
  const daily = (day: number, costUsd: string) =>
    row(
      { model: 'anthropic.claude-sonnet-5', route: 'global' },
      { bucketStartMs: day, quantity: 1_000_000n, costPicoUsd: parsePicoUsd(costUsd) },
    );
  const days = [daily(Date.UTC(2026, 7, 31), '2'), daily(Date.UTC(2026, 8, 1), '3')];
  expect(billedUnitCosts(days, BOOK)).toMatchObject([
    { quantity: 2_000_000n, unitCostUsd: '2.5', listUnitCostUsd: '2.5', verdict: 'as listed' },
  ]);
});

it('leaves out what was not understood', () => {
  expect(billedUnitCosts([row({ meter: '' }, { costPicoUsd: 1n })], BOOK)).toEqual([]);
});
