/** Milliseconds since the Unix epoch, UTC. The clock is always passed in, so that tests own time. */
export type Clock = () => number;

/** Port: resolves after the delay, or as soon as `until` aborts. */
export type Wait = (delayMs: number, until: AbortSignal) => Promise<void>;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Line items are kept in buckets of 15 minutes UTC: the finest grain at which every time zone's hour begins. */
export const BUCKET_MS = 15 * MINUTE_MS;

export function bucketStartMs(atMs: number): number {
  return Math.floor(atMs / BUCKET_MS) * BUCKET_MS;
}

/** The first boundary of buckets that is not before the instant. */
export function bucketEndMs(atMs: number): number {
  return Math.ceil(atMs / BUCKET_MS) * BUCKET_MS;
}

/** Billing period of an instant as AWS names it: `2026-05`, UTC. */
export function billingPeriodOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 7);
}

/** First instant of a billing period `2026-05`. */
export function billingPeriodStartMs(period: string): number {
  return Date.parse(`${period}-01T00:00:00.000Z`);
}

/** First instant after a billing period. */
export function billingPeriodEndMs(period: string): number {
  const start = new Date(billingPeriodStartMs(period));
  return Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1);
}

/** The billing period after one. */
export function nextBillingPeriod(period: string): string {
  return billingPeriodOf(billingPeriodEndMs(period));
}

/** `2026-05-01T12:00:00Z`: ISO 8601 to the second, the form of AWS's XML and billing APIs. */
export function isoSeconds(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
