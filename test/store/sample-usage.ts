import { bucketStartMs, SECOND_MS } from '../../src/kernel/time.ts';
import { clientOf, lastingKeyId } from '../../src/metering/call-origin.ts';
import type { UsageEvent } from '../../src/metering/usage-event.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import type { TokenMeter } from '../../src/rating/meter.ts';
import type { CostBatch } from '../../src/reports/cost-store.ts';

/** The same numbers for the same seed: a 64-bit xorshift in two halves, uniform in [0, 1). */
export function seededRandom(seed: number): () => number {
  let [a, b, c, d] = [0x9e3779b9 ^ seed, 0x243f6a88, 0xb7e15162, seed | 1];
  return () => {
    // sfc32 (Chris Doty-Humphrey): a period far beyond any number of ids that a test makes.
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 0x1_0000_0000;
  };
}

interface Principal {
  readonly arn: string;
  readonly id: string;
  readonly accessKeyId: string;
  readonly tags: readonly (readonly [string, string])[];
}

interface Model {
  readonly id: string;
  readonly arn: string;
  readonly inputPricePicoUsd: bigint;
}

/** Price of a meter as a multiple of the input price, in hundredths; the ratios of Anthropic's list. */
const PRICE_HUNDREDTHS: Readonly<Record<TokenMeter, bigint>> = {
  input: 100n,
  output: 500n,
  cache_read: 10n,
  cache_write_5m: 125n,
  cache_write_1h: 200n,
};

const ACCOUNTS = ['111111111111', '222222222222', '333333333333', '444444444444'];
const REGIONS = ['us-east-1', 'us-west-2', 'eu-central-1', 'eu-west-1'];

export interface SampleOptions {
  readonly seed: number;
  /** Time of the first event. */
  readonly startMs: number;
  /** From one event to the next. */
  readonly stepMs: number;
  /** Default 2,000; the n-th one calls in proportion to 1/n (Zipf). */
  readonly principals?: number;
}

/** Usage as a company of some thousand people makes it, with its line items: about 2.2 a call. Endless. */
export function* sampleUsage({ seed, startMs, stepMs, principals = 2_000 }: SampleOptions): Generator<SampleUsage> {
  const random = seededRandom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const callers = Array.from({ length: principals }, (_, index) => principal(index, random));
  const models = Array.from({ length: 30 }, (_, index) => model(index));
  const ranks = zipfRanks(principals);
  for (let atMs = startMs; ; atMs += stepMs) {
    const event = usageEvent(Math.floor(atMs), callers[rank(ranks, random())]!, pick(models), pick(REGIONS), random);
    yield { event, lineItems: lineItemsOf(event, models) };
  }
}

interface SampleUsage {
  readonly event: UsageEvent;
  readonly lineItems: readonly LineItem[];
}

/** The next `size` calls as one batch. */
export function nextBatch(usage: Generator<SampleUsage>, token: string, size: number): CostBatch {
  const usageEvents: UsageEvent[] = [];
  const lineItems: LineItem[] = [];
  for (let count = 0; count < size; count++) {
    const { event, lineItems: ofEvent } = usage.next().value;
    usageEvents.push(event);
    lineItems.push(...ofEvent);
  }
  return { token, usageEvents, lineItems };
}

function principal(index: number, random: () => number): Principal {
  const account = ACCOUNTS[index % ACCOUNTS.length]!;
  const arn =
    index % 3 === 0
      ? `arn:aws:iam::${account}:user/engineering/user-${index}`
      : `arn:aws:sts::${account}:assumed-role/BedrockDeveloper/person-${index}@example.com`;
  return {
    arn,
    id: `AROA${String(index).padStart(17, '0')}`,
    accessKeyId: `ASIA${String(index).padStart(16, '0')}`,
    tags: [
      ['cost-center', `cc-${Math.floor(random() * 15)}`],
      ['project', `project-${Math.floor(random() * 120)}`],
      ['team', `team-${Math.floor(random() * 40)}`],
    ],
  };
}

function model(index: number): Model {
  const id = `vendor-${index % 6}.model-${index}-v1:0`;
  return {
    id,
    arn: `arn:aws:bedrock:us-east-1::foundation-model/${id}`,
    inputPricePicoUsd: 250_000n + BigInt(index) * 100_000n,
  };
}

