import type { ReferenceRow } from './build.ts';

const REMEMBERED = { source: 'general-knowledge:aws-pricing-page', certainty: 'low' } as const;
const PRICE_LIST_NOTE = { source: 'pricelist-20260912-note', certainty: 'medium' } as const;
const ON_DEMAND = { region: 'us-east-1', routing: 'any', tier: 'standard', context: 'default' } as const;

/** Decision 12: prices by size and quality of models that the reference has one number of, or none. */
const IMAGES: readonly (readonly [modelId: string, displayName: string, usd: Readonly<Record<string, number>>])[] = [
  ['amazon.nova-canvas-v1:0', 'Nova Canvas', { image_1024: 0.04, image_2048: 0.06, image_2048_premium: 0.08 }],
  ...(['v1', 'v2:0'] as const).map(
    (version) =>
      [
        `amazon.titan-image-generator-${version}`,
        `Titan Image Generator G1${version === 'v1' ? '' : ' v2'}`,
        { image_512: 0.008, image_512_premium: 0.01, image_1024: 0.01, image_1024_premium: 0.012 },
      ] as const,
  ),
];

/** What the reference lacks, in its form. */
export const FURTHER_ROWS: readonly ReferenceRow[] = [
  ...IMAGES.flatMap(([modelId, displayName, usd]) =>
    Object.entries(usd).map(
      ([meter, usdPerUnit]): ReferenceRow => ({
        ...{ ...ON_DEMAND, ...REMEMBERED, modelId, provider: 'Amazon', displayName, meter, unit: 'image', usdPerUnit },
      }),
    ),
  ),
  // Decision 10: a search of a vector store costs nothing with Bedrock.
  {
    ...{ ...ON_DEMAND, region: '*', modelId: 'kb.retrieval', provider: 'Amazon', displayName: 'Knowledge Bases' },
    ...{ meter: 'query', unit: '1K queries', usdPerUnit: 0, source: 'free', certainty: 'medium' },
  },
  // Decision 13: as a public note quotes the price list.
  ...(['provisioned_no_commit', 'provisioned_1_month'] as const).map(
    (tier, index): ReferenceRow => ({
      ...{ ...ON_DEMAND, ...PRICE_LIST_NOTE, routing: 'provisioned', tier, modelId: 'amazon.nova-2-lite-v1:0' },
      ...{ provider: 'Amazon', displayName: 'Nova 2 Lite', meter: 'model_unit_hour', unit: 'model unit hour' },
      usdPerUnit: [60.5, 55][index]!,
    }),
  ),
];
