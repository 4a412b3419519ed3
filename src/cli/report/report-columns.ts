import { Fault } from '../../kernel/fault.ts';
import { formatUsd, parsePicoUsd } from '../../kernel/money.ts';
import type { TimeZone } from '../../kernel/time-zone.ts';
import { cacheHitShare, costPerMillionTokens } from '../../kernel/unit-cost.ts';
import type { Granularity } from '../../reports/report-query.ts';
import type { Column } from '../table.ts';

/** A row of GetReport; sums that were not asked for are absent. */
export interface ReportRowWire {
  readonly Start: string;
  readonly End: string;
  readonly Keys: readonly string[];
  readonly IsOther?: boolean;
  readonly CostUsd?: string;
  readonly NetCostUsd?: string;
  readonly ListCostUsd?: string;
  readonly Tokens?: string;
  readonly InputTokens?: string;
  readonly OutputTokens?: string;
  readonly CacheReadTokens?: string;
  readonly CacheWriteTokens?: string;
  readonly Requests?: string;
  readonly Unpriced?: string;
}

/** A row with its numbers read; zero for what was not asked for. */
export interface ReportLine {
  readonly startMs: number;
  readonly keys: readonly string[];
  readonly isOther: boolean;
  readonly sums: ReportSums;
}

type ReportSums = { readonly [Name in keyof typeof SUMS]: bigint };

/** Where each sum stands in a row of GetReport. */
const SUMS = {
  costPicoUsd: (row: ReportRowWire) => parsePicoUsd(row.CostUsd ?? '0'),
  netCostPicoUsd: (row: ReportRowWire) => parsePicoUsd(row.NetCostUsd ?? '0'),
  listCostPicoUsd: (row: ReportRowWire) => parsePicoUsd(row.ListCostUsd ?? '0'),
  tokens: (row: ReportRowWire) => BigInt(row.Tokens ?? '0'),
  inputTokens: (row: ReportRowWire) => BigInt(row.InputTokens ?? '0'),
  outputTokens: (row: ReportRowWire) => BigInt(row.OutputTokens ?? '0'),
  cacheReadTokens: (row: ReportRowWire) => BigInt(row.CacheReadTokens ?? '0'),
  cacheWriteTokens: (row: ReportRowWire) => BigInt(row.CacheWriteTokens ?? '0'),
  requests: (row: ReportRowWire) => BigInt(row.Requests ?? '0'),
  unpriced: (row: ReportRowWire) => BigInt(row.Unpriced ?? '0'),
};

/** What a measure's column shows of the sums of one line, or of all together. */
interface MeasureColumn {
  readonly title: string;
  /** GetReport's word for it. */
  readonly asked: string;
  readonly show: (sums: ReportSums) => string;
}

/** By the words of `--measure`. */
const MEASURES: Readonly<Record<string, MeasureColumn>> = {
  cost: { title: 'cost USD', asked: 'COST', show: (sums) => formatUsd(sums.costPicoUsd) },
  'net-cost': { title: 'net USD', asked: 'NET_COST', show: (sums) => formatUsd(sums.netCostPicoUsd) },
  'list-cost': { title: 'list USD', asked: 'LIST_COST', show: (sums) => formatUsd(sums.listCostPicoUsd) },
  tokens: { title: 'tokens', asked: 'TOKENS', show: (sums) => `${sums.tokens}` },
  input: { title: 'input', asked: 'INPUT_TOKENS', show: (sums) => `${sums.inputTokens}` },
  output: { title: 'output', asked: 'OUTPUT_TOKENS', show: (sums) => `${sums.outputTokens}` },
  'cache-read': { title: 'cache read', asked: 'CACHE_READ_TOKENS', show: (sums) => `${sums.cacheReadTokens}` },
  'cache-write': { title: 'cache write', asked: 'CACHE_WRITE_TOKENS', show: (sums) => `${sums.cacheWriteTokens}` },
  requests: { title: 'requests', asked: 'REQUESTS', show: (sums) => `${sums.requests}` },
  unpriced: { title: 'unpriced', asked: 'UNPRICED', show: (sums) => `${sums.unpriced}` },
  'cost-per-million': {
    title: 'USD per 1M tokens',
    asked: 'COST_PER_MILLION_TOKENS',
    show: ({ costPicoUsd, tokens }) => costPerMillionTokens(costPicoUsd, tokens) ?? '-',
  },
  'cache-hit-share': { title: 'cache hit share', asked: 'CACHE_HIT_SHARE', show: (sums) => cacheHitShare(sums) ?? '-' },
};

