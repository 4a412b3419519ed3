import fc from 'fast-check';
import type { CostAllocationTag } from '../../src/allocation/cost-allocation-tag.ts';
import type { CategoryCatalog, CostCategoryRule, CostCategoryVersion } from '../../src/allocation/cost-category.ts';
import type { CostExpression, CostExpressionLeaf } from '../../src/allocation/cost-expression.ts';
import { BUCKET_MS, MINUTE_MS } from '../../src/kernel/time.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import type { CostCatalog } from '../../src/reports/cost-catalog.ts';
import type { Dimension, Granularity, GroupKey, ReportFilter, ReportQuery } from '../../src/reports/report-query.ts';
import type { TextMatch } from '../../src/reports/text-match.ts';
import { lineItem, MEMBER_ACCOUNT } from './line-items.ts';

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
  'model',
  'usageType',
  'direction',
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

const GRANULARITIES: readonly Granularity[] = ['TOTAL', 'QUARTER_HOURLY', 'HOURLY', 'DAILY', 'MONTHLY'];

/** The same names under every prefix; the last one is in no usage. */
const TAG_KEYS = [
  'iamPrincipal/team',
  'iamPrincipal/Team',
  'iamPrincipal/cost"center\\',
  'resourceTags/team',
  'resourceTags/iamPrincipal/team',
  'accountTag/team',
  'accountTag/none',
];

/** A rule refers only to categories that come before its own. */
const CATEGORY_NAMES = ['Team', 'team', 'Größe-1'];

const VALUES = ['', 'eng', 'Eng', "o'neil", 'äöü', '日本', 'us-east-1', 'input', 'cache write', 'App', 'alice'];

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
    ),
    meter: fc.constantFrom(
      'input' as const,
      'output' as const,
      'cache_read' as const,
      'cache_write_5m' as const,
      'cache_write_1h' as const,
    ),
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

/** One value, or a match that needs none. */
const ruleLeaf: fc.Arbitrary<Omit<CostExpressionLeaf, 'Key'>> = fc.oneof(
  fc.record(
    {
      Values: fc.array(fc.constantFrom(...VALUES, 'AmazonBedrock', '111111111111', 'payer'), {
        minLength: 1,
        maxLength: 3,
      }),
      MatchOptions: fc
        .tuple(
          fc.constantFrom('EQUALS', 'STARTS_WITH', 'ENDS_WITH', 'CONTAINS'),
          fc.constantFrom('CASE_SENSITIVE', 'CASE_INSENSITIVE'),
        )
        .map((options) => [...options]),
    },
    { requiredKeys: ['Values'] },
  ),
);
const absentLeaf = fc.constant<Omit<CostExpressionLeaf, 'Key'>>({ MatchOptions: ['ABSENT'] });

const RULE_DIMENSIONS = ['LINKED_ACCOUNT', 'LINKED_ACCOUNT_NAME', 'SERVICE_CODE', 'SERVICE', 'REGION', 'USAGE_TYPE'];

function ruleExpression(earlier: readonly string[]): fc.Arbitrary<CostExpression> {
  const withKey = (keys: readonly string[], leaf: fc.Arbitrary<Omit<CostExpressionLeaf, 'Key'>>) => {
    return fc.tuple(fc.constantFrom(...keys), leaf).map(([Key, rest]) => ({ Key, ...rest }));
  };
  const leaves: fc.Arbitrary<CostExpression>[] = [
    withKey([...RULE_DIMENSIONS, 'RECORD_TYPE'], ruleLeaf).map((Dimensions) => ({ Dimensions })),
    withKey(TAG_KEYS, fc.oneof(ruleLeaf, absentLeaf)).map((Tags) => ({ Tags })),
  ];
  if (earlier.length > 0) {
    leaves.push(withKey(earlier, fc.oneof(ruleLeaf, absentLeaf)).map((CostCategories) => ({ CostCategories })));
  }
  return fc.letrec<{ expression: CostExpression }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 2 },
      ...leaves,
      tie('expression').map((Not) => ({ Not })),
      fc.array(tie('expression'), { minLength: 2, maxLength: 3 }).map((And) => ({ And })),
      fc.array(tie('expression'), { minLength: 2, maxLength: 3 }).map((Or) => ({ Or })),
    ),
  })).expression;
}

function categoryRule(earlier: readonly string[]): fc.Arbitrary<CostCategoryRule> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ Value: fc.constantFrom('A', 'B', 'Größe'), Rule: ruleExpression(earlier) }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<CostCategoryRule>(
        { Type: 'INHERITED_VALUE', InheritedValue: { DimensionName: 'LINKED_ACCOUNT_NAME' } },
        { Type: 'INHERITED_VALUE', InheritedValue: { DimensionName: 'TAG', DimensionKey: TAG_KEYS[0]! } },
      ),
    },
  );
}

/** Months in which versions begin: before the lines, within them, and after. */
const MONTHS = [Date.UTC(2026, 1, 1), Date.UTC(2026, 3, 1), Date.UTC(2026, 4, 1), Date.UTC(2026, 6, 1)];

function categoryVersions(earlier: readonly string[]): fc.Arbitrary<CostCategoryVersion[]> {
  const definition = fc.record(
    {
      rules: fc.array(categoryRule(earlier), { maxLength: 4 }),
      defaultValue: fc.constantFrom('Other', 'A'),
      splitChargeRules: fc.constant([]),
    },
    { requiredKeys: ['rules', 'splitChargeRules'] },
  );
  const begins = fc.subarray(MONTHS, { minLength: 1 });
  return fc
    .tuple(begins, fc.array(definition, { minLength: 4, maxLength: 4 }), fc.boolean())
    .map(([months, definitions, isEnded]) => {
      return months.flatMap((fromMs, index) => {
        const toMs = months[index + 1];
        if (isEnded && months.length > 1 && index === months.length - 1) return [];
        return [{ fromMs, ...(toMs !== undefined && { toMs }), ...definitions[index]! }];
      });
    });
}

const anyCategories: fc.Arbitrary<CategoryCatalog> = fc
  .tuple(...CATEGORY_NAMES.map((_, index) => categoryVersions(CATEGORY_NAMES.slice(0, index))))
  .map((all) => new Map(all.map((versions, index) => [CATEGORY_NAMES[index]!, versions])));

/** Tags, cost categories of any rules, and the name of one account. */
export function anyCatalog(items: readonly LineItem[]): fc.Arbitrary<CostCatalog> {
  return fc.record({
    tags: anyTags(items).map((tags) => new Map(tags.map((tag) => [tag.key, tag]))),
    categories: anyCategories,
    accountNames: fc.constant(new Map([['111111111111', 'payer']])),
    models: fc.constant(new Map([['amazon.nova-lite-v1:0', { provider: 'Amazon', displayName: 'Nova Lite' }]])),
  });
}

const groupKey: fc.Arbitrary<GroupKey> = fc.oneof(
  fc.record({ dimension: fc.constantFrom(...DIMENSIONS) }),
  fc.record({ tag: fc.constantFrom(...TAG_KEYS, 'iamPrincipal/unknown', 'team') }),
  fc.record({ costCategory: fc.constantFrom(...CATEGORY_NAMES, 'Unknown') }),
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
    topN: fc.integer({ min: 1, max: 5 }),
  },
  { requiredKeys: ['range', 'granularity', 'groupBy'] },
);
