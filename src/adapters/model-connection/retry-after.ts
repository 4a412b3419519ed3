import type { ReplyHeaders } from './reply.ts';

/** Longer wishes are not believed. */
const LONGEST_MS = 24 * 3_600_000;

/**
 * How long an upstream asks to be left alone: `retry-after-ms` (OpenAI, Azure), or `retry-after` in seconds or as a date
 * (RFC 9110, 10.2.3). Undefined when it does not say, or nothing that makes sense.
 */
export function retryAfterMs(headers: ReplyHeaders, nowMs: number): number | undefined {
  const { 'retry-after-ms': inMs, 'retry-after': inSeconds } = headers;
  const waits = [textMs(inMs, 1), textMs(inSeconds, 1_000), dateMs(inSeconds, nowMs)];
  return waits.find((waitMs) => waitMs !== undefined && waitMs >= 0 && waitMs <= LONGEST_MS);
}

function textMs(value: ReplyHeaders[string], unitMs: number): number | undefined {
  return typeof value === 'string' && /^\d{1,9}([.]\d{1,9})?$/.test(value)
    ? Math.ceil(Number(value) * unitMs)
    : undefined;
}

function dateMs(value: ReplyHeaders[string], nowMs: number): number | undefined {
  const atMs = typeof value === 'string' && /GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
