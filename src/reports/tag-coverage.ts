import { parsePicoUsd } from '../kernel/money.ts';
import { LineItemSql } from './compile-sql/line-item-sql.ts';
import { Parameters } from './compile-sql/parameters.ts';
import { TAG_COLUMNS, tagAtCall } from './compile-sql/tag-sql.ts';
import type { CostCatalog } from './cost-catalog.ts';
import type { CostStore } from './cost-store.ts';
import type { TimeRange } from './time-bucket.ts';

/** Tag keys of one source that are answered, those that carry the most spend first. */
const KEYS_MAX = 1_000;
/** Values of one key that are answered, likewise. */
const VALUES_MAX = 1_000;

/** How much of the spend of a range has a tag key. */
export interface KeyCoverage {
  /** With its prefix. */
  readonly key: string;
  /** Spend of calls that carried the key, whether it was active or not. */
  readonly carriedPicoUsd: bigint;
  /** Different values at those calls. */
  readonly values: number;
}

export interface TagCoverage {
  readonly totalPicoUsd: bigint;
  readonly carried: readonly KeyCoverage[];
  /** Spend that reports and bills show under a key, by prefixed key: what was carried while the key was active. */
  readonly shownPicoUsd: ReadonlyMap<string, bigint>;
  /** Cost categories that say something about the range, in order. */
  readonly categories: readonly CategoryCoverage[];
}

export interface CategoryCoverage {
  readonly name: string;
  /** Spend that has a value. */
  readonly shownPicoUsd: bigint;
  readonly values: number;
}

/** One value of a tag key at the calls of a range. */
export interface ValueCoverage {
  /** Empty: calls without the key. */
  readonly value: string;
  readonly costPicoUsd: bigint;
  readonly requests: bigint;
  readonly principals: number;
}

type Row<Columns extends string> = Readonly<Record<Columns, string | number>>;

/** Two questions: the sums are of one instant each, and apart by what arrived between them. */
export async function tagCoverage(
  range: TimeRange,
  { store, catalog }: { readonly store: CostStore; readonly catalog: CostCatalog },
  signal?: AbortSignal,
): Promise<TagCoverage> {
  const parameters = new Parameters();
  const lines = new LineItemSql(range, catalog, parameters);
  const shown = lines.tagKeys();
  const names = lines.categoryNames();
  const categories = names.map((name) => lines.categoryValue(name));
  const sums = [
    'sum(cost) AS total',
    ...shown.map((key, index) => `sumIf(cost, ${lines.tagValue(key)} != '') AS shown${index}`),
    ...categories.map((value, index) => `sumIf(cost, ${value} != '') AS category${index}`),
    ...categories.map((value, index) => `uniqExactIf(${value}, ${value} != '') AS values${index}`),
  ];
  const totals = parameters.statement(`SELECT ${sums.join(', ')}\nFROM ${lines.from(undefined)}`);
  const [total = {}] = await store.query<Readonly<Record<string, string | number>>>(totals, signal);
  const amount = (column: string) => parsePicoUsd(String(total[column] ?? '0'));
  return {
    totalPicoUsd: amount('total'),
    carried: await carriedKeys(range, store, catalog, signal),
    shownPicoUsd: new Map(shown.map((key, index) => [key, amount(`shown${index}`)])),
    categories: names.map((name, index) => {
      return { name, shownPicoUsd: amount(`category${index}`), values: Number(total[`values${index}`] ?? 0) };
    }),
  };
}

async function carriedKeys(
  range: TimeRange,
  store: CostStore,
  catalog: CostCatalog,
  signal: AbortSignal | undefined,
): Promise<KeyCoverage[]> {
  const parameters = new Parameters();
  const lines = new LineItemSql(range, catalog, parameters);
  const from = lines.from(undefined);
  // One statement per column: each reads its keys alone.
  const used = TAG_COLUMNS.map(([prefix, column]) => {
    return `(SELECT concat('${prefix}', tag.1) AS key, sum(cost) AS carried, uniqExact(tag.2) AS value_count
FROM (SELECT cost, arrayJoin(arrayZip(mapKeys(${column}), mapValues(${column}))) AS tag FROM ${from})
WHERE tag.2 != ''
GROUP BY tag.1
ORDER BY carried DESC, key
LIMIT ${KEYS_MAX})`;
  });
  const statement = parameters.statement(`SELECT * FROM (${used.join('\nUNION ALL\n')}) ORDER BY carried DESC, key`);
  const rows = await store.query<Row<'key' | 'carried' | 'value_count'>>(statement, signal);
  return rows.map((row) => ({
    key: String(row.key),
    carriedPicoUsd: parsePicoUsd(String(row.carried)),
    values: Number(row.value_count),
  }));
}

/** Values of a prefixed key with what they cost, the costliest first, calls without the key among them. */
export async function tagValues(
  range: TimeRange,
  key: string,
  { store, catalog }: { readonly store: CostStore; readonly catalog: CostCatalog },
  signal?: AbortSignal,
): Promise<ValueCoverage[]> {
  const parameters = new Parameters();
  const lines = new LineItemSql(range, catalog, parameters);
  const statement = parameters.statement(`SELECT ${tagAtCall(key, parameters)} AS tag_value, sum(cost) AS cost_sum,
  sum(requests) AS request_sum, uniqExact(principal_arn) AS principals
FROM ${lines.from(undefined)}
GROUP BY tag_value
ORDER BY cost_sum DESC, tag_value
LIMIT ${VALUES_MAX}`);
  const rows = await store.query<Row<'tag_value' | 'cost_sum' | 'request_sum' | 'principals'>>(statement, signal);
  return rows.map((row) => ({
    value: String(row.tag_value),
    costPicoUsd: parsePicoUsd(String(row.cost_sum)),
    requests: BigInt(row.request_sum),
    principals: Number(row.principals),
  }));
}
