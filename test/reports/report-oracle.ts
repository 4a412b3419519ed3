import type { CostCategoryRule } from '../../src/allocation/cost-category.ts';
import type { CostExpression, CostExpressionLeaf } from '../../src/allocation/cost-expression.ts';
import type { AsOf } from '../../src/allocation/membership.ts';
import { BUCKET_MS } from '../../src/kernel/time.ts';
import { correctedPeriod } from '../../src/rating/correction.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { countsTokens } from '../../src/rating/meter.ts';
import { inferenceType, type UsageTypeFacts } from '../../src/rating/usage-type.ts';
import { MEASURES } from '../../src/reports/compile-sql/measure-sql.ts';
import type { CostCatalog } from '../../src/reports/cost-catalog.ts';
import {
  type Dimension,
  type Granularity,
  type GroupKey,
  type Measure,
  OTHER,
  type ReportFilter,
  type ReportQuery,
  type ReportRow,
} from '../../src/reports/report-query.ts';
import { BUCKETS, FIRST_MS } from './arbitrary-query.ts';
import { membershipValue } from './membership-oracle.ts';

/** What the report path must answer, worked out line by line and without SQL. */
export function expectedRows(query: ReportQuery, items: readonly LineItem[], catalog: CostCatalog): ReportRow[] {
  const { startMs, endMs } = query.range;
  const inRange = items.filter((item) => item.bucketStartMs >= startMs && item.bucketStartMs < endMs);
  const matching = inRange.filter((item) => !query.filter || matches(item, query.filter, catalog, query.asOf));
  const keysOf = (item: LineItem) => query.groupBy.map((key) => valueIn(item, key, catalog, query.asOf));
  const top = query.topN === undefined ? undefined : topKeys(matching, keysOf, query);
  const rows = new Map<string, ReportRow>();
  if (query.groupBy.length === 0) {
    for (let atMs = startMs; atMs < endMs; atMs = clippedEnd(query, atMs))
      rows.set(`${atMs}`, emptyRow(query, atMs, []));
  }
  for (const item of matching) {
    const keys = keysOf(item);
    const shown = top && !top.has(keys.join('\n')) ? keys.map(() => OTHER) : keys;
    const bucketStartMs = clippedStart(query, item.bucketStartMs);
    const id = [bucketStartMs, ...shown].join('\n');
    rows.set(id, plus(rows.get(id) ?? emptyRow(query, bucketStartMs, shown), item, query));
  }
  return [...rows.values()].sort((a, b) => a.bucketStartMs - b.bucketStartMs || compareKeys(a.keys, b.keys));
}

export function matches(item: LineItem, filter: ReportFilter, catalog: CostCatalog, asOf: AsOf = 'was'): boolean {
  if ('and' in filter) return filter.and.every((part) => matches(item, part, catalog, asOf));
  if ('or' in filter) return filter.or.some((part) => matches(item, part, catalog, asOf));
  if ('not' in filter) return !matches(item, filter.not, catalog, asOf);
  if ('absent' in filter) {
    const keys = keysOf(filter.absent, catalog);
    return keys.every((key) => valueIn(item, key, catalog, asOf) === '');
  }
  const read = (text: string) => (filter.ignoreCase ? text.toLowerCase() : text);
  const value = read(valueIn(item, filter.key, catalog, asOf));
  if ('startsWithAny' in filter) return filter.startsWithAny.some((text) => value.startsWith(read(text)));
  if ('endsWithAny' in filter) return filter.endsWithAny.some((text) => value.endsWith(read(text)));
  if ('containsAny' in filter) return filter.containsAny.some((text) => value.includes(read(text)));
  return filter.equalsAny.some((text) => value === read(text));
}

function keysOf(absent: GroupKey | 'anyTag' | 'anyCostCategory', catalog: CostCatalog): GroupKey[] {
  if (absent === 'anyTag') return [...catalog.tags.keys()].map((tag) => ({ tag }));
  if (absent === 'anyCostCategory') return [...catalog.categories.keys()].map((costCategory) => ({ costCategory }));
  return [absent];
}

