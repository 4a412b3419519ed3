/** A kind of usage as AWS's bills write it: what is the same on all of its rows, from bills and price lists read 2026-11. */
export interface BillKind {
  readonly entity: 'AWS' | 'AWS Marketplace';
  readonly code: string;
  readonly serviceName: string;
  readonly usageType: string;
  readonly operation: string;
  readonly unit: string;
  readonly description: string;
  /** `product` map: Bedrock's four members since July 2026. Empty: absent. */
  readonly model: string;
  readonly provider: string;
  readonly inferenceType: string;
  readonly region: string;
  readonly resource: string;
  /** USD for one unit. */
  readonly price: number;
  /** Pieces in one unit: tokens, images, hours. */
  readonly pieces: number;
  /** Most units on one row. */
  readonly units: number;
  /** Share of the rows, in any unit. */
  readonly weight: number;
  readonly hasPrincipal: boolean;
  readonly isBedrock: boolean;
}

const MARKETPLACE_CODE = '4a524th30q694o538qndh9ucht';

interface Meter {
  readonly name: string;
  readonly words: string;
  readonly price: number;
  readonly units: number;
  readonly weight: number;
}

const meters = (input: number, weight: number): readonly Meter[] => [
  { name: 'input-tokens', words: 'Input tokens', price: input, units: 900, weight: weight * 3 },
  { name: 'output-tokens', words: 'Output tokens', price: input * 5, units: 200, weight: weight * 3 },
  {
    ...{ name: 'cache-read-input-token-count', words: 'Cache read input tokens' },
    ...{ price: input / 10, units: 6_000, weight: weight * 2 },
  },
  {
    ...{ name: 'cache-write-input-token-count', words: 'Cache write input tokens' },
    ...{ price: input * 1.25, units: 500, weight },
  },
  {
    ...{ name: 'cache-write-input-token-count-1-hour', words: 'Cache write 1 hour input tokens' },
    ...{ price: input * 2, units: 100, weight: weight / 2 },
  },
];

function classic(model: {
  readonly code: string;
  readonly serviceName: string;
  readonly spelling: string;
  readonly model: string;
  readonly provider: string;
  readonly modelId: string;
  /** USD for a thousand tokens. */
  readonly input: number;
  readonly suffix?: string;
  readonly region?: readonly [prefix: string, region: string];
  readonly weight: number;
}): BillKind[] {
  const { spelling, suffix = '', region: [prefix, region] = ['USE1', 'us-east-1'], code, serviceName } = model;
  return meters(model.input, model.weight).map(({ name, words, price, units, weight }) => {
    const usageType = `${prefix}-${spelling}-${name}${suffix}`;
    return {
      ...{ entity: 'AWS', code, serviceName, usageType, operation: 'InvokeModelInference', unit: '1K tokens' },
      description: `$${price} per 1K tokens for ${usageType} in ${region}`,
      ...{ model: model.model, provider: model.provider, inferenceType: words, region },
      resource: `arn:aws:bedrock:${region}::foundation-model/${model.modelId}`,
      ...{ price, pieces: 1_000, units, weight, hasPrincipal: true, isBedrock: true },
    };
  });
}

function marketplace(metric: string, words: string, price: number, units: number, weight: number): BillKind {
  return {
    ...{ entity: 'AWS Marketplace', code: MARKETPLACE_CODE },
    serviceName: 'Claude 3.5 Sonnet (Amazon Bedrock Edition)',
    ...{ usageType: `USW2-MP:USW2_${metric}-Units`, operation: 'Usage', unit: 'Units' },
    description: `AWS Marketplace software usage|us-west-2|${words}`,
    ...{ model: '', provider: '', inferenceType: '', region: 'us-west-2' },
    resource: 'arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-3-5-sonnet-20240620-v1:0',
    ...{ price, pieces: 1_000_000, units, weight, hasPrincipal: true, isBedrock: true },
  };
}

type Plain = Pick<BillKind, 'code' | 'serviceName' | 'usageType' | 'unit' | 'price' | 'units' | 'weight'>;

function plain(kind: Plain & Partial<BillKind>): BillKind {
  return {
    ...{ entity: 'AWS', operation: '', model: '', provider: '', inferenceType: '', region: 'us-east-1', resource: '' },
    ...{ pieces: 1, hasPrincipal: false, isBedrock: true },
    description: `$${kind.price} per ${kind.unit} for ${kind.usageType}`,
    ...kind,
  };
}

