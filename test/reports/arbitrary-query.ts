import fc from 'fast-check';
import type { CostAllocationTag } from '../../src/allocation/cost-allocation-tag.ts';
import { BUCKET_MS, MINUTE_MS } from '../../src/kernel/time.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { MEASURES } from '../../src/reports/compile-sql/measure-sql.ts';
import type { CostCatalog } from '../../src/reports/cost-catalog.ts';
import type {
  Dimension,
  Granularity,
  GroupKey,
  Measure,
  ReportFilter,
  ReportQuery,
} from '../../src/reports/report-query.ts';
import type { TextMatch } from '../../src/reports/text-match.ts';
import { anyCategories, CATEGORY_NAMES, TAG_KEYS, VALUES } from './arbitrary-category.ts';
import { lineItem, MEMBER_ACCOUNT } from './line-items.ts';
import { anyAsOf, anyMemberships, STRUCTURES } from './membership-oracle.ts';

export const FIRST_MS = Date.UTC(2026, 2, 20);
/** Over two month ends. */
export const BUCKETS = 60 * 96;

/**
 * Clocks change in these days: at two, by half an hour, from midnight forward, over midnight back. Offsets of three quarters
 * of an hour, and a zone that is UTC.
 */
const TIME_ZONES = [
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'America/Santiago',
  'Pacific/Chatham',
  'Asia/Kathmandu',
  'Etc/UTC',
];

const DIMENSIONS: readonly Dimension[] = [
  'principal',
  'role',
  'session',
  'person',
  'key',
  'client',
  'model',
  'usageType',
  'direction',
  'meter',
  'context',
  'batch',
  'estimated',
  'unpriced',
  'region',
  'account',
  'operation',
  'billedOperation',
  'route',
  'tier',
  'service',
  'resource',
  'upstream',
  'recordType',
  'all',
  'accountName',
  'productCode',
  'billingEntity',
  'provider',
  'modelName',
  'inferenceType',
  'feature',
];

const TOKEN_CLASSES: readonly Measure[] = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens'];

const GRANULARITIES: readonly Granularity[] = ['TOTAL', 'QUARTER_HOURLY', 'HOURLY', 'DAILY', 'MONTHLY'];

const bucket = fc.integer({ min: 0, max: BUCKETS - 1 }).map((index) => FIRST_MS + index * BUCKET_MS);

/** Into a bucket. */
const offset = fc.constantFrom(0, MINUTE_MS + 1, 7 * MINUTE_MS);

const principalArn = fc.constantFrom(
  'arn:aws:iam::111111111111:user/alice',
  // A path that only looks like a session.
  'arn:aws:iam::111111111111:user/assumed-role/App/alice',
  'arn:aws:sts::111111111111:assumed-role/App/alice',
  'arn:aws:sts::111111111111:assumed-role/App/bob@example.com',
  'arn:aws:sts::222222222222:assumed-role/Batch/alice',
);

const tagPairs = fc
  .uniqueArray(
    fc.tuple(fc.constantFrom('team', 'Team', 'cost"center\\', 'iamPrincipal/team'), fc.constantFrom(...VALUES)),
    {
      selector: ([key]) => key,
    },
  )
  .map((pairs) => pairs.sort(([a], [b]) => (a < b ? -1 : 1)));

export const anyLineItem: fc.Arbitrary<LineItem> = fc
  .record({
    atMs: bucket,
    sliceMs: offset,
    principalArn,
    principalTags: tagPairs,
    resourceTags: tagPairs,
    accountTags: tagPairs,
    modelId: fc.constantFrom('anthropic.claude-sonnet-4-6', 'amazon.nova-lite-v1:0'),
    region: fc.constantFrom('us-east-1', 'eu-west-1'),
    route: fc.constantFrom('in_region' as const, 'global' as const),
    tier: fc.constantFrom('standard' as const, 'flex' as const),
    operation: fc.constantFrom(
      'Converse' as const,
      'ConverseStream' as const,
      'InvokeModelWithResponseStream' as const,
      'Rerank' as const,
    ),
    meter: fc.constantFrom(
      'input' as const,
      'output' as const,
      'cache_read' as const,
      'cache_write_5m' as const,
      'cache_write_1h' as const,
      'image_1024' as const,
      'input_audio' as const,
    ),
    isBatch: fc.boolean(),
    isEstimated: fc.boolean(),
    context: fc.constantFrom('default' as const, 'long_context' as const),
    keyId: fc.constantFrom('', 'AKIAEXAMPLE', 'TLYKEXAMPLE'),
    client: fc.constantFrom('', 'boto3', 'openai-python'),
    service: fc.constantFrom('Amazon Bedrock', 'Amazon Bedrock Service', 'Claude 3.5 Sonnet (Amazon Bedrock Edition)'),
    billingEntity: fc.constantFrom('AWS' as const, 'AWS Marketplace' as const),
    pricingUnit: fc.constantFrom('1K tokens', 'Units'),
    recordType: fc.constantFrom('Usage' as const, 'Credit' as const, 'Tax' as const),
    // Few amounts, so that groups of equal cost are common.
    quantity: fc.constantFrom(1n, 1_000n, 123_456_789n),
    requests: fc.constantFrom(0n, 1n, 3n),
    pricePicoUsd: fc.constantFrom(1n, 3_300_000n, 60_001n),
    isUnpriced: fc.boolean(),
  })
  .map(({ atMs, sliceMs, ...fields }) => {
    const accountId = fields.principalArn.includes(MEMBER_ACCOUNT) ? MEMBER_ACCOUNT : '111111111111';
    return lineItem(atMs, { ...fields, accountId, sliceStartMs: atMs + sliceMs });
  });

