import type { TimeZone } from '../../../kernel/time-zone.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** `Nov 1`: a day of the zone in few characters, where the year is plain. */
export function dayText(at: string | number, zone: TimeZone): string {
  const format =
    formats.get(zone.name) ?? new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', timeZone: zone.name });
  formats.set(zone.name, format);
  return format.format(typeof at === 'number' ? at : Date.parse(at));
}