const BEDROCK = { code: 'AmazonBedrock', serviceName: 'Amazon Bedrock' } as const;
const BEDROCK_SERVICE = { code: 'AmazonBedrockService', serviceName: 'Amazon Bedrock Service' } as const;
const AGENTCORE = { code: 'AmazonBedrockAgentCore', serviceName: 'Amazon Bedrock AgentCore' } as const;

/** All four channels, token meters in each spelling, and what is counted otherwise. */
export const BEDROCK_KINDS: readonly BillKind[] = [
  ...classic({
    ...BEDROCK_SERVICE,
    ...{ spelling: 'Claude4.6Sonnet', model: 'Claude Sonnet 4.6', provider: 'Anthropic' },
    ...{ modelId: 'anthropic.claude-sonnet-4-6', input: 0.0033, weight: 8 },
  }),
  ...classic({
    ...BEDROCK_SERVICE,
    ...{ spelling: 'Claude4.6Sonnet', model: 'Claude Sonnet 4.6', provider: 'Anthropic' },
    ...{ modelId: 'anthropic.claude-sonnet-4-6', input: 0.003, suffix: '-cross-region-global', weight: 4 },
  }),
  ...classic({
    ...BEDROCK_SERVICE,
    ...{ spelling: 'Claude4.6Opus', model: 'Claude Opus 4.6', provider: 'Anthropic' },
    ...{ modelId: 'anthropic.claude-opus-4-6-v1', input: 0.0055, region: ['USW2', 'us-west-2'], weight: 2 },
  }),
  ...classic({
    ...BEDROCK,
    ...{ spelling: 'NovaLite', model: 'Nova Lite', provider: 'Amazon', modelId: 'amazon.nova-lite-v1:0' },
    ...{ input: 0.00006, weight: 3 },
  }).slice(0, 2),
  plain({
    ...BEDROCK,
    ...{ usageType: 'USW2-anthropic.claude-opus-4-8-mantle-cache-write-tokens-standard', unit: '1K tokens' },
    ...{ operation: 'InvokeModelInference', model: 'Claude Opus 4.8', provider: 'Anthropic', region: 'us-west-2' },
    ...{ inferenceType: 'Cache write tokens', price: 0.006875, pieces: 1_000, units: 1_700, weight: 3 },
    hasPrincipal: true,
  }),
  plain({
    ...BEDROCK,
    ...{ usageType: 'USE1-anthropic.claude-opus-5-mantle-output-tokens-global-standard', unit: '1K tokens' },
    ...{ operation: 'InvokeModelStreamingInference', model: 'Claude Opus 5', provider: 'Anthropic' },
    ...{ inferenceType: 'Output tokens', price: 0.025, pieces: 1_000, units: 400, weight: 3, hasPrincipal: true },
  }),
  marketplace('InputTokenCount', 'Million Input Tokens', 3, 2, 4),
  marketplace('OutputTokenCount', 'Million Response Tokens', 15, 0.5, 4),
  marketplace('CacheReadInputTokenCount', 'Million Cache Read Input Tokens', 0.3, 5, 2),
  plain({
    ...AGENTCORE,
    usageType: 'USE1-Runtime:Consumption-based:vCPU',
    unit: 'vCPU-Hours',
    price: 0.0895,
    units: 12,
    weight: 1,
  }),
  plain({
    ...AGENTCORE,
    usageType: 'USE1-Runtime:Consumption-based:Memory',
    unit: 'GB-Hours',
    price: 0.00945,
    units: 40,
    weight: 1,
  }),
];

/** A usage type that nobody has seen yet. */
export const UNHEARD_OF: BillKind = plain({
  ...BEDROCK,
  ...{
    usageType: 'USE1-Quasar9-thought-crystals',
    unit: 'Crystals',
    price: 0.5,
    units: 3,
    weight: 1,
    hasPrincipal: true,
  },
});

/** Rows of a bill that are not Bedrock's. */
export const OTHER_KINDS: readonly BillKind[] = [
  plain({
    ...{ code: 'AmazonEC2', serviceName: 'Amazon Elastic Compute Cloud', usageType: 'BoxUsage:m6i.xlarge' },
    ...{ unit: 'Hrs', price: 0.192, units: 1, weight: 1, isBedrock: false },
  }),
  plain({
    ...{ code: 'AmazonS3', serviceName: 'Amazon Simple Storage Service', usageType: 'TimedStorage-ByteHrs' },
    ...{ unit: 'GB-Mo', price: 0.023, units: 3, weight: 1, isBedrock: false },
  }),
];
