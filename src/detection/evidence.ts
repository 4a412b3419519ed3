import { BUCKET_MS, HOUR_MS } from '../kernel/time.ts';
import type { Watched } from './suspicion.ts';

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/** `42.10 USD`; cents, or more digits below ten cents. */
export function usdText(usd: number): string {
  return `${Math.abs(usd) >= 0.1 || usd === 0 ? usd.toFixed(2) : usd.toPrecision(2)} USD`;
}

export function countText(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

export function percentText(part: number): string {
  return `${Math.round(part * 100)} %`;
}

/** `2026-11-03 14:15`, of UTC, as all evidence is. */
export function quarterText(quarter: number): string {
  return new Date(quarter * BUCKET_MS).toISOString().slice(0, 16).replace('T', ' ');
}

/** What was spent in the quarters up to `end`, next to what is usual there. */
export function spendSentence({ history, baseline }: Watched, end: number, count: number): string {
  const actual = history.quartersUsd(end, count);
  const [from, to] = [quarterText(end - count + 1), quarterText(end + 1)];
  const span = `from ${from} to ${to.slice(0, 10) === from.slice(0, 10) ? to.slice(11) : to} UTC`;
  if (!baseline) return `${usdText(actual)} ${span}; nothing was usual yet`;
  let expected = 0;
  for (let at = end - count + 1; at <= end; at += 1) expected += baseline.expectedQuarterUsd(at);
  const startMs = (end - count + 1) * BUCKET_MS;
  const when =
    count * BUCKET_MS > HOUR_MS || baseline.habit === 'none'
      ? 'in such a time'
      : baseline.habit === 'week'
        ? `on a ${WEEKDAYS[new Date(startMs).getUTCDay()]} at this hour`
        : 'at this hour of the day';
  const known = `${Math.floor(baseline.days)} days of history`;
  return `${usdText(actual)} ${span}; ${usdText(expected)} is usual ${when} (${known})`;
}
