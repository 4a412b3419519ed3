import type { CompiledQuery } from './cost-store.ts';
import { sqlText } from './sql-text.ts';

/** A placeholder as `Parameters` makes them; no value of a parameter is in the text, so nothing else looks like one. */
const PLACEHOLDER = /\{(p\d+):([A-Za-z0-9()]+)\}/g;

/**
 * The statement with its parameters written into it, for people who take it to a ClickHouse client. What runs here never is
 * this text: values go to the store beside the statement, but for those that are too long (`withLongWritten`).
 */
export function inlinedSql({ sql, params }: CompiledQuery): string {
  return sql.replaceAll(PLACEHOLDER, (_, name: string, type: string) => literal(params[name], type));
}

/** The query as it goes to the store: parameters that are too long for a URL are quoted in the text. */
export function withLongWritten(query: CompiledQuery): CompiledQuery {
  const { sql, params, written = [] } = query;
  if (written.length === 0) return query;
  const isLong = new Set(written);
  return {
    sql: sql.replaceAll(PLACEHOLDER, (placeholder, name: string, type: string) => {
      return isLong.has(name) ? literal(params[name], type) : placeholder;
    }),
    params: Object.fromEntries(Object.entries(params).filter(([name]) => !isLong.has(name))),
  };
}

function literal(value: unknown, type: string): string {
  if (type.startsWith('Array(')) {
    const items = (value as readonly unknown[]).map((item) => literal(item, type.slice('Array('.length, -1)));
    // Without an item an array has no type.
    return items.length > 0 ? `[${items.join(', ')}]` : `CAST([], '${type}')`;
  }
  if (type === 'String') return sqlText(String(value));
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new RangeError(`not a value of ${type}: ${value}`);
  // Functions of instants take signed numbers alone.
  return type === 'Int64' ? `toInt64(${value})` : `${value}`;
}
