import { csvText } from '../kernel/csv-text.ts';
import { formatUsd, parsePicoUsd } from '../kernel/money.ts';
import type { Statement, StatementLine } from './statement.ts';

const COLUMNS: readonly (readonly [
  title: string,
  of: (line: StatementLine, statement: Statement) => string | undefined,
])[] = [
  ['statement', (_, { number }) => number],
  ['version', (_, { version }) => `${version}`],
  ['month', (_, { period }) => period],
  ['value', (_, { value }) => value],
  ['cost_center', (_, { costCenter }) => costCenter],
  ['kind', ({ kind }) => kind],
  ['principal', ({ principal }) => principal],
  ['model', ({ model }) => model],
  ['token_class', ({ meter }) => meter],
  ['text', ({ text }) => text],
  ['of_month', ({ period }) => period],
  ['corrects', ({ reference }) => reference],
  ['requests', ({ quantities }) => quantities?.requests],
  ['tokens', ({ quantities }) => quantities?.tokens],
  ['input_tokens', ({ quantities }) => quantities?.inputTokens],
  ['output_tokens', ({ quantities }) => quantities?.outputTokens],
  ['cache_read_tokens', ({ quantities }) => quantities?.cacheReadTokens],
  ['cache_write_tokens', ({ quantities }) => quantities?.cacheWriteTokens],
  ['unpriced', ({ quantities }) => quantities?.unpriced],
  ['net_usd_per_million_tokens', ({ quantities }) => quantities?.perMillionUsd],
  ['list_usd', ({ listUsd }) => listUsd],
  ['cost_usd', ({ costUsd }) => costUsd],
  ['discounts_usd', discountsOf],
  ['net_usd', ({ netUsd }) => netUsd],
  ['amount_usd', ({ amount }) => amount],
];

/** Zero or less: what discounts take off the cost. */
function discountsOf({ costUsd, netUsd }: StatementLine): string | undefined {
  return costUsd === undefined ? undefined : formatUsd(parsePicoUsd(netUsd) - parsePicoUsd(costUsd));
}

/** One row for each line; `amount_usd` sums to the statement's total, `net_usd` is exact. */
export function statementCsv(statement: Statement): string {
  const rows = statement.lines.map((line) => COLUMNS.map(([, of]) => of(line, statement) ?? ''));
  return `${csvText([COLUMNS.map(([title]) => title), ...rows])}\r\n`;
}
