import { BoundedMemo } from './bounded-memo.ts';
import { BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS } from './time.ts';

/** Between two changes of an offset lies more than a week. */
const PROBE_MS = 7 * DAY_MS;

/** Weeks of a zone that are remembered: more than from 1970 to 2106. */
const MAX_WEEKS = 10_000;

/** One week of a zone: its offset changes at most once in it. */
interface OffsetWeek {
  readonly beforeMs: number;
  /** Absent: the offset is the same all week. */
  readonly changeMs?: number;
  readonly afterMs: number;
}

/**
 * The calendar of a time zone. Its hours, days and months begin on quarter hours UTC, as line items are kept, and follow one
 * another without a gap: a day has 23 to 25 hours where clocks change, and a date that a zone skipped is no day.
 */
export class TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #weeks = new Map<number, OffsetWeek>();

  /** Throws a RangeError for a name that no zone has. */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    this.name = this.#format.resolvedOptions().timeZone;
  }

  /** What local time is ahead of UTC. Rounded to quarter hours: Liberia's was none until 1972. */
  offsetMs(atMs: number): number {
    const week = this.#weekOf(atMs);
    return week.changeMs !== undefined && atMs >= week.changeMs ? week.afterMs : week.beforeMs;
  }

  /** Begin of the hour after the one that an instant is in. An hour ends early where clocks change inside it. */
  nextHourMs(atMs: number): number {
    const offsetMs = this.offsetMs(atMs);
    const endMs = Math.floor((atMs + offsetMs) / HOUR_MS) * HOUR_MS + HOUR_MS - offsetMs;
    const { changeMs } = this.#weekOf(atMs);
    return changeMs !== undefined && changeMs > atMs && changeMs < endMs ? changeMs : endMs;
  }

  nextDayMs(atMs: number): number {
    const { year, month, day } = this.dateOf(atMs);
    const nextMs = this.dayStartMs(year, month, day + 1);
    // Clocks that are put back over midnight bring the end of a day twice.
    return nextMs > atMs ? nextMs : this.dayStartMs(year, month, day + 2);
  }

  nextMonthMs(atMs: number): number {
    const { year, month } = this.dateOf(atMs);
    const nextMs = this.dayStartMs(year, month + 1, 1);
    return nextMs > atMs ? nextMs : this.dayStartMs(year, month + 2, 1);
  }

  /** First instant of a date; of the next one where the zone skipped it. Months are from 0, and days may overflow. */
  dayStartMs(year: number, month: number, day: number): number {
    const localMs = Date.UTC(year, month, day);
    const offsets = [this.offsetMs(localMs - DAY_MS), this.offsetMs(localMs + DAY_MS)];
    const starts = offsets.map((offsetMs) => localMs - offsetMs);
    const real = starts.filter((startMs, index) => this.offsetMs(startMs) === offsets[index]);
    // Clocks that are put forward over midnight: the day begins with the change.
    return real.length > 0 ? Math.min(...real) : this.#changeBetween(Math.min(...starts), Math.max(...starts));
  }

  /** Date of an instant; the month is from 0. */
  dateOf(atMs: number): { year: number; month: number; day: number } {
    const local = new Date(atMs + this.offsetMs(atMs));
    return { year: local.getUTCFullYear(), month: local.getUTCMonth(), day: local.getUTCDate() };
  }

  /** `2026-05-01T00:00:00+02:00`. */
  text(atMs: number): string {
    const offsetMs = this.offsetMs(atMs);
    const local = new Date(atMs + offsetMs).toISOString().slice(0, 19);
    if (offsetMs === 0) return `${local}Z`;
    const offset = new Date(Math.abs(offsetMs)).toISOString().slice(11, 16);
    return `${local}${offsetMs < 0 ? '-' : '+'}${offset}`;
  }

  #weekOf(atMs: number): OffsetWeek {
    const number = Math.floor(atMs / PROBE_MS);
    const known = this.#weeks.get(number);
    if (known) return known;
    const startMs = number * PROBE_MS;
    const beforeMs = this.#readOffset(startMs);
    const afterMs = this.#readOffset(startMs + PROBE_MS);
    const changeMs = beforeMs === afterMs ? undefined : this.#changeBetween(startMs, startMs + PROBE_MS);
    const week = { beforeMs, afterMs, ...(changeMs !== undefined && { changeMs }) };
    if (this.#weeks.size === MAX_WEEKS) this.#weeks.clear();
    this.#weeks.set(number, week);
    return week;
  }

  /** First quarter hour with the offset of the later of two instants. */
  #changeBetween(fromMs: number, toMs: number): number {
    const afterMs = this.#readOffset(toMs);
    let [before, after] = [Math.floor(fromMs / BUCKET_MS), Math.ceil(toMs / BUCKET_MS)];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (this.#readOffset(middle * BUCKET_MS) === afterMs) after = middle;
      else before = middle;
    }
    return after * BUCKET_MS;
  }

  #readOffset(atMs: number): number {
    const text = this.#format.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')!.value;
    // `GMT`, `GMT+05:45`, `GMT-00:44:30`.
    const [, sign, hours, minutes, seconds = 0] = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text)!;
    if (!sign) return 0;
    const sizeMs = Number(hours) * HOUR_MS + (Number(minutes) + Number(seconds) / 60) * MINUTE_MS;
    return (sign === '-' ? -1 : 1) * Math.round(sizeMs / BUCKET_MS) * BUCKET_MS;
  }
}

export const UTC = new TimeZone('UTC');

/** A zone takes time to make and remembers what it learned. About a hundred names. */
const zones = new BoundedMemo<TimeZone | null>(2_000);

/** The zone of an IANA name such as `Europe/Berlin`, in any letter case; undefined for what is none. */
export function timeZoneOf(name: string): TimeZone | undefined {
  if (name.length > 64) return undefined;
  const make = () => {
    try {
      return new TimeZone(name);
    } catch {
      return null;
    }
  };
  return zones.get(name, make) ?? undefined;
}
