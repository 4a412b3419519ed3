import type { PriceSource } from '../src/rating/price-sheet.ts';

/** Every source that the price reference names, by its key. `checked` is the day, or month, of what was read. */
export const SOURCES: Readonly<Record<string, PriceSource>> = {
  'genai-prices@47df840a': {
    title: 'pydantic/genai-prices, prices/providers/aws.yml',
    url: 'https://github.com/pydantic/genai-prices',
    checked: '2026-08-21',
  },
  'portkey-models/bedrock@f654307e': {
    title: 'Portkey-AI/models, pricing/bedrock.json',
    url: 'https://github.com/Portkey-AI/models',
    checked: '2026-08-21',
  },
  'portkey-models/bedrock-mantle@f654307e': {
    title: 'Portkey-AI/models, bedrock-mantle pricing',
    url: 'https://github.com/Portkey-AI/models',
    checked: '2026-08-21',
  },
  'litellm@00035b69': {
    title: 'BerriAI/litellm, model_prices_and_context_window.json',
    url: 'https://github.com/BerriAI/litellm',
  },
  'pricelist-20260813-note': {
    title: 'AWS Price List, version 20260813210707, as quoted by a public note',
    checked: '2026-08-13',
  },
  'anthropic-rule:1h=2x': {
    title: 'Anthropic pricing: a one-hour cache write costs twice the input price',
    url: 'https://platform.claude.com/docs/en/about-claude/pricing',
    checked: '2026-11',
  },
  'anthropic-rule:longctx': {
    title: 'Anthropic pricing: above 200K input tokens, input costs twice and output one and a half times as much',
    url: 'https://platform.claude.com/docs/en/about-claude/pricing',
    checked: '2026-11',
  },
  'aws-rule:batch=0.5x': {
    title: 'Amazon Bedrock pricing: batch inference costs half the on-demand price',
    url: 'https://aws.amazon.com/bedrock/pricing/',
    checked: '2026-11',
  },
  'aws-rule:tier-multiplier': {
    title: 'Amazon Bedrock pricing: batch and flex cost half, priority 1.75 times the standard price',
    url: 'https://aws.amazon.com/bedrock/pricing/',
    checked: '2026-11',
  },
  'aws-rule:nova-cache': {
    title: 'AWS Price List, version 20260813210707: Nova cache reads cost a quarter of the input price, writes nothing',
    checked: '2026-08-13',
  },
  'pricelist-fixture-52766173241': {
    title: 'AWS Price List, as quoted by the tests of a public project',
  },
  'pricelist-20260912-note': {
    title: 'AWS Price List, as quoted by public notes',
    checked: '2026-09-12',
  },
  free: {
    title: 'AWS documentation: costs nothing',
  },
  'general-knowledge:aws-pricing-page': {
    title: 'Remembered list price; nobody has checked it',
  },
};
