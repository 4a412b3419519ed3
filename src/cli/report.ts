import { Fault } from '../kernel/fault.ts';
import { isoSeconds } from '../kernel/time.ts';
import type { Granularity } from '../reports/report-query.ts';
import type { TallylineClient } from './client.ts';
import { readKnownRange } from './known-range.ts';
import {
  columnsFor,
  type ReportLine,
  type ReportRowWire,
  readMeasures,
  readRow,
  wireMeasures,
} from './report/report-columns.ts';
import { readFilter, readKey, TIME_WORDS, wireKey } from './report/report-key.ts';
import { formatCsv, formatTable } from './table.ts';
import { type RangeOptions, readZone } from './time-range.ts';

export interface ReportOptions extends RangeOptions {
  readonly by?: string;
  readonly every?: string;
  readonly timeZone?: string;
  readonly filter?: readonly string[];
  readonly asOf?: string;
  readonly top?: string;
  readonly topBy?: string;
  readonly measure?: string;
  readonly scope?: string;
  readonly book?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly sql?: boolean;
}

const GRANULARITIES: Readonly<Record<string, Granularity>> = {
  total: 'TOTAL',
  'quarter-hour': 'QUARTER_HOURLY',
  hour: 'HOURLY',
  day: 'DAILY',
  month: 'MONTHLY',
};

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
  const book = options.book === undefined ? undefined : readBook(options.book);
  const { note, ...range } = await readKnownRange(client, options, { nowMs, book, zone });
  const measures = readMeasures(options.measure);
  const topBy = readMeasures(options.topBy);
  const question = {
    ...(options.scope !== undefined && { Scope: readScope(options.scope) }),
    ...(book !== undefined && { Book: book }),
    Start: isoSeconds(range.startMs),
    End: isoSeconds(range.endMs),
    Granularity: granularity,
    TimeZone: zone.name,
    GroupBy: groupWords.map((word) => wireKey(readKey(word))),
    ...(options.filter?.length && { Filter: { and: options.filter.map(readFilter) } }),
    ...(options.asOf !== undefined && { AsOf: options.asOf.toUpperCase() }),
    ...(options.top !== undefined && { TopN: readTop(options.top) }),
    ...(topBy && { TopBy: wireMeasures(topBy)[0] }),
    ...(measures && { Measures: wireMeasures(measures) }),
  };
  if (options.sql) return print((await client.call<{ Sql: string }>('GetReportSql', question)).Sql);
  const { Rows, Book: answeredBook } = await client.call<{ Rows: ReportRowWire[]; Book: string }>(
    'GetReport',
    question,
  );
  const rows = Rows.map(readRow).sort(byTimeThenCost);
  if (options.json)
    return print(JSON.stringify({ range, granularity, timeZone: zone.name, groupBy: groupWords, rows: Rows }, null, 2));
  const columns = columnsFor({ granularity, zone, groupWords, measures, book: answeredBook }, rows);
  if (options.csv)
    return print(
      formatCsv(
        columns,
        rows.map((row) => columns.map(({ cell }) => cell(row))),
      ),
    );
  print(`${zone.text(range.startMs)} to ${zone.text(range.endMs)}${note}\n`);
  if (rows.length === 0) return print('no usage in this range');
  const total = columns.map(({ total: all }, index) => (all ? grouped(all(rows)) : index === 0 ? 'total' : ''));
  const cells = rows.map((row) => columns.map(({ cell, total: all }) => (all ? grouped(cell(row)) : cell(row))));
  print(formatTable(columns, [...cells, total]));
}

/** The most expensive first, and of what was not asked for its cost the greatest; what top N left out last. */
function byTimeThenCost(a: ReportLine, b: ReportLine): number {
  if (a.startMs !== b.startMs) return a.startMs - b.startMs;
  if (a.isOther !== b.isOther) return a.isOther ? 1 : -1;
  for (const sum of ['costPicoUsd', 'tokens', 'requests'] as const) {
    if (a.sums[sum] !== b.sums[sum]) return a.sums[sum] > b.sums[sum] ? -1 : 1;
  }
  return 0;
}

/** Thousands apart, for people: `1,558,300`, `1,234.5`. */
function grouped(decimal: string): string {
  const [whole = '', fraction] = decimal.split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? spaced : `${spaced}.${fraction}`;
}

function readScope(text: string): string {
  if (['all', 'team', 'own'].includes(text)) return text.toUpperCase();
  throw new Fault('QueryInvalid', `--scope \`${text}\` is not valid: use all, team or own`);
}

function readBook(text: string): string {
  if (['ledger', 'bill'].includes(text)) return text;
  throw new Fault('QueryInvalid', `--book \`${text}\` is not valid: use ledger or bill`);
}

function readTop(text: string): number {
  const top = Number(text);
  if (!Number.isInteger(top) || top < 1)
    throw new Fault('QueryInvalid', `--top \`${text}\` is not valid: use a whole number from 1`);
  return top;
}
