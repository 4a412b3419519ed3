import { magnitude, type PicoUsd, roundedQuotient } from '../kernel/money.ts';

/** Whole cents of a dollar, as statements print them. */
export type Cents = bigint;

export const PICO_PER_CENT = 10n ** 10n;

/** Rounded half away from zero. */
export function toCents(amount: PicoUsd): Cents {
  return roundedQuotient(amount, PICO_PER_CENT);
}

/** `12.34`, `-0.05`. */
export function formatCents(cents: Cents): string {
  const digits = magnitude(cents).toString().padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Reads what `formatCents` writes. */
export function parseCents(text: string): Cents {
  return BigInt(text.replace('.', ''));
}

/**
 * The amounts in cents that sum to `total` (largest remainder): each is rounded down, and the cents that are missing go to
 * those that lost most, of equal ones to the first. As long as the total is the rounded sum of the amounts, no amount is a cent
 * off. Throws RangeError for cents that nothing can take.
 */
export function centsOf(amounts: readonly PicoUsd[], total: Cents): Cents[] {
  const floors = amounts.map((amount) => floorOf(amount, PICO_PER_CENT));
  const missing = total - floors.reduce((sum, cents) => sum + cents, 0n);
  if (amounts.length === 0) {
    if (missing !== 0n) throw new RangeError(`${missing} cents and no amount`);
    return [];
  }
  const count = BigInt(amounts.length);
  const forEach = floorOf(missing, count);
  const further = Number(missing - forEach * count);
  const byLoss = amounts
    .map((amount, index) => ({ index, loss: amount - floors[index]! * PICO_PER_CENT }))
    .sort((a, b) => (a.loss === b.loss ? a.index - b.index : a.loss > b.loss ? -1 : 1));
  const cents = floors.map((floor) => floor + forEach);
  for (const { index } of byLoss.slice(0, further)) cents[index]! += 1n;
  return cents;
}

/** Rounded towards negative infinity; the divisor is positive. */
function floorOf(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}
