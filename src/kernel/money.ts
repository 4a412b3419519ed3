/** An amount of money: an integer count of 1e-12 USD. Never a float; see docs/ARCHITECTURE.md. */
export type PicoUsd = bigint;

const PICO_DIGITS = 12;
const PICO_PER_USD = 10n ** 12n;

/**
 * Reads a decimal such as `3.3` or `-0.000000000001`.
 * Throws a RangeError for anything else and for more than twelve fraction digits, so that nothing is rounded in silence.
 */
export function parsePicoUsd(decimal: string): PicoUsd {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal);
  const fraction = match?.[3] ?? '';
  if (!match || fraction.replace(/0+$/, '').length > PICO_DIGITS)
    throw new RangeError(`not an exact amount: ${decimal}`);
  const pico = BigInt(match[2]!) * PICO_PER_USD + BigInt(fraction.slice(0, PICO_DIGITS).padEnd(PICO_DIGITS, '0'));
  return match[1] ? -pico : pico;
}

/** Full precision without trailing zeros: `0.0693`, `0`, `-12.5`. */
export function formatUsd(amount: PicoUsd): string {
  const digits = magnitude(amount)
    .toString()
    .padStart(PICO_DIGITS + 1, '0');
  const fraction = digits.slice(-PICO_DIGITS).replace(/0+$/, '');
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -PICO_DIGITS)}${fraction && `.${fraction}`}`;
}

/** Rounded half away from zero to a fixed number of fraction digits, for people: `formatUsdRounded(69300000000n, 4)` is `0.0693`. */
export function formatUsdRounded(amount: PicoUsd, fractionDigits: number): string {
  const step = 10n ** BigInt(PICO_DIGITS - fractionDigits);
  const steps = (magnitude(amount) + step / 2n) / step;
  const digits = steps.toString().padStart(fractionDigits + 1, '0');
  const whole = fractionDigits === 0 ? digits : `${digits.slice(0, -fractionDigits)}.${digits.slice(-fractionDigits)}`;
  return amount < 0n && steps > 0n ? `-${whole}` : whole;
}

/** How much it is, whichever way it goes. */
export function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}

/** Of a positive divisor, rounded half away from zero. */
export function roundedQuotient(dividend: bigint, divisor: bigint): bigint {
  const rounded = (magnitude(dividend) * 2n + divisor) / (divisor * 2n);
  return dividend < 0n ? -rounded : rounded;
}

/**
 * An amount in parts that are in proportion to the weights and sum to it exactly: what rounding down leaves over goes, unit by
 * unit, to the parts that lost most, and of equal ones to the first. Undefined when all weights are zero.
 */
export function shareOut(amount: PicoUsd, weights: readonly bigint[]): PicoUsd[] | undefined {
  const sum = weights.reduce((before, weight) => before + weight, 0n);
  if (sum === 0n) return undefined;
  const sign = amount < 0n ? -1n : 1n;
  const whole = amount * sign;
  const parts = weights.map((weight) => (whole * weight) / sum);
  const leftOver = whole - parts.reduce((before, part) => before + part, 0n);
  const byLoss = weights
    .map((weight, index) => ({ index, loss: (whole * weight) % sum }))
    .sort((a, b) => (a.loss === b.loss ? a.index - b.index : a.loss > b.loss ? -1 : 1));
  for (const { index } of byLoss.slice(0, Number(leftOver))) parts[index]! += 1n;
  return parts.map((part) => part * sign);
}