/** What a report shows of a line under a key. */
export function valueIn(item: LineItem, key: GroupKey, catalog: CostCatalog, asOf: AsOf = 'was'): string {
  if ('membership' in key) {
    return catalog.memberships ? membershipValue(item, key.membership, catalog.memberships, asOf) : '';
  }
  if ('costCategory' in key) return categoryValue(item, key.costCategory, catalog);
  if ('dimension' in key) {
    const { dimension } = key;
    if (dimension === 'accountName') return catalog.accountNames.get(item.accountId) ?? '';
    const model = catalog.models.get(item.modelId) ?? {
      provider: item.modelId.split('.')[0]!,
      displayName: item.modelId,
    };
    if (dimension === 'provider') return item.recordType === 'Usage' ? model.provider : '';
    if (dimension === 'modelName') return item.recordType === 'Usage' ? model.displayName : '';
    return DIMENSIONS[dimension](item);
  }
  const tag = catalog.tags.get(key.tag);
  const isActive = tag?.activeIntervals.some(({ fromMs, toMs }) => {
    return item.sliceStartMs >= fromMs && (toMs === undefined || item.sliceStartMs < toMs);
  });
  return isActive ? tagAtCall(item, key.tag) : '';
}

/** What the category's version of the line's month says: of its rules, the first that matches. */
function categoryValue(item: LineItem, name: string, catalog: CostCatalog): string {
  const version = catalog.categories.get(name)?.find(({ fromMs, toMs = Number.POSITIVE_INFINITY }) => {
    return item.bucketStartMs >= fromMs && item.bucketStartMs < toMs;
  });
  for (const rule of version?.rules ?? []) {
    const value = ruleValue(item, rule, catalog);
    if (value !== '') return value;
  }
  return version?.defaultValue ?? '';
}

/** Empty where the rule does not match. */
function ruleValue(item: LineItem, { Value, Rule, InheritedValue }: CostCategoryRule, catalog: CostCatalog): string {
  if (InheritedValue?.DimensionName === 'TAG') return valueIn(item, { tag: InheritedValue.DimensionKey! }, catalog);
  if (InheritedValue) return valueIn(item, { dimension: 'accountName' }, catalog);
  return isTrue(item, Rule!, catalog) ? Value! : '';
}

function isTrue(item: LineItem, expression: CostExpression, catalog: CostCatalog): boolean {
  const { And, Or, Not, Dimensions, Tags, CostCategories } = expression;
  if (And) return And.every((part) => isTrue(item, part, catalog));
  if (Or) return Or.some((part) => isTrue(item, part, catalog));
  if (Not) return !isTrue(item, Not, catalog);
  if (Dimensions)
    return isLeafTrue(Dimensions, valueIn(item, { dimension: RULE_DIMENSIONS[Dimensions.Key!]! }, catalog));
  if (Tags) return isLeafTrue(Tags, valueIn(item, { tag: Tags.Key! }, catalog));
  return isLeafTrue(CostCategories!, valueIn(item, { costCategory: CostCategories!.Key! }, catalog));
}

const RULE_DIMENSIONS: Readonly<Record<string, Dimension>> = {
  LINKED_ACCOUNT: 'account',
  LINKED_ACCOUNT_NAME: 'accountName',
  SERVICE_CODE: 'productCode',
  SERVICE: 'service',
  REGION: 'region',
  USAGE_TYPE: 'usageType',
  RECORD_TYPE: 'recordType',
};

function isLeafTrue({ Values = [], MatchOptions = [] }: CostExpressionLeaf, value: string): boolean {
  if (MatchOptions.includes('ABSENT')) return value === '';
  const read = (text: string) => (MatchOptions.includes('CASE_INSENSITIVE') ? text.toLowerCase() : text);
  return Values.some((text) => {
    if (MatchOptions.includes('STARTS_WITH')) return read(value).startsWith(read(text));
    if (MatchOptions.includes('ENDS_WITH')) return read(value).endsWith(read(text));
    if (MatchOptions.includes('CONTAINS')) return read(value).includes(read(text));
    return read(value) === read(text);
  });
}

