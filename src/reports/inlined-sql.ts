import type { CompiledQuery } from './cost-store.ts';

/** A placeholder as `Parameters` makes them; no value of a parameter is in the text, so nothing else looks like one. */
const PLACEHOLDER = /\{(p\d+):([A-Za-z0-9()]+)\}/g;

/**
 * The statement with its parameters written into it, for people who take it to a ClickHouse client. What runs here never is
 * this text: values go to the store beside the statement.
 */
export function inlinedSql({ sql, params }: CompiledQuery): string {
  return sql.replaceAll(PLACEHOLDER, (_, name: string, type: string) => literal(params[name], type));
}

function literal(value: unknown, type: string): string {
  if (type.startsWith('Array(')) {
    const items = (value as readonly unknown[]).map((item) => literal(item, type.slice('Array('.length, -1)));
    // Without an item an array has no type.
    return items.length > 0 ? `[${items.join(', ')}]` : `CAST([], '${type}')`;
  }
  if (type === 'String') return textLiteral(String(value));
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new RangeError(`not a value of ${type}: ${value}`);
  // Functions of instants take signed numbers alone.
  return type === 'Int64' ? `toInt64(${value})` : `${value}`;
}

/** Control characters as their codes: a text ends where it seems to, and looks like what it is. */
function textLiteral(text: string): string {
  const escaped = text.replaceAll(/[\\']/g, '\\$&').replaceAll(/\p{Cc}/gu, (character) => {
    return [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  });
  return `'${escaped}'`;
}
