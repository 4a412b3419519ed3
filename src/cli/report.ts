import type { Dimension, Granularity, GroupKey, ReportFilter } from '../reports/report-query.ts';
import { Fault } from '../kernel/fault.ts';
import { formatUsd, parsePicoUsd } from '../kernel/money.ts';
import { isoSeconds } from '../kernel/time.ts';
import type { TallylineClient } from './client.ts';
import { type Column, formatCsv, formatTable } from './table.ts';
import { type RangeOptions, readRange } from './time-range.ts';

export interface ReportOptions extends RangeOptions {
  readonly by?: string;
  readonly every?: string;
  readonly filter?: readonly string[];
  readonly top?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

const GRANULARITIES: Readonly<Record<string, Granularity>> = { total: 'TOTAL', hour: 'HOURLY', day: 'DAILY', month: 'MONTHLY' };

/** The words of `--by` and `--filter`; a tag is `tag:team`, short for `tag:iamPrincipal/team`. */
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
};

const TIME_WORDS = ['hour', 'day', 'month'];

interface ReportRowWire {
  readonly Start: string;
  readonly End: string;
  readonly Keys: readonly string[];
  readonly IsOther?: boolean;
  readonly CostUsd: string;
  readonly Tokens: string;
  readonly Requests: string;
  readonly UnpricedTokens: string;
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
  if (!granularity) throw new Fault('QueryInvalid', `--every \`${options.every}\` is not valid: use total, hour, day or month`);
  const range = readRange(options, nowMs);
  const { Rows } = await client.call<{ Rows: ReportRowWire[] }>('GetReport', {
    Start: isoSeconds(range.startMs),
    End: isoSeconds(range.endMs),
    Granularity: granularity,
    GroupBy: groupWords.map((word) => wireKey(readKey(word))),
    ...(options.filter?.length && { Filter: { and: options.filter.map(readFilter) } }),
    ...(options.top !== undefined && { TopN: readTop(options.top) }),
  });
  const columns: Column[] = [
    ...(granularity === 'TOTAL' ? [] : [{ title: 'from', align: 'left' as const }]),
    ...groupWords.map((title) => ({ title, align: 'left' as const })),
    { title: 'cost USD', align: 'right' },
    { title: 'tokens', align: 'right' },
    { title: 'requests', align: 'right' },
  ];
  const hasUnpriced = Rows.some((row) => row.UnpricedTokens !== '0');
  if (hasUnpriced) columns.push({ title: 'unpriced tokens', align: 'right' });
  const cells = Rows.map((row) => [
    ...(granularity === 'TOTAL' ? [] : [row.Start]),
    ...groupWords.map((word, index) => keyText(word, row, index)),
    row.CostUsd,
    row.Tokens,
    row.Requests,
    ...(hasUnpriced ? [row.UnpricedTokens] : []),
  ]);
  if (options.json) return print(JSON.stringify({ range, granularity, groupBy: groupWords, rows: Rows }, null, 2));
  if (options.csv) return print(formatCsv(columns, cells));
  const lead = columns.length - 3 - (hasUnpriced ? 1 : 0);
  const total = [
    ...Array.from({ length: lead }, (_, index) => (index === 0 ? 'total' : '')),
    sumDecimal(Rows.map((row) => row.CostUsd)),
    sumInteger(Rows.map((row) => row.Tokens)),
    sumInteger(Rows.map((row) => row.Requests)),
    ...(hasUnpriced ? [sumInteger(Rows.map((row) => row.UnpricedTokens))] : []),
  ];
  print(`${isoSeconds(range.startMs)} to ${isoSeconds(range.endMs)}\n`);
  print(Rows.length === 0 ? 'no usage in this range' : formatTable(columns, [...cells, total]));
}

function readTop(text: string): number {
  const top = Number(text);
  if (!Number.isInteger(top) || top < 1) throw new Fault('QueryInvalid', `--top \`${text}\` is not valid: use a whole number from 1`);
  return top;
}

function keyText(word: string, row: ReportRowWire, index: number): string {
  const value = row.Keys[index] ?? '';
  if (row.IsOther) return index === 0 ? '(other)' : '';
  return value === '' ? (word.startsWith('tag:') ? '(untagged)' : '(none)') : value;
}

function readKey(word: string): GroupKey {
  if (word.startsWith('tag:')) {
    const key = word.slice(4);
    if (key) return { tag: key.includes('/') ? key : `iamPrincipal/${key}` };
  }
  const dimension = Object.hasOwn(DIMENSIONS, word) ? DIMENSIONS[word] : undefined;
  if (!dimension) {
    const known = [...Object.keys(DIMENSIONS), 'tag:KEY', ...TIME_WORDS].join(', ');
    throw new Fault('QueryInvalid', `\`${word}\` is nothing to group or filter by: use ${known}`);
  }
  return { dimension };
}

function wireKey(key: GroupKey): { Type: string; Key: string } {
  return 'tag' in key ? { Type: 'TAG', Key: key.tag } : { Type: 'DIMENSION', Key: key.dimension };
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

function sumInteger(values: readonly string[]): string {
  return values.reduce((sum, value) => sum + BigInt(value), 0n).toString();
}

function sumDecimal(values: readonly string[]): string {
  return formatUsd(values.reduce((sum, value) => sum + parsePicoUsd(value), 0n));
}