function usageEvent(atMs: number, by: Principal, model: Model, region: string, random: () => number): UsageEvent {
  const cacheRead = random() < 0.15 ? Math.floor(random() * 20_000) + 1 : undefined;
  const cacheWrite = random() < 0.05 ? Math.floor(random() * 5_000) + 1 : undefined;
  const inputTokens = Math.floor(random() * 8_000) + 1;
  const outputTokens = Math.floor(random() * 2_000) + 1;
  return {
    requestId: uuid(random),
    admittedAtMs: atMs,
    endedAtMs: atMs + Math.floor(random() * 30 * SECOND_MS),
    firstTokenMs: Math.floor(random() * 900),
    accountId: by.arn.split(':')[4]!,
    principalArn: by.arn,
    principalId: by.id,
    accessKeyId: by.accessKeyId,
    sourceIdentity: '',
    principalTags: by.tags,
    resourceTags: [],
    accountTags: [],
    operation: 'ConverseStream',
    requestedModelId: model.id,
    modelId: model.id,
    resourceArn: model.arn,
    region,
    route: 'in_region',
    upstream: 'simulated',
    isBatch: false,
    attemptOf: '',
    isRepeat: false,
    tier: 'standard',
    sourceIp: `10.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}.7`,
    userAgent: 'aws-sdk-js/3.1164.0',
    requestMetadata: [['run', `nightly-${Math.floor(random() * 100)}`]],
    inputTokensEstimate: inputTokens + 12,
    status: 'completed',
    errorCode: '',
    upstreamRequestId: '',
    upstreamPrincipalArn: '',
    isGatewayPrincipal: false,
    clientGone: false,
    usage: {
      inputTokens,
      outputTokens,
      ...(cacheRead !== undefined && { cacheReadInputTokens: cacheRead }),
      ...(cacheWrite !== undefined && { cacheWrite5mInputTokens: cacheWrite }),
      isEstimated: false,
      raw: `{"inputTokens":${inputTokens},"outputTokens":${outputTokens},"totalTokens":${inputTokens + outputTokens}}`,
    },
  };
}

function lineItemsOf(event: UsageEvent, models: readonly Model[]): LineItem[] {
  const { usage } = event;
  const { inputPricePicoUsd } = models.find(({ id }) => id === event.modelId)!;
  const metered: [TokenMeter, number | undefined][] = [
    ['input', usage.inputTokens],
    ['output', usage.outputTokens],
    ['cache_read', usage.cacheReadInputTokens],
    ['cache_write_5m', usage.cacheWrite5mInputTokens],
  ];
  return metered.flatMap(([meter, tokens]) => {
    if (tokens === undefined) return [];
    const pricePicoUsd = (inputPricePicoUsd * PRICE_HUNDREDTHS[meter]) / 100n;
    return [
      {
        bucketStartMs: bucketStartMs(event.admittedAtMs),
        sliceStartMs: bucketStartMs(event.admittedAtMs),
        accountId: event.accountId,
        principalArn: event.principalArn,
        principalTags: event.principalTags,
        resourceTags: event.resourceTags,
        accountTags: event.accountTags,
        recordType: 'Usage',
        chargeId: '',
        isCorrection: false,
        keyId: lastingKeyId(event),
        client: clientOf(event.userAgent),
        modelId: event.modelId,
        resourceArn: event.resourceArn,
        region: event.region,
        route: event.route,
        tier: event.tier,
        context: 'default',
        operation: event.operation,
        upstream: event.upstream,
        isBatch: event.isBatch,
        meter,
        usageType: `USE1-${event.modelId}-${meter}-tokens`,
        productCode: 'AmazonBedrock',
        service: 'Amazon Bedrock',
        billingEntity: 'AWS',
        pricingUnit: '1K tokens',
        quantity: BigInt(tokens),
        requests: meter === 'input' ? 1n : 0n,
        pricePicoUsd,
        listPricePicoUsd: pricePicoUsd,
        netPricePicoUsd: pricePicoUsd,
        discountPrices: [],
        priceId: `${event.modelId}/${meter}`,
        costPicoUsd: BigInt(tokens) * pricePicoUsd,
        listCostPicoUsd: BigInt(tokens) * pricePicoUsd,
        netCostPicoUsd: BigInt(tokens) * pricePicoUsd,
        isUnpriced: false,
        isEstimated: false,
      },
    ];
  });
}

function uuid(random: () => number): string {
  const hex = Array.from({ length: 4 }, () =>
    Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Cumulative shares of 1/1, 1/2, 1/3, ... */
function zipfRanks(count: number): Float64Array {
  const ranks = new Float64Array(count);
  let sum = 0;
  for (let index = 0; index < count; index++) ranks[index] = sum += 1 / (index + 1);
  return ranks.map((value) => value / sum);
}

function rank(ranks: Float64Array, at: number): number {
  let [low, high] = [0, ranks.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranks[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
