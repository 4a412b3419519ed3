import { Fault } from '../kernel/fault.ts';
import { inMonths, monthsJustBefore, type Present } from '../kernel/present.ts';
import { BUCKET_MS, bucketStartMs, HOUR_MS, isoSeconds } from '../kernel/time.ts';
import type { TimeZone } from '../kernel/time-zone.ts';
import type { TallylineClient } from './client.ts';
import { presentOf } from './known-range.ts';
import { collect } from './repeated-option.ts';
import { readFilter, readKey, wireKey } from './report/report-key.ts';
import { type RangeOptions, readRange, readZone } from './time-range.ts';
import type { VerbParts } from './verb-parts.ts';
import { type Why, whyText } from './why/why-text.ts';

interface WhyOptions extends RangeOptions {
  readonly data: string;
  readonly before?: string;
  readonly anomaly?: string;
  readonly by?: string;
  readonly filter?: readonly string[];
  readonly timeZone?: string;
  readonly scope?: string;
  readonly book?: string;
  readonly json?: boolean;
}

/** `tallyline why`: why two periods cost a different amount. */
export function whyVerb({ verb, client, print, now }: VerbParts): void {
  verb('why', 'why two periods cost a different amount: who, what, since when, which calls, what would cost less')
    .option(
      '--from <time>',
      'start of the later period, a date of the zone or an instant (default: the last 7 whole days)',
    )
    .option('--to <time>', 'its end, exclusive (default: now)')
    .option('--last <time>', 'the last hours, or whole days: 36h, 7d')
    .option('--month <month>', 'one month: 2026-05')
    .option(
      '--before <time>',
      'what it is compared with: 2026-05-01..2026-05-08, without the 8th, or a month (default: as long a time before)',
    )
    .option('--anomaly <id>', 'an anomaly, beside the same days of the week before')
    .option(
      '--by <keys>',
      'down to whom: tag:team,principal,model,direction, person, role, region, ... (default: the first)',
    )
    .option('--filter <key=value>', 'keep only; repeat to narrow; KEY!=VALUE to exclude', collect, [])
    .option('--time-zone <name>', 'whose hours, days and months: Europe/Berlin (default UTC)')
    .option('--scope <scope>', "all, team (your team's) or own (default all)")
    .option('--book <book>', 'ledger, or bill (default: what reports show)')
    .option('--json', 'JSON')
    .action((options: WhyOptions) => why(client(options), options, now(), print));
}

async function why(
  client: TallylineClient,
  options: WhyOptions,
  nowMs: number,
  print: (text: string) => void,
): Promise<void> {
  const zone = readZone(options.timeZone);
  const book = options.book === undefined ? undefined : choice('--book', options.book, ['ledger', 'bill']);
  const countsBack = options.last !== undefined || options.before !== undefined;
  const present = countsBack ? await presentOf(client, { nowMs, book, zone }) : { atMs: nowMs, zone, isByMonth: false };
  const answer = await client.call<Why>('ExplainSpend', {
    ...periods(options, { nowMs, present }, zone),
    TimeZone: zone.name,
    ...(options.by && { Dimensions: options.by.split(',').map((word) => wireKey(readKey(word.trim()))) }),
    ...(options.filter?.length && { Filter: { and: options.filter.map(readFilter) } }),
    ...(options.scope !== undefined && {
      Scope: choice('--scope', options.scope, ['all', 'team', 'own']).toUpperCase(),
    }),
    ...(book !== undefined && { Book: book }),
  });
  print(options.json ? JSON.stringify(answer, null, 2) : whyText(answer, zone));
}

function periods(
  options: WhyOptions,
  { nowMs, present }: { readonly nowMs: number; readonly present: Present },
  zone: TimeZone,
): object {
  const { from, to, last, month, before, anomaly } = options;
  if ([from ?? to, last, month, anomaly].filter((one) => one !== undefined).length > 1) {
    throw new Fault('QueryInvalid', 'give one of --from (with --to), --last, --month and --anomaly');
  }
  if (anomaly !== undefined) return { AnomalyId: anomaly };
  if (month !== undefined) {
    readRange({ month }, nowMs, zone);
    return { Month: month, ...(before !== undefined && { BeforeMonth: monthOf(before) }) };
  }
  const after = last === undefined ? readRange(options, nowMs, zone) : lastRange(last, present);
  const isDefault = from === undefined && to === undefined && last === undefined;
  if (isDefault && before === undefined) return {};
  const range = isDefault ? lastRange('7d', present) : after;
  const countedMonths = present.isByMonth && (isDefault || last !== undefined);
  const beside =
    before !== undefined ? readBefore(before, nowMs, zone) : countedMonths ? monthsJustBefore(range) : undefined;
  return { After: wireRange(range), ...(beside && { Before: wireRange(beside) }) };
}

/** Whole days that are over; hours up to the bucket that runs; of a bill by months whole months. */
function lastRange(text: string, present: Present): { startMs: number; endMs: number } {
  const range = lastDaysOrHours(text, present);
  return present.isByMonth ? inMonths(range) : range;
}

function lastDaysOrHours(text: string, { atMs, zone }: Present): { startMs: number; endMs: number } {
  const [, count, unit] = /^([1-9]\d{0,3})([hd])$/.exec(text) ?? [];
  if (!count) throw new Fault('QueryInvalid', `--last \`${text}\` is not valid: use hours or days such as 36h or 7d`);
  const openEndMs = bucketStartMs(atMs) + BUCKET_MS;
  if (unit === 'h') return { startMs: openEndMs - Number(count) * HOUR_MS, endMs: openEndMs };
  // With the last instant of a bill its last day is over.
  const { year, month, day } = zone.dateOf(atMs + 1);
  return { startMs: zone.dayStartMs(year, month, day - Number(count)), endMs: zone.dayStartMs(year, month, day) };
}

/** `2026-05-01..2026-05-08`, the end excluded as with `--to`, or a month. */
function readBefore(text: string, nowMs: number, zone: TimeZone): { startMs: number; endMs: number } {
  const [from = '', to] = text.split('..');
  if (to === undefined) return readRange({ month: monthOf(text) }, nowMs, zone);
  const instant = (day: string) => readRange({ from: '1970-01-01', to: day }, nowMs, zone).endMs;
  return { startMs: instant(from), endMs: instant(to) };
}

function monthOf(text: string): string {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new Fault('QueryInvalid', `--before \`${text}\` is not valid: use FROM..TO, or a month such as 2026-05`);
}

function wireRange({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }) {
  return { Start: isoSeconds(startMs), End: isoSeconds(endMs) };
}

function choice(option: string, text: string, known: readonly string[]): string {
  if (known.includes(text)) return text;
  throw new Fault('QueryInvalid', `${option} \`${text}\` is not valid: use ${known.join(', ')}`);
}
