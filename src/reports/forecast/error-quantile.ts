/** Quantiles of few errors are widened: twice for three independent ones. Chosen by the back-test in `bench/forecast.ts`. */
const WIDENING = 3;

/**
 * The quantile of errors, in ascending order, that were measured over windows of so many days, one begun every day. Few of them say little about the
 * tails: the place is chosen as if one more error were known, and the quantile is widened by how few are independent.
 */
export function errorQuantile(sorted: readonly number[], share: number, days: number): number {
  if (sorted.length === 0) return 0;
  const last = sorted.length - 1;
  const place = Math.min(Math.max(share * (sorted.length + 1) - 1, 0), last);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  const quantile = below + (place - Math.floor(place)) * (above - below);
  return quantile * (1 + WIDENING / Math.max(1, sorted.length / days));
}
