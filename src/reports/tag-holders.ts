import { TAG_PREFIX } from '../kernel/billing-tag-key.ts';
import { parsePicoUsd } from '../kernel/money.ts';
import { LineItemSql } from './compile-sql/line-item-sql.ts';
import { Parameters } from './compile-sql/parameters.ts';
import { TAG_COLUMNS } from './compile-sql/tag-sql.ts';
import type { CostCatalog } from './cost-catalog.ts';
import type { CompiledQuery, CostStore } from './cost-store.ts';
import type { TimeRange } from './time-bucket.ts';

/** Whose tags count, by the prefix of the key: a principal, a resource (its ARN) or an account (its id). */
const SUBJECTS: Readonly<Record<string, string>> = {
  [TAG_PREFIX.principal]: 'principal_arn',
  [TAG_PREFIX.resource]: 'resource_arn',
  [TAG_PREFIX.account]: 'account_id',
};

/** Values of one key that are looked at, the costliest. */
const VALUES_PER_KEY = 300;
/** Holders of one value, or of no value, that are answered: the costliest. */
const HOLDERS_MAX = 20;

export interface TagHolder {
  readonly key: string;
  /** Empty: calls without the key. */
  readonly value: string;
  /** ARN of a principal or a resource, or the id of an account. */
  readonly subject: string;
  readonly accountId: string;
  readonly costPicoUsd: bigint;
  readonly lastUsedAtMs: number;
}

/** Everybody whose usage lacks a key. */
export interface Untagged {
  readonly key: string;
  readonly costPicoUsd: bigint;
  readonly subjects: number;
}

export interface TagQuestion {
  readonly range: TimeRange;
  readonly store: CostStore;
  readonly catalog: CostCatalog;
  readonly signal?: AbortSignal | undefined;
}

interface Row {
  readonly tag_key: string;
  readonly tag_value: string;
  readonly subject: string;
  readonly account: string;
  readonly cost_sum: string;
  readonly subjects: string | number;
  readonly last_used: string | number;
}

/** Values of prefixed keys at the calls of the range, with what they cost: the costliest of each key first. */
export async function valuesByKey(
  keys: readonly string[],
  question: TagQuestion,
): Promise<ReadonlyMap<string, { value: string; costPicoUsd: bigint }[]>> {
  const rows = await ask(question, keys, (source) => {
    return `SELECT ${source.key} AS tag_key, ${source.value} AS tag_value, sum(cost) AS cost_sum
FROM ${source.calls} WHERE tag_value != ''
GROUP BY tag_key, tag_value
ORDER BY tag_key, cost_sum DESC, tag_value
LIMIT ${VALUES_PER_KEY} BY tag_key`;
  });
  const found = rows.map(
    (row) => [row.tag_key, { value: row.tag_value, costPicoUsd: parsePicoUsd(row.cost_sum) }] as const,
  );
  return new Map([...Map.groupBy(found, ([key]) => key)].map(([key, all]) => [key, all.map(([, value]) => value)]));
}

/** Who carried which of some values; the empty value asks who carried none. At most twenty of each, the costliest. */
export async function holdersOf(
  values: readonly { readonly key: string; readonly value: string }[],
  question: TagQuestion,
): Promise<TagHolder[]> {
  const wanted = Map.groupBy(values, ({ key }) => key);
  const rows = await ask(question, [...wanted.keys()], (source, parameters) => {
    const pairs = values.filter(({ key }) => source.keys.includes(key));
    const keysOf = parameters.add(
      'Array(String)',
      pairs.map(({ key }) => key),
    );
    const texts = parameters.add(
      'Array(String)',
      pairs.map(({ value }) => value),
    );
    return `SELECT ${source.key} AS tag_key, ${source.value} AS tag_value, ${source.subject} AS subject,
  any(account_id) AS account, sum(cost) AS cost_sum, toUnixTimestamp(max(bucket_start)) AS last_used
FROM ${source.calls} WHERE (tag_key, tag_value) IN (SELECT arrayJoin(arrayZip(${keysOf}, ${texts})))
GROUP BY tag_key, tag_value, subject
ORDER BY tag_key, tag_value, cost_sum DESC, subject
LIMIT ${HOLDERS_MAX} BY tag_key, tag_value`;
  });
  return rows.map((row) => ({
    key: row.tag_key,
    value: row.tag_value,
    subject: row.subject,
    accountId: row.account,
    costPicoUsd: parsePicoUsd(row.cost_sum),
    lastUsedAtMs: Number(row.last_used) * 1_000,
  }));
}

/** How much usage lacks each key. */
export async function untagged(keys: readonly string[], question: TagQuestion): Promise<Untagged[]> {
  const rows = await ask(question, keys, (source) => {
    return `SELECT ${source.key} AS tag_key, sum(cost) AS cost_sum, uniqExact(${source.subject}) AS subjects
FROM ${source.calls} WHERE ${source.value} = '' GROUP BY tag_key`;
  });
  return rows.map((row) => ({
    key: row.tag_key,
    costPicoUsd: parsePicoUsd(row.cost_sum),
    subjects: Number(row.subjects),
  }));
}

/** One source of tags within a statement. */
interface Source {
  readonly keys: readonly string[];
  /** The calls of the range, once for each key. Credits, taxes and fees have no caller that could be tagged. */
  readonly calls: string;
  readonly key: string;
  readonly value: string;
  readonly subject: string;
}

async function ask(
  { range, store, catalog, signal }: TagQuestion,
  keys: readonly string[],
  select: (source: Source, parameters: Parameters) => string,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [prefix, column] of TAG_COLUMNS) {
    const own = keys.filter((key) => key.startsWith(prefix));
    if (own.length === 0) continue;
    rows.push(...(await store.query<Row>(statement(prefix, column, own), signal)));
  }
  return rows;

  function statement(prefix: string, column: string, own: readonly string[]): CompiledQuery {
    const parameters = new Parameters();
    const usage = new LineItemSql(range, catalog, parameters).from({
      ...{ key: { dimension: 'recordType' }, equalsAny: ['Usage'] },
    });
    const names = parameters.add(
      'Array(String)',
      own.map((key) => key.slice(prefix.length)),
    );
    const source: Source = {
      keys: own,
      calls: `(SELECT arrayJoin(${names}) AS bare_key, ${column}[bare_key] AS bare_value, * FROM ${usage})`,
      ...{ key: `concat('${prefix}', bare_key)`, value: 'bare_value', subject: SUBJECTS[prefix]! },
    };
    return parameters.statement(select(source, parameters));
  }
}