function tagAtCall({ principalTags, resourceTags, accountTags }: LineItem, key: string): string {
  const [, source, name = ''] = /^([^/]*)\/(.*)$/s.exec(key)!;
  const tags = source === 'iamPrincipal' ? principalTags : source === 'resourceTags' ? resourceTags : accountTags;
  return new Map(tags).get(name) ?? '';
}

const DIMENSIONS: Readonly<
  Record<Exclude<Dimension, 'accountName' | 'provider' | 'modelName'>, (item: LineItem) => string>
> = {
  principal: (item) => item.principalArn,
  role: (item) => sessionParts(item)[1] ?? '',
  session: (item) => sessionParts(item)[2] ?? '',
  person: ({ principalArn }) => principalArn.split(/[:/]/).at(-1)!,
  key: (item) => item.keyId,
  client: (item) => item.client,
  model: (item) => item.modelId,
  usageType: (item) => item.usageType,
  direction: ({ meter }) => meter.replace(/_(5m|1h)$/, '').replace('_', ' '),
  meter: (item) => item.meter,
  context: (item) => item.context,
  batch: (item) => (item.isBatch ? 'yes' : 'no'),
  estimated: (item) => (item.isEstimated ? 'yes' : 'no'),
  unpriced: (item) => (item.isUnpriced ? 'yes' : 'no'),
  state: ({ recordType, isEstimated }) =>
    recordType === 'Usage' ? (isEstimated ? 'estimated' : 'provider-reported') : '',
  region: (item) => item.region,
  account: (item) => item.accountId,
  operation: (item) => item.operation,
  billedOperation: ({ operation }) =>
    operation === 'Rerank'
      ? 'Rerank'
      : operation.endsWith('Stream')
        ? 'InvokeModelStreamingInference'
        : 'InvokeModelInference',
  route: (item) => item.route,
  tier: (item) => item.tier,
  service: (item) => item.service,
  resource: (item) => item.resourceArn,
  upstream: (item) => item.upstream,
  recordType: (item) => item.recordType,
  correctedPeriod: (item) => correctedPeriod(item) ?? '',
  invoiceLine: ({ isCorrection, recordType }) => (isCorrection ? 'Correction' : recordType),
  productCode: (item) => item.productCode,
  all: () => '',
  billingEntity: (item) => item.billingEntity,
  inferenceType: (item) => (item.recordType === 'Usage' ? inferenceType(item as LineItem & UsageTypeFacts) : ''),
  feature: ({ recordType, isBatch }) =>
    recordType === 'Usage' ? (isBatch ? 'Batch Inference' : 'On-demand Inference') : '',
};

function sessionParts({ principalArn }: LineItem): readonly string[] {
  const resource = principalArn.startsWith('arn:aws:sts:') ? principalArn.slice(principalArn.lastIndexOf(':') + 1) : '';
  return resource.split('/');
}

function topKeys(
  items: readonly LineItem[],
  keysOf: (item: LineItem) => string[],
  { topN, topBy = 'cost' }: ReportQuery,
): Set<string> {
  const groups = new Map<string, { keys: string[]; sum: bigint }>();
  for (const item of items) {
    const keys = keysOf(item);
    const sum = groups.get(keys.join('\n'))?.sum ?? 0n;
    groups.set(keys.join('\n'), { keys, sum: sum + SUMS[topBy as SummedMeasure][1](item) });
  }
  const ranked = [...groups].sort(([, a], [, b]) => {
    return a.sum === b.sum ? compareKeys(a.keys, b.keys) : a.sum > b.sum ? -1 : 1;
  });
  return new Set(ranked.slice(0, topN).map(([id]) => id));
}

const isToken = ({ meter }: LineItem) => meter !== '' && countsTokens(meter);
const ofMeters = (prefix: string) => (item: LineItem) =>
  isToken(item) && item.meter.startsWith(prefix) ? item.quantity : 0n;

