const DATE = String.raw`(-?\d{1,9})(?:-(\d{1,2})(?:-(\d{1,2}))?)?`;
const TIME = String.raw`(\d{1,2})(?::(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?`;
const ZONE = String.raw`(?:[Zz]|([+-])(\d{2})(?::?(\d{2}))?)`;

/** One-digit months, days and hours and a lower-case `t` pass, as they do at AWS. */
const ISO_8601 = new RegExp(`^${DATE}(?:[Tt](?:${TIME}${ZONE}?)?)?$`);

/** Digits alone are seconds since the Unix epoch. */
const EPOCH_SECONDS = /^\d{1,19}$/;
const MAX_EPOCH_SECONDS = 2n ** 63n - 1n;

/**
 * Milliseconds since the Unix epoch of a W3C ISO 8601 date or of epoch seconds; undefined when it is neither. Without a
 * zone the time is UTC. A year beyond what Date holds is infinitely far away, so that it still compares.
 */
export function parseDateTime(text: string): number | undefined {
  if (EPOCH_SECONDS.test(text)) return BigInt(text) <= MAX_EPOCH_SECONDS ? Number(text) * 1_000 : undefined;
  const match = ISO_8601.exec(text);
  if (!match) return undefined;
  const part = (index: number, absent: number) => (match[index] === undefined ? absent : Number(match[index]));
  const [year, month, day] = [part(1, 1970), part(2, 1), part(3, 1)];
  const [hour, minute, second] = [part(4, 0), part(5, 0), part(6, 0)];
  const [zoneHour, zoneMinute] = [part(9, 0), part(10, 0)];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return undefined;
  if (zoneHour > 23 || zoneMinute > 59) return undefined;
  const millisecond = Math.trunc(Number(`0.${match[7] ?? 0}`) * 1_000);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const zoneMinutes = (zoneHour * 60 + zoneMinute) * (match[8] === '-' ? -1 : 1);
  const time = date.setUTCHours(hour, minute - zoneMinutes, second, millisecond);
  return Number.isNaN(time) ? Math.sign(year) * Number.POSITIVE_INFINITY : time;
}
