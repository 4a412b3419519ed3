import { type CurrencyDisplay, compact, compactMoney, count, money, percent } from '../../format/amounts.ts';
import { add, divide, multiply, round } from '../../format/decimal.ts';
import type { MeasureWord, ReportSums } from '../../report/get-report.ts';

/** A figure of a group: what is asked for, how it is read from sums, and how it is written. */
export interface Measure {
  /** As it stands in addresses, and the word of `tallyline report --measure`. */
  readonly word: string;
  readonly label: string;
  readonly asks: readonly MeasureWord[];
  /** Decimal text; undefined where the figure has no value, as shares of nothing. */
  readonly of: (sums: ReportSums) => string | undefined;
  readonly unit: 'money' | 'count' | 'share';
  /** False: the figure of a whole is not the sum of its parts'. */
  readonly adds: boolean;
  /** Word of the measure that the top groups have most of. */
  readonly ranksBy: string;
}

function sum(
  word: string,
  label: string,
  asks: MeasureWord,
  member: keyof ReportSums,
  unit: 'money' | 'count',
): Measure {
  return { word, label, asks: [asks], of: (sums) => sums[member] ?? '0', unit, adds: true, ranksBy: word };
}

export const COST = sum('cost', 'Cost', 'COST', 'CostUsd', 'money');

export const MEASURES: readonly Measure[] = [
  COST,
  sum('net-cost', 'Net cost', 'NET_COST', 'NetCostUsd', 'money'),
  sum('list-cost', 'Cost at list price', 'LIST_COST', 'ListCostUsd', 'money'),
  sum('tokens', 'Tokens', 'TOKENS', 'Tokens', 'count'),
  sum('input', 'Input tokens', 'INPUT_TOKENS', 'InputTokens', 'count'),
  sum('output', 'Output tokens', 'OUTPUT_TOKENS', 'OutputTokens', 'count'),
  sum('cache-read', 'Cache read tokens', 'CACHE_READ_TOKENS', 'CacheReadTokens', 'count'),
  sum('cache-write', 'Cache write tokens', 'CACHE_WRITE_TOKENS', 'CacheWriteTokens', 'count'),
  sum('requests', 'Requests', 'REQUESTS', 'Requests', 'count'),
  {
    word: 'cost-per-million',
    label: 'Cost per 1M tokens',
    asks: ['COST', 'TOKENS'],
    of: ({ CostUsd = '0', Tokens = '0' }) => divide(multiply(CostUsd, 1_000_000), Tokens, 6),
    unit: 'money',
    adds: false,
    ranksBy: 'cost',
  },
  {
    word: 'cache-hit-share',
    label: 'Cache hit share',
    asks: ['INPUT_TOKENS', 'CACHE_READ_TOKENS', 'CACHE_WRITE_TOKENS'],
    of: ({ InputTokens = '0', CacheReadTokens = '0', CacheWriteTokens = '0' }) =>
      divide(CacheReadTokens, add(InputTokens, CacheReadTokens, CacheWriteTokens), 6),
    unit: 'share',
    adds: false,
    ranksBy: 'input',
  },
];

/** Always asked for: they stand in the table and above the chart whatever the chart shows. */
export const ALWAYS_ASKED: readonly MeasureWord[] = ['COST', 'TOKENS', 'REQUESTS', 'UNPRICED'];

export function measureOf(word: string): Measure {
  return MEASURES.find((measure) => measure.word === word) ?? COST;
}

/** Writes a figure for people: `$1,234.57`, `12,345`, `81.2 %`. */
export function figure({ unit }: Pick<Measure, 'unit'>, value: string, currency: CurrencyDisplay): string {
  if (unit === 'money') return money(value, currency);
  return unit === 'share' ? percent(value, '1')! : count(value);
}

/** The same in few characters, for an axis. */
export function axisFigure({ unit }: Pick<Measure, 'unit'>, value: number, currency: CurrencyDisplay): string {
  const text = value.toFixed(12).replace(/\.?0+$/, '');
  if (unit === 'money') return compactMoney(text, currency);
  return unit === 'share' ? `${round(multiply(text, 100), 0)} %` : compact(text);
}
