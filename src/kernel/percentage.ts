/** A percentage in ten-thousandths of a percent: `9.5` is 95,000. Exact, unlike a double. */
export type Percentage = bigint;

const HUNDRED_PERCENT = 1_000_000n;

/** Reads a decimal from 0 to 100 with at most four fraction digits; undefined for any other text. */
export function readPercentage(text: string): Percentage | undefined {
  const [, whole, fraction = ''] = /^(\d{1,3})(?:\.(\d{1,4}))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const percentage = BigInt(`${whole}${fraction.padEnd(4, '0')}`);
  return percentage > HUNDRED_PERCENT ? undefined : percentage;
}

/** That part of a whole amount, rounded half up. The amount must not be negative. */
export function percentageOf(amount: bigint, percentage: Percentage): bigint {
  return (amount * percentage + HUNDRED_PERCENT / 2n) / HUNDRED_PERCENT;
}
