import { describe, expect, it } from 'vitest';
import { shippedBook } from '../../test/rating/shipped-prices.ts';
import { prices } from './prices.ts';

const NOW_MS = Date.parse('2026-10-05T12:00:00.000Z');

async function output(options: Partial<Parameters<typeof prices>[0]>): Promise<string[]> {
  const lines: string[] = [];
  await prices({ book: shippedBook(), nowMs: NOW_MS, ...options }, (line) => lines.push(line));
  return lines;
}

describe('tallyline prices', () => {
  it('shows each price with its source, certainty and date', async () => {
    const lines = await output({ model: 'claude-sonnet-5', region: 'eu-west-1', route: 'geo' });
    expect(lines[0]).toMatch(
      /^MODEL +REGION +ROUTING +TIER +CONTEXT +METER +USD +PER +FROM +SOURCE +CERTAINTY +CHECKED$/,
    );
    const words = lines.slice(1).map((line) => line.split(/ +/));
    const shared = ['anthropic.claude-sonnet-5', '*', 'in_region_or_geo', 'standard', 'default'];
    expect(words).toContainEqual([
      ...shared,
      'input',
      '3.3',
      '1M',
      'tokens',
      '2026-09-01',
      'genai-prices@47df840a',
      'high',
      '2026-08-21',
    ]);
    expect(words).toHaveLength(5);
  });

  it('shows the prices of another day', async () => {
    const lines = await output({ model: 'claude-sonnet-5', route: 'global', at: '2026-08-31' });
    expect(lines.find((line) => / input /.test(line))).toMatch(/ 2 +1M tokens +- /);
  });

  it("shows the organisation's own prices in place of the list's", async () => {
    const book = shippedBook([{ modelId: 'amazon.nova-lite-v1:0', meter: 'input', usdPerMillionTokens: '0.05' }]);
    const lines = await output({ book, model: 'nova-lite', region: 'us-east-1', tier: 'standard' });
    expect(lines.filter((line) => / input /.test(line)).map((line) => line.split(/ +/).slice(5, 11))).toEqual([
      ['input', '0.05', '1M', 'tokens', '-', 'override'],
    ]);
  });

  it('prints JSON with exact decimal text', async () => {
    const lines = await output({ model: 'nova-micro', region: 'us-east-1', tier: 'standard', json: true });
    expect(JSON.parse(lines.join('\n'))).toContainEqual({
      priceId: 'amazon.nova-micro-v1:0/us-east-1/any/standard/default/cache_read',
      modelId: 'amazon.nova-micro-v1:0',
      meter: 'cache_read',
      region: 'us-east-1',
      routing: 'any',
      tier: 'standard',
      context: 'default',
      usdPerUnit: '0.00875',
      unit: '1M tokens',
      source: 'genai-prices@47df840a',
      certainty: 'medium',
      checked: '2026-08-21',
    });
    await expect(output({ model: 'nothing', json: true })).resolves.toEqual(['[]']);
  });

  it.each([
    [{ route: 'moon' }, 'the route `moon` is not one of in_region, geo, global'],
    [{ tier: 'cheap' }, 'the tier `cheap` is not one of standard, priority, flex, reserved, latency_optimized, batch'],
    [{ at: '2026-02-30' }, '`2026-02-30` is not a date such as `2026-09-01`'],
    [{ at: 'tomorrow' }, '`tomorrow` is not a date such as `2026-09-01`'],
    [{ model: 'nothing' }, 'no price matches; leave out an option to see more'],
  ])('says what is wrong with %o', async (options, message) => {
    await expect(output(options)).rejects.toThrow(message);
  });
});
