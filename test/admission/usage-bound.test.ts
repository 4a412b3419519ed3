import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GptTokenCounter } from '../../src/adapters/gpt-token-counter.ts';
import { boundAmounts, usageBound, usedAmounts } from '../../src/admission/usage-bound.ts';
import type { ModelPrompt } from '../../src/inference/model-call.ts';
import { countInputTokens } from '../../src/inference/token-counter.ts';
import { shippedBook, shippedModels } from '../rating/shipped-prices.ts';
import { usageEvent } from '../rating/usage-event.ts';
import { caller, claim } from './node.ts';

const SETTINGS = { defaultMaxOutputTokens: 1_000, modelMaxOutputTokens: new Map([['small', 50]]) };
const NOW = Date.parse('2026-11-10T12:00:00Z');
const EMPTY: ModelPrompt = { messages: [], system: [], additionalFields: {} };

const boundOf = (prompt: Partial<ModelPrompt>, modelId = 'cheap', bodyBytes = 1_000) =>
  usageBound({ ...claim(caller('ann'), NOW, { modelId, bodyBytes }), prompt: { ...EMPTY, ...prompt } }, SETTINGS);

describe('the bound of a call', () => {
  it('takes the maximum that the request names, else the model’s, else the configured one, for every answer', () => {
    expect(boundOf({ maxTokens: 7 }).outputTokens).toBe(7n);
    expect(boundOf({}, 'small').outputTokens).toBe(50n);
    expect(boundOf({}).outputTokens).toBe(1_000n);
    expect(boundOf({ maxTokens: 7, additionalFields: { n: 3 } }).outputTokens).toBe(21n);
  });

  it('takes media for what they can cost, not for their bytes', () => {
    const image = { image: { format: 'png', source: { bytes: 'AAAA' } } };
    const inside = { toolResult: { toolUseId: 't', content: [image, { document: {} }] } };
    const messages = [{ role: 'user' as const, content: [image, { text: 'x' }, inside] }];
    const extra = boundOf({ messages }).inputTokens - boundOf({}).inputTokens;
    expect(extra).toBe(16n + 2n * 5_000n + 600_000n);
  });

  it('is never below what a tokenizer counts', async () => {
    const counter = new GptTokenCounter();
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.lorem({ maxCount: 50 }),
      fc.stringMatching(/^[ \n\t{}"0-9]*$/),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), async (texts) => {
        const messages = texts.map((one) => ({ role: 'user' as const, content: [{ text: one }] }));
        const bodyBytes = Buffer.byteLength(JSON.stringify({ messages }));
        const counted = await countInputTokens({ messages, system: [] }, counter);
        expect(boundOf({ messages }, 'cheap', bodyBytes).inputTokens >= BigInt(counted)).toBe(true);
      }),
      { numRuns: 200, seed: 20261129 },
    );
  });

  it('costs at least what any use within it costs, whatever classes its tokens are of', () => {
    const prices = shippedBook();
    const parts = fc.record({
      modelId: fc.constantFrom(...shippedModels.map(({ modelId }) => modelId)),
      region: fc.constantFrom('us-east-1', 'eu-central-1', 'us-gov-west-1'),
      route: fc.constantFrom('in_region' as const, 'geo' as const, 'global' as const),
      tier: fc.constantFrom('standard' as const, 'priority' as const, 'flex' as const, 'latency_optimized' as const),
      bodyBytes: fc.integer({ min: 1, max: 600_000 }),
      maxTokens: fc.integer({ min: 1, max: 64_000 }),
      shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }),
      servedStandard: fc.boolean(),
    });
    let priced = 0;
    fc.assert(
      fc.property(parts, ({ shares, servedStandard, maxTokens, bodyBytes, ...tariff }) => {
        const bound = boundOf({ maxTokens }, tariff.modelId, bodyBytes);
        const most = boundAmounts(bound, tariff, NOW, prices);
        const [input = 0, read = 0, write5m = 0, write1h = 0, output = 0] = shares;
        const sum = input + read + write5m + write1h || 1;
        const tokens = (share: number) => Math.floor((Number(bound.inputTokens) * share) / sum);
        const used = usedAmounts(
          usageEvent({
            ...{ ...tariff, admittedAtMs: NOW, tier: servedStandard ? 'standard' : tariff.tier },
            usage: {
              inputTokens: tokens(input),
              cacheReadInputTokens: tokens(read),
              cacheWrite5mInputTokens: tokens(write5m),
              cacheWrite1hInputTokens: tokens(write1h),
              outputTokens: Math.floor(output * maxTokens),
            },
          }),
          prices,
        );
        expect(used.tokens <= most.tokens).toBe(true);
        expect(used.costPicoUsd <= most.costPicoUsd).toBe(true);
        if (!most.isUnpriced) priced += 1;
      }),
      { numRuns: 3_000, seed: 20261129 },
    );
    expect(priced).toBeGreaterThan(500);
  });
});
