import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import vectors from '../../test/vectors/inference/vendor-usage.json' with { type: 'json' };
import type { Json } from './model-call.ts';
import { type TokenUsage, totalInputTokens } from './token-usage.ts';
import { anthropicUsage, completeUsage, converseUsage, openaiUsage, type ReportedUsage } from './vendor-usage.ts';

const NORMALISERS: Readonly<Record<string, (vendor: unknown) => ReportedUsage>> = {
  openai: openaiUsage,
  anthropic: anthropicUsage,
  converse: converseUsage,
};

const CLASSES = [
  'inputTokens',
  'outputTokens',
  'cacheReadInputTokens',
  'cacheWrite5mInputTokens',
  'cacheWrite1hInputTokens',
] as const;

const count = fc.integer({ min: 0, max: 10_000_000 });

describe('vendor usage', () => {
  // peers rows 5, 6, 7, 8, 18, 21, 26, 27, 29.
  it.each(vectors.cases)('$name', ({ shape, usage, expected }) => {
    const { raw, ...normalised } = NORMALISERS[shape]!(usage);
    expect(normalised).toEqual(expected);
    expect(JSON.parse(raw)).toEqual(usage);
  });

  it.each([undefined, null])('%s is nothing reported, and no contradiction', (vendor) => {
    for (const normalise of Object.values(NORMALISERS))
      expect(normalise(vendor)).toEqual({ isEstimated: false, raw: '' });
  });

  it.each([7, 'many', [], true])('%j is flagged', (vendor) => {
    for (const normalise of Object.values(NORMALISERS)) {
      expect(normalise(vendor)).toEqual({ isEstimated: true, raw: JSON.stringify(vendor) });
    }
  });

  it('keeps no raw object that is absurdly deep or long', () => {
    const deep = JSON.parse(`{"prompt_tokens": 1, "x": ${'['.repeat(10_000)}${']'.repeat(10_000)}}`);
    expect(openaiUsage(deep)).toMatchObject({ inputTokens: 1, raw: '' });
    expect(openaiUsage({ prompt_tokens: 1, x: 'y'.repeat(20_000) })).toMatchObject({ inputTokens: 1, raw: '' });
  });

  // peers rows 20.
  it('adds up to what OpenAI’s contract says', () => {
    const sound = fc
      .record({ fresh: count, read: count, written: count, said: count, thought: count })
      .map(({ fresh, read, written, said, thought }) => ({
        prompt_tokens: fresh + read + written,
        completion_tokens: said + thought,
        total_tokens: fresh + read + written + said + thought,
        prompt_tokens_details: { cached_tokens: read, cache_write_tokens: written },
        completion_tokens_details: { reasoning_tokens: thought },
      }));
    fc.assert(
      fc.property(sound, (vendor) => {
        const usage = openaiUsage(vendor) as TokenUsage;
        expect(usage.isEstimated).toBe(false);
        expect(totalInputTokens(usage)).toBe(vendor.prompt_tokens);
        expect(usage.outputTokens).toBe(vendor.completion_tokens);
        expect(totalInputTokens(usage) + usage.outputTokens).toBe(vendor.total_tokens);
      }),
    );
  });

  it('adds up to the vendor’s total whenever it is not flagged, and to no more than its parts', () => {
    const anyCounts = fc.record({ prompt: count, completion: count, total: count, read: count, thought: count });
    fc.assert(
      fc.property(anyCounts, ({ prompt, completion, total, read, thought }) => {
        const usage = openaiUsage({
          prompt_tokens: prompt,
          completion_tokens: completion,
          total_tokens: total,
          prompt_tokens_details: { cached_tokens: read },
          completion_tokens_details: { reasoning_tokens: thought },
        }) as TokenUsage;
        const sum = totalInputTokens(usage) + usage.outputTokens;
        if (!usage.isEstimated) expect(sum).toBe(total);
        expect(sum).toBeLessThanOrEqual(prompt + completion + read + thought);
      }),
    );
  });

  it('adds up to what Anthropic’s and Converse’s contracts say', () => {
    fc.assert(
      fc.property(count, count, count, count, count, (input, output, read, short, long) => {
        const anthropic = anthropicUsage({
          input_tokens: input,
          output_tokens: output,
          cache_read_input_tokens: read,
          cache_creation_input_tokens: short + long,
          cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long },
        }) as TokenUsage;
        const converse = converseUsage({
          inputTokens: input,
          outputTokens: output,
          totalTokens: input + output + read + short + long,
          cacheReadInputTokens: read,
          cacheWriteInputTokens: short + long,
          cacheDetails: [
            { ttl: '1h', inputTokens: long },
            { ttl: '5m', inputTokens: short },
          ],
        }) as TokenUsage;
        for (const usage of [anthropic, converse]) {
          expect(usage).toMatchObject({ inputTokens: input, outputTokens: output, isEstimated: false });
          expect(usage).toMatchObject({ cacheWrite5mInputTokens: short, cacheWrite1hInputTokens: long });
          expect(totalInputTokens(usage)).toBe(input + read + short + long);
        }
      }),
    );
  });

  // peers rows 19.
  it('is never negative, never a fraction and never throws, whatever a vendor sends', async () => {
    const names = [
      ...['prompt_tokens', 'completion_tokens', 'total_tokens', 'prompt_tokens_details', 'completion_tokens_details'],
      ...['cached_tokens', 'reasoning_tokens', 'cache_write_tokens', 'input_tokens', 'output_tokens', 'cache_creation'],
      ...['cache_read_input_tokens', 'cache_creation_input_tokens', 'ephemeral_1h_input_tokens', '__proto__'],
      ...['inputTokens', 'outputTokens', 'totalTokens', 'cacheWriteInputTokens', 'cacheDetails', 'ttl'],
    ];
    const { value } = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(null, true, '5', '-1', -1, 0, 1, 1.5, 1e21, 30),
        fc.double({ noNaN: true }),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 6 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(value, count, count, async (vendor, input, output) => {
        for (const normalise of Object.values(NORMALISERS)) {
          const reported = normalise(vendor);
          const usage = await completeUsage(
            reported,
            async () => input,
            async () => output,
          );
          for (const name of CLASSES)
            expect(usage[name] ?? 0).toSatisfy((n: number) => Number.isSafeInteger(n) && n >= 0);
          if (reported.inputTokens === undefined || reported.outputTokens === undefined)
            expect(usage.isEstimated).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('completing usage', () => {
  const never = (): Promise<number> => Promise.reject(new Error('counted for nothing'));

  it('counts nothing that was reported', async () => {
    const reported = openaiUsage({ prompt_tokens: 0, completion_tokens: 0 });
    expect(await completeUsage(reported, never, never)).toMatchObject({
      inputTokens: 0,
      outputTokens: 0,
      isEstimated: false,
    });
  });

  it('counts only what is missing', async () => {
    const reported = openaiUsage({ prompt_tokens: 5 });
    expect(await completeUsage(reported, never, async () => 8)).toMatchObject({
      inputTokens: 5,
      outputTokens: 8,
      isEstimated: true,
    });
  });

  it('takes cached tokens off a counted input, down to zero', async () => {
    const reported = anthropicUsage({ output_tokens: 1, cache_read_input_tokens: 30 });
    expect(await completeUsage(reported, async () => 100, never)).toMatchObject({ inputTokens: 70 });
    expect(await completeUsage(reported, async () => 10, never)).toMatchObject({ inputTokens: 0 });
  });
});