/** The words of `--measure`, or undefined without it. Throws QueryInvalid with the words there are. */
export function readMeasures(text: string | undefined): string[] | undefined {
  const words = text?.split(',').map((word) => word.trim());
  const unknown = words?.find((word) => !Object.hasOwn(MEASURES, word));
  if (unknown === undefined) return words;
  throw new Fault('QueryInvalid', `--measure \`${unknown}\` is not valid: use ${Object.keys(MEASURES).join(', ')}`);
}

/** GetReport's words for those of `--measure`. */
export function wireMeasures(words: readonly string[]): string[] {
  return words.map((word) => MEASURES[word]!.asked);
}

export function readRow(row: ReportRowWire): ReportLine {
  const sums = Object.fromEntries(Object.entries(SUMS).map(([name, read]) => [name, read(row)])) as ReportSums;
  return { startMs: Date.parse(row.Start), keys: row.Keys, isOther: row.IsOther ?? false, sums };
}

export interface ReportColumn extends Column {
  readonly cell: (line: ReportLine) => string;
  /** What the column says of all lines together; absent where nothing. */
  readonly total?: (lines: readonly ReportLine[]) => string;
}

export interface ReportTable {
  readonly granularity: Granularity;
  readonly zone: TimeZone;
  /** The words of `--by` without those of time. */
  readonly groupWords: readonly string[];
  /** The words of `--measure`; absent: what there is of cost, tokens and requests. */
  readonly measures: readonly string[] | undefined;
  /** Whose figures: a bill counts no calls. */
  readonly book: string;
}

export function columnsFor(
  { granularity, zone, groupWords, measures, book }: ReportTable,
  lines: readonly ReportLine[],
): ReportColumn[] {
  const keyColumns = groupWords.map(
    (title, index): ReportColumn => ({ title, align: 'left', cell: (line) => keyText(title, line, index) }),
  );
  const words = measures ?? wordsFor(groupWords, book, lines);
  return [
    ...(granularity === 'TOTAL'
      ? []
      : [{ title: 'from', align: 'left' as const, cell: ({ startMs }: ReportLine) => zone.text(startMs) }]),
    ...keyColumns,
    ...words.map((word) => {
      const { title, show } = MEASURES[word]!;
      return {
        ...{ title, align: 'right' as const, cell: ({ sums }: ReportLine) => show(sums) },
        total: (all: readonly ReportLine[]) => show(totalOf(all)),
      };
    }),
  ];
}

/** Keys of a line that sums what is below a call. */
const PARTS_OF_CALLS = ['direction', 'usage-type', 'meter'];

function wordsFor(groupWords: readonly string[], book: string, lines: readonly ReportLine[]): string[] {
  // A call has one line per direction and is counted on its first: by direction its count says nothing.
  const hasRequests = book !== 'bill' && !groupWords.some((word) => PARTS_OF_CALLS.includes(word));
  const hasDiscounts = lines.some(({ sums }) => sums.costPicoUsd !== sums.netCostPicoUsd);
  const hasUnpriced = lines.some(({ sums }) => sums.unpriced > 0n);
  return [
    'cost',
    ...(hasDiscounts ? ['net-cost'] : []),
    'tokens',
    ...(hasRequests ? ['requests'] : []),
    ...(hasUnpriced ? ['unpriced'] : []),
  ];
}

function totalOf(lines: readonly ReportLine[]): ReportSums {
  const names = Object.keys(SUMS) as (keyof ReportSums)[];
  const totals = names.map((name) => [name, lines.reduce((sum, line) => sum + line.sums[name], 0n)] as const);
  return Object.fromEntries(totals) as ReportSums;
}

function keyText(word: string, line: ReportLine, index: number): string {
  const value = line.keys[index] ?? '';
  if (line.isOther) return index === 0 ? '(other)' : '';
  if (value !== '') return value;
  return word.startsWith('tag:') ? '(untagged)' : word.startsWith('category:') ? '(uncategorized)' : '(none)';
}
