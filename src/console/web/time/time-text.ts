import type { TimeZone } from '../../../kernel/time-zone.ts';

const STYLES = {
  /** `2026-11-20` */
  date: { year: 'numeric', month: '2-digit', day: '2-digit' },
  /** `2026-11-20 23:00` */
  minute: { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
  /** `2026-11-20 23:00:07` */
  second: {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  },
} as const satisfies Readonly<Record<string, Intl.DateTimeFormatOptions>>;

export type TimeStyle = keyof typeof STYLES;

const formats = new Map<string, Intl.DateTimeFormat>();

/** An instant as the Swedes write it, which is ISO 8601 for people. */
export function timeText(atMs: number, zone: TimeZone, style: TimeStyle): string {
  const key = `${zone.name} ${style}`;
  const format = formats.get(key) ?? new Intl.DateTimeFormat('sv-SE', { ...STYLES[style], timeZone: zone.name });
  formats.set(key, format);
  return format.format(atMs);
}
