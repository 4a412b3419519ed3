import { formatUsd } from '../../kernel/money.ts';
import { cacheHitShare, costPerMillionTokens } from '../../kernel/unit-cost.ts';
import type { Measure, ReportRow } from '../../reports/report-query.ts';

/** What may be asked for, with the sums it takes and the members of a row that it fills; those of undefined value stay away. */
interface WireMeasure {
  readonly sums: readonly Measure[];
  readonly members: (row: ReportRow) => Readonly<Record<string, string | undefined>>;
}

const summed = (measure: Measure, name: string, write: (row: ReportRow) => string): WireMeasure => ({
  sums: [measure],
  members: (row) => ({ [name]: write(row) }),
});

/** By the words of `Measures`. The last two are quotients of the exact sums, which come along. */
export const WIRE_MEASURES: Readonly<Record<string, WireMeasure>> = {
  COST: summed('cost', 'CostUsd', (row) => formatUsd(row.costPicoUsd)),
  NET_COST: summed('netCost', 'NetCostUsd', (row) => formatUsd(row.netCostPicoUsd)),
  LIST_COST: summed('listCost', 'ListCostUsd', (row) => formatUsd(row.listCostPicoUsd)),
  TOKENS: summed('tokens', 'Tokens', (row) => `${row.tokens}`),
  INPUT_TOKENS: summed('inputTokens', 'InputTokens', (row) => `${row.inputTokens}`),
  OUTPUT_TOKENS: summed('outputTokens', 'OutputTokens', (row) => `${row.outputTokens}`),
  CACHE_READ_TOKENS: summed('cacheReadTokens', 'CacheReadTokens', (row) => `${row.cacheReadTokens}`),
  CACHE_WRITE_TOKENS: summed('cacheWriteTokens', 'CacheWriteTokens', (row) => `${row.cacheWriteTokens}`),
  REQUESTS: summed('requests', 'Requests', (row) => `${row.requests}`),
  UNPRICED: summed('unpricedQuantity', 'Unpriced', (row) => `${row.unpricedQuantity}`),
  COST_PER_MILLION_TOKENS: {
    sums: ['cost', 'tokens'],
    members: ({ costPicoUsd, tokens }) => ({
      CostUsd: formatUsd(costPicoUsd),
      Tokens: `${tokens}`,
      CostPerMillionTokensUsd: costPerMillionTokens(costPicoUsd, tokens),
    }),
  },
  CACHE_HIT_SHARE: {
    sums: ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens'],
    members: (row) => ({
      InputTokens: `${row.inputTokens}`,
      CacheReadTokens: `${row.cacheReadTokens}`,
      CacheWriteTokens: `${row.cacheWriteTokens}`,
      CacheHitShare: cacheHitShare(row),
    }),
  },
};

/** Where none are asked for. */
const DEFAULT_MEASURES = ['COST', 'NET_COST', 'LIST_COST', 'TOKENS', 'REQUESTS', 'UNPRICED'];

/** The sums that the words take, each once. */
export function sumsOf(words: readonly string[] = DEFAULT_MEASURES): Measure[] {
  return [...new Set(words.flatMap((word) => WIRE_MEASURES[word]!.sums))];
}

export function wireMeasures(row: ReportRow, words: readonly string[] = DEFAULT_MEASURES): object {
  const members = words.flatMap((word) => Object.entries(WIRE_MEASURES[word]!.members(row)));
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}
