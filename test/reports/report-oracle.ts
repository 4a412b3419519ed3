import type { CostAllocationTag } from '../../src/allocation/cost-allocation-tag.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import {
  type Dimension,
  type GroupKey,
  OTHER,
  type ReportFilter,
  type ReportQuery,
  type ReportRow,
} from '../../src/reports/report-query.ts';

/** What the report path must answer, worked out line by line and without SQL. */
export function expectedRows(
  query: ReportQuery,
  items: readonly LineItem[],
  tags: readonly CostAllocationTag[],
): ReportRow[] {
  const { startMs, endMs } = query.range;
  const inRange = items.filter((item) => item.bucketStartMs >= startMs && item.bucketStartMs < endMs);
  const matching = inRange.filter((item) => !query.filter || matches(item, query.filter, tags));
  const keysOf = (item: LineItem) => query.groupBy.map((key) => valueIn(item, key, tags));
  const top = query.topN === undefined ? undefined : topKeys(matching, keysOf, query.topN);
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
    rows.set(id, plus(rows.get(id) ?? emptyRow(query, bucketStartMs, shown), item));
  }
  return [...rows.values()].sort((a, b) => a.bucketStartMs - b.bucketStartMs || compareKeys(a.keys, b.keys));
}

export function matches(item: LineItem, filter: ReportFilter, tags: readonly CostAllocationTag[]): boolean {
  if ('and' in filter) return filter.and.every((part) => matches(item, part, tags));
  if ('or' in filter) return filter.or.some((part) => matches(item, part, tags));
  if ('not' in filter) return !matches(item, filter.not, tags);
  if ('absent' in filter) {
    const keys = filter.absent === 'anyTag' ? tags.map(({ key }) => ({ tag: key })) : [filter.absent];
    return keys.every((key) => valueIn(item, key, tags) === '');
  }
  const value = valueIn(item, filter.key, tags);
  return filter.equalsAny.some((wanted) =>
    filter.ignoreCase ? wanted.toLowerCase() === value.toLowerCase() : wanted === value,
  );
}

function valueIn(item: LineItem, key: GroupKey, tags: readonly CostAllocationTag[]): string {
  if ('dimension' in key) return DIMENSIONS[key.dimension](item);
  const tag = tags.find((candidate) => candidate.key === key.tag);
  const isActive = tag?.activeIntervals.some(({ fromMs, toMs }) => {
    return item.sliceStartMs >= fromMs && (toMs === undefined || item.sliceStartMs < toMs);
  });
  return isActive ? (new Map(item.principalTags).get(key.tag.replace(/^iamPrincipal\//, '')) ?? '') : '';
}

const DIMENSIONS: Readonly<Record<Dimension, (item: LineItem) => string>> = {
  principal: (item) => item.principalArn,
  role: (item) => sessionParts(item)[1] ?? '',
  session: (item) => sessionParts(item)[2] ?? '',
  model: (item) => item.modelId,
  usageType: (item) => item.usageType,
  direction: ({ meter }) => meter.replace(/_(5m|1h)$/, '').replace('_', ' '),
  region: (item) => item.region,
  account: (item) => item.accountId,
  operation: (item) => item.operation,
  billedOperation: ({ operation }) =>
    operation.endsWith('Stream') ? 'InvokeModelStreamingInference' : 'InvokeModelInference',
  route: (item) => item.route,
  tier: (item) => item.tier,
  service: (item) => item.service,
  resource: (item) => item.resourceArn,
  upstream: (item) => item.upstream,
  recordType: (item) => item.recordType,
};

function sessionParts({ principalArn }: LineItem): readonly string[] {
  const resource = principalArn.startsWith('arn:aws:sts:') ? principalArn.slice(principalArn.lastIndexOf(':') + 1) : '';
  return resource.split('/');
}

function topKeys(items: readonly LineItem[], keysOf: (item: LineItem) => string[], topN: number): Set<string> {
  const groups = new Map<string, { keys: string[]; cost: bigint }>();
  for (const item of items) {
    const keys = keysOf(item);
    const cost = groups.get(keys.join('\n'))?.cost ?? 0n;
    groups.set(keys.join('\n'), { keys, cost: cost + item.costPicoUsd });
  }
  const ranked = [...groups].sort(([, a], [, b]) => {
    return a.cost === b.cost ? compareKeys(a.keys, b.keys) : a.cost > b.cost ? -1 : 1;
  });
  return new Set(ranked.slice(0, topN).map(([id]) => id));
}

function plus(row: ReportRow, item: LineItem): ReportRow {
  return {
    ...row,
    costPicoUsd: row.costPicoUsd + item.costPicoUsd,
    quantity: row.quantity + item.quantity,
    requests: row.requests + item.requests,
    unpricedQuantity: row.unpricedQuantity + (item.isUnpriced ? item.quantity : 0n),
  };
}

function emptyRow(query: ReportQuery, bucketStartMs: number, keys: readonly string[]): ReportRow {
  const bucketEndMs = clippedEnd(query, bucketStartMs);
  return { bucketStartMs, bucketEndMs, keys, costPicoUsd: 0n, quantity: 0n, requests: 0n, unpricedQuantity: 0n };
}

function clippedStart(query: ReportQuery, atMs: number): number {
  return Math.max(query.range.startMs, calendar(query, atMs, 0));
}

function clippedEnd(query: ReportQuery, atMs: number): number {
  return Math.min(query.range.endMs, calendar(query, atMs, 1));
}

/** Start of the bucket `steps` after the one that holds an instant. */
function calendar({ granularity, range }: ReportQuery, atMs: number, steps: number): number {
  const at = new Date(atMs);
  const [year, month, day, hour] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), at.getUTCHours()];
  if (granularity === 'MONTHLY') return Date.UTC(year, month + steps);
  if (granularity === 'DAILY') return Date.UTC(year, month, day + steps);
  if (granularity === 'HOURLY') return Date.UTC(year, month, day, hour + steps);
  return steps === 0 ? range.startMs : range.endMs;
}

/** The store's order: by the bytes of UTF-8. */
function compareKeys(a: readonly string[], b: readonly string[]): number {
  for (const [index, key] of a.entries()) {
    const order = Buffer.compare(Buffer.from(key), Buffer.from(b[index]!));
    if (order !== 0) return order;
  }
  return 0;
}
