import type { CostCategoryDefinition, CostCategoryRule } from '../../../src/allocation/cost-category.ts';
import type { Charge } from '../../../src/billing/charge.ts';
import type { Credit } from '../../../src/billing/credit.ts';
import { bucketStartMs, DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/kernel/time.ts';
import type { UsageEvent } from '../../../src/metering/usage-event.ts';
import type { PercentageDiscount } from '../../../src/rating/discount.ts';
import type { PriceRow } from '../../../src/rating/price-sheet.ts';
import { usageEvent } from '../../rating/usage-event.ts';
import { seededRandom } from '../../store/sample-usage.ts';

export const PAYER = '111111111111';
const MEMBERS = ['222222222222', '333333333333', '444444444444'];
/** Over the changes of clocks in America and Europe. */
export const FIRST_MS = Date.UTC(2026, 2, 1);
export const LAST_MS = Date.UTC(2026, 4, 20, 10, 7);

export const TAG_KEYS = ['iamPrincipal/team', 'iamPrincipal/cost-center', 'resourceTags/app', 'accountTag/env'];
export const CATEGORIES = ['Product', 'Area'];

/** What somebody does besides calling models. */
export type Act =
  | { readonly kind: 'switch'; readonly key: string; readonly status: 'Active' | 'Inactive' }
  | { readonly kind: 'backfill'; readonly fromMs: number }
  | {
      readonly kind: 'categorise';
      readonly name: string;
      readonly fromMs: number;
      readonly definition: CostCategoryDefinition;
    }
  | { readonly kind: 'charge'; readonly charge: Charge }
  | { readonly kind: 'credit'; readonly credit: Credit }
  /** What comes for the period from then on is billed in the next one. */
  | { readonly kind: 'close'; readonly period: string };

export interface Organisation {
  readonly accountNames: ReadonlyMap<string, string>;
  readonly models: readonly { readonly modelId: string }[];
  readonly overrides: readonly PriceRow[];
  readonly privateRates: readonly PriceRow[];
  readonly percentages: readonly PercentageDiscount[];
  /** In the order in which they ended. */
  readonly events: readonly UsageEvent[];
  /** In the order of time. */
  readonly acts: readonly (Act & { readonly atMs: number })[];
}

interface Random {
  readonly next: () => number;
  readonly below: (limit: number) => number;
  readonly pick: <T>(from: readonly T[]) => T;
  readonly chance: (share: number) => boolean;
}

type Tags = readonly (readonly [string, string])[];

interface Principal {
  readonly accountId: string;
  readonly principalArn: string;
  /** Tags change: those before and those from an instant on. */
  readonly tags: readonly [before: Tags, after: Tags];
}

/** Everything about a company's spring that bears on its bill, the same for the same seed. */
export function organisation(seed: number, calls = 900): Organisation {
  const next = seededRandom(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  const random: Random = { next, below, pick: (from) => from[below(from.length)]!, chance: (share) => next() < share };
  const accounts = [PAYER, ...MEMBERS];
  const accountNames = new Map(accounts.flatMap((id, index) => (index === 3 ? [] : [[id, `Acme ${index}, "Ltd"`]])));
  const principals = accounts.flatMap((accountId) => principalsOf(accountId, random));
  const events = Array.from({ length: calls }, (_, index) => call(index, principals, random));
  return {
    accountNames,
    models: OWN_MODELS,
    ...pricesOf(random),
    events: events.sort((a, b) => a.endedAtMs - b.endedAtMs),
    acts: actsOf(random, accounts).sort((a, b) => a.atMs - b.atMs),
  };
}

/** Every shape that a caller can have, with tags or without. */
function principalsOf(accountId: string, random: Random): Principal[] {
  const arns = [
    `arn:aws:iam::${accountId}:user/engineering/ana`,
    `arn:aws:iam::${accountId}:user/BedrockAPIKey-a1b2`,
    `arn:aws:iam::${accountId}:root`,
    `arn:aws:sts::${accountId}:assumed-role/Batch/nightly`,
    `arn:aws:sts::${accountId}:assumed-role/OidcDeveloper/bob@example.com`,
    `arn:aws:sts::${accountId}:assumed-role/SamlAnalyst/o'neil`,
    `arn:aws:sts::${accountId}:federated-user/carol`,
  ];
  return arns.map((principalArn) => ({
    accountId,
    principalArn,
    tags: [principalTags(random), principalTags(random)],
  }));
}

function principalTags(random: Random): Tags {
  return [
    ...(random.chance(0.5) ? [['cost-center', random.pick(['4711', '0815', 'Größe "1"'])] as const] : []),
    ...(random.chance(0.7) ? [['team', random.pick(['search', 'ads', 'Search', '日本'])] as const] : []),
  ];
}

const OWN_MODELS = [{ modelId: 'acme.chat-1' }, { modelId: 'acme.support-7b' }];

/** AWS's own, AWS-sold, with two price classes, once billed through the marketplace, with own prices, and without any. */
const MODELS = [
  'amazon.nova-lite-v1:0',
  'anthropic.claude-sonnet-4-6',
  'anthropic.claude-sonnet-4-20250514-v1:0',
  'anthropic.claude-3-5-sonnet-20240620-v1:0',
  'meta.llama3-70b-instruct-v1:0',
  'acme.chat-1',
  'acme.support-7b',
];

/** Days of crowds, on which many do the same in the same hour. */
const CROWDS = 40;

function call(index: number, principals: readonly Principal[], random: Random): UsageEvent {
  const crowd = random.chance(0.5) ? random.below(CROWDS) : undefined;
  const isCrowd = crowd !== undefined;
  const accountId = isCrowd
    ? principals[(crowd * 7) % principals.length]!.accountId
    : random.pick(principals).accountId;
  const principal = random.pick(principals.filter((candidate) => candidate.accountId === accountId));
  const { principalArn } = principal;
  const atMs = isCrowd
    ? FIRST_MS + crowd * 2 * DAY_MS + 9 * HOUR_MS + random.below(50 * MINUTE_MS)
    : FIRST_MS + random.below(LAST_MS - FIRST_MS);
  const admittedAtMs = Math.min(atMs, LAST_MS - 1);
  const modelId = isCrowd ? MODELS[crowd % MODELS.length]! : random.pick(MODELS);
  const region = isCrowd ? 'us-east-1' : random.pick(['us-east-1', 'eu-central-1', 'ap-southeast-2']);
  const profile = isCrowd ? 'model' : random.pick(['model', 'geo', 'global', 'application'] as const);
  // Some calls are heard of weeks later, when their month may be closed.
  const afterMs = random.below(random.chance(0.05) ? 25 * DAY_MS : 2 * MINUTE_MS);
  const few = () => random.below(30_000);
  const isLong = modelId.includes('sonnet-4-2025') && random.chance(0.3);
  const tokens = {
    inputTokens: isLong ? 180_000 + random.below(60_000) : few(),
    outputTokens: random.chance(0.9) ? few() : 0,
    ...(random.chance(0.3) && { cacheReadInputTokens: few() }),
    ...(random.chance(0.2) && { cacheWrite5mInputTokens: few() }),
    ...(random.chance(0.1) && { cacheWrite1hInputTokens: few() }),
  };
  return usageEvent({
    requestId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    ...{ admittedAtMs, endedAtMs: admittedAtMs + afterMs, accountId, principalArn },
    principalTags: principal.tags[admittedAtMs < FIRST_MS + 50 * DAY_MS ? 0 : 1],
    resourceTags: profile === 'application' && random.chance(0.8) ? [['app', random.pick(['chat', 'batch'])]] : [],
    accountTags: accountId === PAYER ? [] : [['env', accountId === MEMBERS[0] ? 'prod' : 'dev']],
    operation: isCrowd
      ? 'Converse'
      : random.pick(['Converse', 'ConverseStream', 'InvokeModel', 'InvokeModelWithResponseStream']),
    ...{ modelId, region, route: profile === 'geo' || profile === 'global' ? profile : 'in_region' },
    resourceArn:
      profile === 'application'
        ? `arn:aws:bedrock:${region}:${accountId}:application-inference-profile/abc123`
        : `arn:aws:bedrock:${region}::foundation-model/${modelId}`,
    tier: isCrowd ? 'standard' : random.pick(['standard', 'standard', 'priority']),
    usage: { ...tokens, ...(random.chance(0.1) && { units: UNITS }), isEstimated: random.chance(0.05) },
  });
}

/** What a guardrail counts beside the tokens; in most regions it has no price. */
const UNITS = { content_policy_unit: 3, word_policy_unit: 3 } as const;

/** Prices that make no round amounts, that change, and that come off for some. */
function pricesOf(random: Random): Pick<Organisation, 'overrides' | 'privateRates' | 'percentages'> {
  const price = () => `${random.below(30)}.${String(1 + random.below(999_999)).padStart(6, '0')}`;
  const chat = { modelId: 'acme.chat-1' };
  return {
    overrides: [
      { ...chat, meter: 'input', usdPerMillionTokens: price() },
      { ...chat, meter: 'output', usdPerMillionTokens: price() },
      { ...chat, meter: 'output', usdPerMillionTokens: price(), effectiveFrom: '2026-04-10' },
      { ...chat, meter: 'input', usdPerMillionTokens: price(), effectiveFrom: '2026-05-03', region: 'us-east-1' },
      { modelId: 'amazon.nova-lite-v1:0', meter: 'input', usdPerMillionTokens: price(), effectiveFrom: '2026-04-15' },
    ],
    privateRates: [
      { modelId: 'anthropic.claude-sonnet-4-6', meter: 'output', usdPerMillionTokens: '9.999999' },
      { ...chat, meter: 'output', usdPerMillionTokens: '0.000001', effectiveFrom: '2026-04-20' },
    ],
    percentages: [
      { name: 'edp_discount', percent: '9.5', effectiveFrom: '2026-04-01' },
      { name: 'sales_discount', percent: '3.3333', accounts: [MEMBERS[1]!] },
    ],
  };
}

function actsOf(random: Random, accounts: readonly string[]): (Act & { readonly atMs: number })[] {
  const during = (fromDay: number, days: number) => FIRST_MS + fromDay * DAY_MS + random.below(days * DAY_MS);
  const on = (key: string, atMs: number) => ({ kind: 'switch', key, status: 'Active', atMs }) as const;
  const off = (key: string, atMs: number) => ({ kind: 'switch', key, status: 'Inactive', atMs }) as const;
  const [team, costCenter, app, env] = TAG_KEYS as [string, string, string, string];
  const april = Date.UTC(2026, 3, 1);
  return [
    ...[on(team, during(5, 15)), off(team, during(25, 15)), on(team, during(45, 10))],
    ...[on(app, during(10, 20)), on(env, during(30, 20)), on(costCenter, during(60, 10))],
    ...(random.chance(0.5) ? [{ kind: 'backfill', fromMs: april, atMs: during(65, 10) } as const] : []),
    { kind: 'categorise', name: 'Area', fromMs: FIRST_MS, definition: AREA, atMs: during(40, 5) },
    { kind: 'categorise', name: 'Product', fromMs: april, definition: product(random), atMs: during(50, 5) },
    {
      kind: 'categorise',
      name: 'Product',
      fromMs: Date.UTC(2026, 4, 1),
      definition: product(random),
      atMs: during(70, 5),
    },
    ...Array.from({ length: 8 }, (_, index) => charge(index, during(2, 75), random, accounts)),
    { kind: 'credit', credit: { ...CREDIT, amountUsd: `${random.below(20)}.000000000001` }, atMs: during(1, 1) },
    { kind: 'close', period: '2026-03', atMs: during(34, 4) },
    { kind: 'close', period: '2026-04', atMs: during(64, 4) },
  ];
}

const CREDIT: Omit<Credit, 'amountUsd'> = {
  ...{
    creditId: 'credit-1',
    accountId: '',
    service: '',
    description: 'Start-up',
    lastPeriod: '',
    createdAtMs: FIRST_MS,
  },
};

const AREA: CostCategoryDefinition = {
  rules: [
    { Type: 'INHERITED_VALUE', InheritedValue: { DimensionName: 'TAG', DimensionKey: 'iamPrincipal/team' } },
    { Type: 'INHERITED_VALUE', InheritedValue: { DimensionName: 'LINKED_ACCOUNT_NAME' } },
  ],
  splitChargeRules: [],
};

function product(random: Random): CostCategoryDefinition {
  const rules: CostCategoryRule[] = [
    { Value: 'Search', Rule: { Tags: { Key: 'iamPrincipal/team', Values: ['sea'], MatchOptions: ['STARTS_WITH'] } } },
    { Value: 'Ads', Rule: { Not: { CostCategories: { Key: 'Area', Values: ['ads'], MatchOptions: ['EQUALS'] } } } },
    { Value: 'Shared', Rule: { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [PAYER], MatchOptions: ['EQUALS'] } } },
    { Value: 'Taxes', Rule: { Dimensions: { Key: 'RECORD_TYPE', Values: ['Tax'], MatchOptions: ['EQUALS'] } } },
    {
      Value: 'Abroad',
      Rule: {
        And: [
          { Dimensions: { Key: 'REGION', Values: ['eu'], MatchOptions: ['STARTS_WITH'] } },
          { Tags: { Key: 'resourceTags/app', MatchOptions: ['ABSENT'] } },
        ],
      },
    },
  ];
  // What the split charges share out comes first; the others in any order, and some of them not at all.
  const isShared = ({ Value }: CostCategoryRule) => Value === 'Shared';
  const order = rules.map((rule) => [isShared(rule) ? 0 : random.next(), rule] as const).sort(([a], [b]) => a - b);
  return {
    rules: order.slice(0, 2 + random.below(4)).map(([, rule]) => rule),
    ...(random.chance(0.5) && { defaultValue: 'Other' }),
    splitChargeRules: [
      { Source: 'Shared', Targets: ['Search', 'Ads'], Method: random.pick(['EVEN', 'PROPORTIONAL']) },
      {
        Source: 'Taxes',
        Targets: ['Search', 'Ads', 'Abroad'],
        Method: 'FIXED',
        Parameters: [{ Type: 'ALLOCATION_PERCENTAGES', Values: ['33.33', '33.33', '33.34'] }],
      },
    ],
  };
}

function charge(index: number, atMs: number, random: Random, accounts: readonly string[]): Act & { atMs: number } {
  const type = random.pick(['Credit', 'Refund', 'Fee', 'Tax'] as const);
  const sign = type === 'Credit' || type === 'Refund' ? '-' : '';
  const bucketMs = bucketStartMs(atMs);
  return {
    kind: 'charge',
    atMs,
    charge: {
      chargeId: `charge-${index}`,
      type,
      period: new Date(bucketMs).toISOString().slice(0, 7),
      bucketStartMs: bucketMs,
      accountId: random.pick(accounts),
      amountUsd: `${sign}${random.below(40)}.${String(1 + random.below(999_999_999_999)).padStart(12, '0')}`,
      description: `${type} ${index}`,
      sold: { productCode: 'AmazonBedrock', service: type === 'Tax' ? 'Tax' : 'Amazon Bedrock', billingEntity: 'AWS' },
      taxType: type === 'Tax' ? 'VAT' : '',
      creditId: '',
      createdAtMs: atMs,
    },
  };
}
