import { type TimeZone, UTC } from '../kernel/time-zone.ts';
import type { TallylineClient } from './client.ts';
import { type RangeOptions, readRange } from './time-range.ts';

export interface KnownRange {
  readonly startMs: number;
  readonly endMs: number;
  /** To be put after the range. Empty, unless it counts back from the end of usage. */
  readonly note: string;
}

/** What `--last`, and a verb without a range, count back from. */
export interface Present {
  /** Now, or the last instant before the usage of a book ends: that of an imported bill, or of imported logs alone. */
  readonly atMs: number;
  /** What of it ends. Absent: usage comes in until now. */
  readonly ended?: 'bill' | 'log';
}

interface Session {
  readonly Books?: { readonly Primary: string };
  readonly UsageEnds?: { readonly Ledger?: string; readonly Bill?: string };
}

/** Of a book; absent: of the primary one. */
export async function presentOf(
  client: TallylineClient,
  { nowMs, book }: { readonly nowMs: number; readonly book?: string | undefined },
): Promise<Present> {
  const { Books, UsageEnds } = await client.call<Session>('GetConsoleSession', {});
  const isBill = (book ?? Books?.Primary) === 'bill';
  const end = isBill ? UsageEnds?.Bill : UsageEnds?.Ledger;
  return end === undefined ? { atMs: nowMs } : { atMs: Date.parse(end) - 1, ended: isBill ? 'bill' : 'log' };
}

/** As `readRange`; a range that names no time counts back from the present of the book. */
export async function readKnownRange(
  client: TallylineClient,
  options: RangeOptions,
  { nowMs, book, zone = UTC }: { readonly nowMs: number; readonly book?: string | undefined; readonly zone?: TimeZone },
): Promise<KnownRange> {
  const { month, from, to } = options;
  const namesTime = [month, from, to].some((one) => one !== undefined);
  if (namesTime) return { ...readRange(options, nowMs, zone), note: '' };
  const { atMs, ended } = await presentOf(client, { nowMs, book });
  return { ...readRange(options, atMs, zone), note: ended === undefined ? '' : `, where the imported ${ended} ends` };
}

/** Says which range was taken, unless it is the one that was asked for, or ends now. */
export function sayRange({ startMs, endMs, note }: KnownRange, print: (text: string) => void): void {
  if (note !== '') print(`${UTC.text(startMs)} to ${UTC.text(endMs)}${note}\n`);
}
