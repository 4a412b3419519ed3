import { type BookBounds, inMonths, type Present, presentOf as presentOfBook } from '../kernel/present.ts';
import { type TimeZone, UTC } from '../kernel/time-zone.ts';
import type { TallylineClient } from './client.ts';
import { type RangeOptions, readRange } from './time-range.ts';

export interface KnownRange {
  readonly startMs: number;
  readonly endMs: number;
  /** To be put after the range. Empty, unless it counts back from the end of usage, or was made one of whole months. */
  readonly note: string;
}

interface Counting {
  readonly nowMs: number;
  /** Absent: the primary one. */
  readonly book?: string | undefined;
  /** Of everything but a bill. Default: UTC. */
  readonly zone?: TimeZone;
}

/** What `--last`, and a verb without a range, count back from. */
export async function presentOf(client: TallylineClient, { nowMs, book, zone = UTC }: Counting): Promise<Present> {
  const bounds = await client.call<BookBounds>('GetConsoleSession', {});
  return presentOfBook(bounds, { nowMs, book, zone });
}

/** As `readRange`; a range that names no time counts back from the present of the book. */
export async function readKnownRange(
  client: TallylineClient,
  options: RangeOptions,
  { nowMs, book, zone = UTC }: Counting,
): Promise<KnownRange> {
  const { month, from, to } = options;
  const namesTime = [month, from, to].some((one) => one !== undefined);
  if (namesTime) return { ...readRange(options, nowMs, zone), note: '' };
  const present = await presentOf(client, { nowMs, book, zone });
  const range = readRange(options, present.atMs, present.zone);
  return { ...(present.isByMonth ? inMonths(range) : range), note: noteOf(present) };
}

function noteOf({ ended, isByMonth }: Present): string {
  const end = ended === undefined ? '' : `, where the imported ${ended} ends`;
  return isByMonth ? `${end}, in whole months as it is billed` : end;
}

/** Says which range was taken, unless it is the one that was asked for, or ends now. */
export function sayRange({ startMs, endMs, note }: KnownRange, print: (text: string) => void): void {
  if (note !== '') print(`${UTC.text(startMs)} to ${UTC.text(endMs)}${note}\n`);
}