/** The member of a row that each measure is, and what a line adds to it. */
const SUMS = {
  cost: ['costPicoUsd', (item) => item.costPicoUsd],
  netCost: ['netCostPicoUsd', (item) => item.netCostPicoUsd],
  listCost: ['listCostPicoUsd', (item) => item.listCostPicoUsd],
  tokens: ['tokens', ofMeters('')],
  inputTokens: ['inputTokens', ofMeters('input')],
  outputTokens: ['outputTokens', ofMeters('output')],
  cacheReadTokens: ['cacheReadTokens', ofMeters('cache_read')],
  cacheWriteTokens: ['cacheWriteTokens', ofMeters('cache_write')],
  quantity: ['quantity', (item) => item.quantity],
  requests: ['requests', (item) => item.requests],
  unpricedQuantity: ['unpricedQuantity', (item) => (item.isUnpriced ? item.quantity : 0n)],
} as const satisfies Partial<Record<Measure, readonly [keyof ReportRow, (item: LineItem) => bigint]>>;
export type SummedMeasure = keyof typeof SUMS;
export const SUMMED_MEASURES = Object.keys(SUMS) as SummedMeasure[];

function plus(row: ReportRow, item: LineItem, { measures = MEASURES }: ReportQuery): ReportRow {
  const asked = SUMMED_MEASURES.filter((measure) => measures.includes(measure)).map((measure) => {
    const [member, of] = SUMS[measure];
    return [member, row[member] + of(item)] as const;
  });
  return { ...row, ...Object.fromEntries(asked) };
}

function emptyRow(query: ReportQuery, bucketStartMs: number, keys: readonly string[]): ReportRow {
  const bucketEndMs = clippedEnd(query, bucketStartMs);
  const sums = Object.values(SUMS).map(([member]) => [member, 0n] as const);
  return {
    bucketStartMs,
    bucketEndMs,
    keys,
    ...(Object.fromEntries(sums) as Pick<ReportRow, 'costPicoUsd'>),
  } as ReportRow;
}

function clippedStart(query: ReportQuery, atMs: number): number {
  const index = indexOf(atMs);
  const labels = labelsOf(query);
  let first = index;
  while (labels[first - 1] === labels[index]) first -= 1;
  return Math.max(query.range.startMs, FIRST_MS + first * BUCKET_MS);
}

function clippedEnd(query: ReportQuery, atMs: number): number {
  const index = indexOf(atMs);
  const labels = labelsOf(query);
  let end = index;
  while (end < BUCKETS && labels[end] === labels[index]) end += 1;
  return Math.min(query.range.endMs, FIRST_MS + end * BUCKET_MS);
}

function indexOf(atMs: number): number {
  return (atMs - FIRST_MS) / BUCKET_MS;
}

const labels = new Map<string, readonly string[]>();

/** What a clock on the wall says of each quarter hour, as far as the granularity reads it: equal ones are one bucket. */
function labelsOf({ granularity, timeZone }: ReportQuery): readonly string[] {
  const id = `${granularity} ${timeZone}`;
  const known = labels.get(id);
  if (known) return known;
  const format = new Intl.DateTimeFormat('sv', { timeZone: timeZone ?? 'UTC', ...LABELS[granularity] });
  const made = Array.from({ length: BUCKETS }, (_, index) =>
    granularity === 'TOTAL' ? '' : format.format(FIRST_MS + index * BUCKET_MS),
  );
  labels.set(id, made);
  return made;
}

const MONTH = { year: 'numeric', month: 'numeric' } as const;
const HOUR = { ...MONTH, day: 'numeric', hour: 'numeric', timeZoneName: 'longOffset' } as const;
const LABELS: Readonly<Record<Granularity, Intl.DateTimeFormatOptions>> = {
  TOTAL: MONTH,
  QUARTER_HOURLY: { ...HOUR, minute: 'numeric' },
  HOURLY: HOUR,
  DAILY: { ...MONTH, day: 'numeric' },
  MONTHLY: MONTH,
};

/** The store's order: by the bytes of UTF-8. */
function compareKeys(a: readonly string[], b: readonly string[]): number {
  for (const [index, key] of a.entries()) {
    const order = Buffer.compare(Buffer.from(key), Buffer.from(b[index]!));
    if (order !== 0) return order;
  }
  return 0;
}
