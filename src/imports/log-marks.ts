import { createHash } from 'node:crypto';
import { DAY_MS, HOUR_MS } from '../kernel/time.ts';
import type { LogHour, LogPlace } from './log-layout.ts';
import type { SourceFile } from './source-files.ts';

/** What is remembered of the files of an hour that were read. */
export interface HourMark {
  readonly files: number;
  /** Of all of them. */
  readonly digest: string;
  /** Of each of them. Absent for hours that are some time ago: when one more arrives there, all are read again. */
  readonly seen?: readonly string[];
}

/** By account, region and hour: `123456789012/us-east-1/2026-05-01T12`. Of each region the latest days. */
export type LogMarks = Readonly<Record<string, HourMark>>;

/** Files that arrive later than this are read by an import that is asked for, not by the watch. */
const LATE_MS = 3 * DAY_MS;
/** So long the files of an hour are known one by one. */
const NAMED_MS = 6 * HOUR_MS;
const DIGEST_CHARACTERS = 12;

/** False for what lies so far before the latest hour of the same log that it has been read for good. */
export function mayHaveNews(place: LogPlace, marks: LogMarks): boolean {
  return place.toMs > newestMs(place, marks) - LATE_MS;
}

/** The files of an hour that were not read, or not as they are now. */
export function newFiles(hour: LogHour, marks: LogMarks): readonly SourceFile[] {
  const mark = marks[keyOf(hour)];
  if (!mark) return hour.files;
  const digests = hour.files.map(digestOf);
  if (mark.seen) return hour.files.filter((_, index) => !mark.seen!.includes(digests[index]!));
  return markOf(digests).digest === mark.digest ? [] : hour.files;
}

/** The marks after files of an hour were read; those that have become too old go. */
export function marked(hour: LogHour, read: readonly SourceFile[], marks: LogMarks): LogMarks {
  const known = marks[keyOf(hour)]?.seen ?? [];
  const digests = [...new Set([...known, ...read.map(digestOf)])];
  const all = { ...marks, [keyOf(hour)]: { ...markOf(digests), seen: digests } };
  const newest = newestMs(hour, all);
  const kept = Object.entries(all).flatMap(([key, mark]): [string, HourMark][] => {
    const atMs = hourOf(key);
    if (!key.startsWith(`${hour.accountId}/${hour.region}/`)) return [[key, mark]];
    if (atMs + HOUR_MS <= newest - LATE_MS) return [];
    return [[key, atMs < newest - NAMED_MS ? { files: mark.files, digest: mark.digest } : mark]];
  });
  return Object.fromEntries(kept);
}

function markOf(digests: readonly string[]): HourMark {
  return { files: digests.length, digest: shortDigest(digests.toSorted().join('\n')) };
}

/** Another version of a file is another file. */
function digestOf({ path, version }: SourceFile): string {
  return shortDigest(`${path.slice(path.lastIndexOf('/') + 1)}\n${version}`);
}

function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, DIGEST_CHARACTERS);
}

function keyOf({ accountId, region, fromMs }: LogPlace): string {
  return `${accountId}/${region}/${new Date(fromMs).toISOString().slice(0, 13)}`;
}

function hourOf(key: string): number {
  return Date.parse(`${key.slice(key.lastIndexOf('/') + 1)}:00:00Z`);
}

/** Start of the latest hour of the same account and region that has a mark. */
function newestMs({ accountId, region }: LogPlace, marks: LogMarks): number {
  const own = Object.keys(marks).filter((key) => key.startsWith(`${accountId}/${region}/`));
  return Math.max(Number.NEGATIVE_INFINITY, ...own.map(hourOf));
}
