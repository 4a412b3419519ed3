import { BoundedMemo } from '../../kernel/bounded-memo.ts';

/** The last second that was written: all requests of a second are signed with the same text. */
let written = { second: Number.NaN, text: '' };

/** ISO 8601's basic format, to the second: `20260523T073128Z`. */
export function basicDate(ms: number): string {
  const second = Math.floor(ms / 1_000);
  if (second !== written.second) {
    written = { second, text: `${new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z` };
  }
  return written.text;
}

/** All that is signed within a second has the same text. UTF-16 code units of all texts together. */
const readDates = new BoundedMemo<{ readonly ms: number | undefined }>(2_000);

/** Undefined for anything else, and for days that do not exist. */
export function parseBasicDate(text: string): number | undefined {
  return readDates.get(text, () => ({ ms: readBasicDate(text) })).ms;
}

function readBasicDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  // Date.UTC carries over what is too much: the 31st of June would be the 1st of July.
  const date = new Date(ms);
  const isDay = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isDay && hour < 24 && minute < 60 && second < 60 ? ms : undefined;
}
