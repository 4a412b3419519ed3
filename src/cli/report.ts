import { hasTagPrefix, TAG_PREFIX } from '../kernel/billing-tag-key.ts';
import { Fault } from '../kernel/fault.ts';
import { formatUsd, parsePicoUsd } from '../kernel/money.ts';
import { isoSeconds } from '../kernel/time.ts';
import { type TimeZone, timeZoneOf, UTC } from '../kernel/time-zone.ts';
import type { Dimension, Granularity, GroupKey, ReportFilter } from '../reports/report-query.ts';
import type { TallylineClient } from './client.ts';
import { type Column, formatCsv, formatTable } from './table.ts';
import { type RangeOptions, readRange } from './time-range.ts';

export interface ReportOptions extends RangeOptions {
  readonly by?: string;
  readonly every?: string;
  readonly timeZone?: string;
  readonly filter?: readonly string[];
  readonly top?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

const GRANULARITIES: Readonly<Record<string, Granularity>> = {
  total: 'TOTAL',
  'quarter-hour': 'QUARTER_HOURLY',
  hour: 'HOURLY',
  day: 'DAILY',
  month: 'MONTHLY',
};

/** The words of `--by` and `--filter`; a tag is `tag:team`, short for `tag:iamPrincipal/team`, a cost category `category:Team`. */
const DIMENSIONS: Readonly<Record<string, Dimension>> = {
  principal: 'principal',
  role: 'role',
  session: 'session',
  model: 'model',
  'usage-type': 'usageType',
  direction: 'direction',
  region: 'region',
  account: 'account',
  operation: 'operation',
  route: 'route',
  tier: 'tier',
  service: 'service',
  resource: 'resource',
  upstream: 'upstream',
  'record-type': 'recordType',
  'billing-entity': 'billingEntity',
  provider: 'provider',
};

const TIME_WORDS = ['quarter-hour', 'hour', 'day', 'month'];

interface ReportRowWire {
  readonly Start: string;
  readonly End: string;
  readonly Keys: readonly string[];
  readonly IsOther?: boolean;
  readonly CostUsd: string;
  readonly NetCostUsd: string;
  readonly Tokens: string;
  readonly Requests: string;
  readonly Unpriced: string;
}

/** `tallyline who | what | report`: asks the server one ReportQuery and prints the rows with their total. */
export async function report(
  client: TallylineClient,
  options: ReportOptions,
  nowMs: number,
  print: (text: string) => void,
): Promise<void> {
  const words = (options.by ?? 'principal').split(',').map((word) => word.trim());
  const timeWord = words.find((word) => TIME_WORDS.includes(word));
  const groupWords = words.filter((word) => !TIME_WORDS.includes(word));
  const granularity = GRANULARITIES[options.every ?? timeWord ?? 'total'];
  if (!granularity)
    throw new Fault(
      'QueryInvalid',
      `--every \`${options.every}\` is not valid: use ${Object.keys(GRANULARITIES).join(', ')}`,
    );
  const zone = readZone(options.timeZone);
  const range = readRange(options, nowMs, zone);
  const { Rows } = await client.call<{ Rows: ReportRowWire[] }>('GetReport', {
    Start: isoSeconds(range.startMs),
    End: isoSeconds(range.endMs),
    Granularity: granularity,
    TimeZone: zone.name,
    GroupBy: groupWords.map((word) => wireKey(readKey(word))),
    ...(options.filter?.length && { Filter: { and: options.filter.map(readFilter) } }),
    ...(options.top !== undefined && { TopN: readTop(options.top) }),
  });
  const rows = Rows.map(readRow).sort(byTimeThenCost);
  if (options.json)
    return print(JSON.stringify({ range, granularity, timeZone: zone.name, groupBy: groupWords, rows: Rows }, null, 2));
  const columns = columnsFor(granularity, zone, groupWords, rows);
  if (options.csv)
    return print(
      formatCsv(
        columns,
        rows.map((row) => columns.map(({ cell }) => cell(row))),
      ),
    );
  print(`${zone.text(range.startMs)} to ${zone.text(range.endMs)}\n`);
  if (rows.length === 0) return print('no usage in this range');
  const total = columns.map(({ sum }, index) => (sum ? grouped(sum(rows)) : index === 0 ? 'total' : ''));
  const cells = rows.map((row) => columns.map(({ cell, sum }) => (sum ? grouped(cell(row)) : cell(row))));
  print(formatTable(columns, [...cells, total]));
}

/** A row with its numbers read. */
interface ReportLine {
  readonly startMs: number;
  readonly keys: readonly string[];
  readonly isOther: boolean;
  readonly costPicoUsd: bigint;
  readonly netCostPicoUsd: bigint;
  readonly tokens: bigint;
  readonly requests: bigint;
  readonly unpriced: bigint;
}

interface ReportColumn extends Column {
  readonly cell: (line: ReportLine) => string;
  /** Columns that add up. */
  readonly sum?: (lines: readonly ReportLine[]) => string;
}

function columnsFor(
  granularity: Granularity,
  zone: TimeZone,
  groupWords: readonly string[],
  lines: readonly ReportLine[],
): ReportColumn[] {
  const number = (
    title: string,
    read: (line: ReportLine) => bigint,
    write: (value: bigint) => string,
  ): ReportColumn => ({
    title,
    align: 'right',
    cell: (line) => write(read(line)),
    sum: (all) => write(all.reduce((sum, line) => sum + read(line), 0n)),
  });
  // A call has one line per direction and is counted on its first: by direction its count says nothing.
  const hasRequests = !groupWords.some((word) => word === 'direction' || word === 'usage-type');
  const hasDiscounts = lines.some(({ costPicoUsd, netCostPicoUsd }) => costPicoUsd !== netCostPicoUsd);
  const hasUnpriced = lines.some(({ unpriced }) => unpriced > 0n);
  const keyColumns = groupWords.map(
    (title, index): ReportColumn => ({ title, align: 'left', cell: (line) => keyText(title, line, index) }),
  );
  return [
    ...(granularity === 'TOTAL'
      ? []
      : [{ title: 'from', align: 'left' as const, cell: ({ startMs }: ReportLine) => zone.text(startMs) }]),
    ...keyColumns,
    number('cost USD', ({ costPicoUsd }) => costPicoUsd, formatUsd),
    ...(hasDiscounts ? [number('net USD', ({ netCostPicoUsd }) => netCostPicoUsd, formatUsd)] : []),
    number('tokens', ({ tokens }) => tokens, String),
    ...(hasRequests ? [number('requests', ({ requests }) => requests, String)] : []),
    ...(hasUnpriced ? [number('unpriced', ({ unpriced }) => unpriced, String)] : []),
  ];
}

function readRow(row: ReportRowWire): ReportLine {
  return {
    startMs: Date.parse(row.Start),
    keys: row.Keys,
    isOther: row.IsOther ?? false,
    costPicoUsd: parsePicoUsd(row.CostUsd),
    netCostPicoUsd: parsePicoUsd(row.NetCostUsd),
    tokens: BigInt(row.Tokens),
    requests: BigInt(row.Requests),
    unpriced: BigInt(row.Unpriced),
  };
}

/** The most expensive first, what top N left out last. */
function byTimeThenCost(a: ReportLine, b: ReportLine): number {
  if (a.startMs !== b.startMs) return a.startMs - b.startMs;
  if (a.isOther !== b.isOther) return a.isOther ? 1 : -1;
  return a.costPicoUsd === b.costPicoUsd ? 0 : a.costPicoUsd > b.costPicoUsd ? -1 : 1;
}

/** Thousands apart, for people: `1,558,300`, `1,234.5`. */
function grouped(decimal: string): string {
  const [whole = '', fraction] = decimal.split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? spaced : `${spaced}.${fraction}`;
}

function readZone(name = UTC.name): TimeZone {
  const zone = timeZoneOf(name);
  if (!zone) throw new Fault('QueryInvalid', `--time-zone \`${name}\` is not valid: use a name such as Europe/Berlin`);
  return zone;
}

function readTop(text: string): number {
  const top = Number(text);
  if (!Number.isInteger(top) || top < 1)
    throw new Fault('QueryInvalid', `--top \`${text}\` is not valid: use a whole number from 1`);
  return top;
}

function keyText(word: string, line: ReportLine, index: number): string {
  const value = line.keys[index] ?? '';
  if (line.isOther) return index === 0 ? '(other)' : '';
  if (value !== '') return value;
  return word.startsWith('tag:') ? '(untagged)' : word.startsWith('category:') ? '(uncategorized)' : '(none)';
}

function readKey(word: string): GroupKey {
  if (word.startsWith('tag:')) {
    const key = word.slice(4);
    if (key) return { tag: hasTagPrefix(key) ? key : `${TAG_PREFIX.principal}${key}` };
  }
  if (word.startsWith('category:') && word !== 'category:') return { costCategory: word.slice(9) };
  const dimension = Object.hasOwn(DIMENSIONS, word) ? DIMENSIONS[word] : undefined;
  if (!dimension) {
    const known = [...Object.keys(DIMENSIONS), 'tag:KEY', 'category:NAME', ...TIME_WORDS].join(', ');
    throw new Fault('QueryInvalid', `\`${word}\` is nothing to group or filter by: use ${known}`);
  }
  return { dimension };
}

function wireKey(key: GroupKey): { Type: string; Key: string } {
  if ('tag' in key) return { Type: 'TAG', Key: key.tag };
  return 'costCategory' in key
    ? { Type: 'COST_CATEGORY', Key: key.costCategory }
    : { Type: 'DIMENSION', Key: key.dimension };
}

/** `model=a|b`, `model!=a`, `tag:team=` (has no value). */
function readFilter(text: string): ReportFilter {
  const [, word, operator, values] = /^([^=!]+)(!?=)(.*)$/s.exec(text) ?? [];
  if (!word || !operator || values === undefined) {
    throw new Fault('QueryInvalid', `--filter \`${text}\` is not valid: use KEY=VALUE, KEY!=VALUE or KEY=VALUE|VALUE`);
  }
  const key = readKey(word.trim());
  const filter: ReportFilter = values === '' ? { absent: key } : { key, equalsAny: values.split('|') };
  return operator === '!=' ? { not: filter } : filter;
}