/** Tags that are switched on and off at any instant, often at the very start of some line's slice. */
function anyTags(items: readonly LineItem[]): fc.Arbitrary<CostAllocationTag[]> {
  const instant = fc.oneof(
    fc.constantFrom(...items.map(({ sliceStartMs }) => sliceStartMs)),
    fc.tuple(bucket, offset).map(([atMs, moreMs]) => atMs + moreMs),
  );
  const activeIntervals = fc.uniqueArray(instant, { maxLength: 5 }).map((instants) => {
    const ends = instants.sort((a, b) => a - b);
    return ends.flatMap((fromMs, index) => {
      const toMs = ends[index + 1];
      if (index % 2 === 1) return [];
      return [{ fromMs, ...(toMs !== undefined && { toMs }) }];
    });
  });
  return fc.tuple(...TAG_KEYS.map(() => fc.option(activeIntervals, { nil: undefined }))).map((all) =>
    all.flatMap((intervals, index): CostAllocationTag[] => {
      const key = TAG_KEYS[index]!;
      return intervals
        ? [{ key, status: 'Active', lastUsedAtMs: 0, discoveredAtMs: 0, activeIntervals: intervals }]
        : [];
    }),
  );
}

/** Tags, cost categories of any rules, the name of one account, and two structures. */
export function anyCatalog(items: readonly LineItem[]): fc.Arbitrary<CostCatalog> {
  return fc.record({
    tags: anyTags(items).map((tags) => new Map(tags.map((tag) => [tag.key, tag]))),
    categories: anyCategories,
    accountNames: fc.constant(new Map([['111111111111', 'payer']])),
    models: fc.constant(new Map([['amazon.nova-lite-v1:0', { provider: 'Amazon', displayName: 'Nova Lite' }]])),
    memberships: anyMemberships,
  });
}

const groupKey: fc.Arbitrary<GroupKey> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ dimension: fc.constantFrom(...DIMENSIONS) }) },
  { weight: 3, arbitrary: fc.record({ tag: fc.constantFrom(...TAG_KEYS, 'iamPrincipal/unknown', 'team') }) },
  { weight: 2, arbitrary: fc.record({ membership: fc.constantFrom(...STRUCTURES, 'unknown') }) },
  // These have a test of their own, and their rules take the engine most of its time.
  { weight: 1, arbitrary: fc.record({ costCategory: fc.constantFrom(...CATEGORY_NAMES, 'Unknown') }) },
);

const texts = fc.array(fc.constantFrom(...VALUES), { maxLength: 4 });

const textMatch: fc.Arbitrary<TextMatch> = fc
  .tuple(
    fc.oneof(
      fc.record({ equalsAny: texts }),
      fc.record({ startsWithAny: texts }),
      fc.record({ endsWithAny: texts }),
      fc.record({ containsAny: texts }),
    ),
    fc.option(fc.boolean(), { nil: undefined }),
  )
  .map(([match, ignoreCase]) => ({ ...match, ...(ignoreCase !== undefined && { ignoreCase }) }));

export const anyFilter: fc.Arbitrary<ReportFilter> = fc.letrec<{ filter: ReportFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(groupKey, textMatch).map(([key, match]) => ({ key, ...match })),
    fc.record({ absent: fc.oneof(fc.constantFrom('anyTag' as const, 'anyCostCategory' as const), groupKey) }),
    fc.record({ not: tie('filter') }),
    fc.record({ and: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('filter'), { maxLength: 3 }) }),
  ),
})).filter;

const range = fc
  .uniqueArray(bucket, { minLength: 2, maxLength: 2 })
  .map(([a, b]) => ({ startMs: Math.min(a!, b!), endMs: Math.max(a!, b!) }));

export const anyQuery: fc.Arbitrary<ReportQuery> = fc.record(
  {
    range,
    granularity: fc.constantFrom(...GRANULARITIES),
    timeZone: fc.constantFrom(...TIME_ZONES),
    groupBy: fc.array(groupKey, { maxLength: 3 }),
    filter: anyFilter,
    asOf: anyAsOf,
    topN: fc.integer({ min: 1, max: 5 }),
    topBy: fc.constantFrom<Measure>('cost', 'requests', 'tokens', 'outputTokens'),
    measures: fc.uniqueArray(fc.constantFrom(...MEASURES, ...TOKEN_CLASSES), { minLength: 1, maxLength: 5 }),
  },
  { requiredKeys: ['range', 'granularity', 'groupBy'] },
);
