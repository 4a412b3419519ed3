import { formatUsd, parsePicoUsd } from '../kernel/money.ts';

/**
 * Amounts of budgets, costs and quantities alike, are counted in 1e-12 of their unit. Undefined for text that is not
 * AWS's form (`10`, `10.5`, `.5`), has more than twelve fraction digits that matter, or is larger than any bill.
 */
export function parseAmount(text: string): bigint | undefined {
  if (!/^([0-9]*\.)?[0-9]+$/.test(text) || text.length > 40) return undefined;
  try {
    const amount = parsePicoUsd(text.startsWith('.') ? `0${text}` : text);
    return amount < 10n ** 30n ? amount : undefined;
  } catch {
    return undefined;
  }
}

/** With a fraction digit at least, as AWS writes amounts: `10.0`, `3.909`. */
export function amountText(amount: bigint): string {
  const text = formatUsd(amount);
  return text.includes('.') ? text : `${text}.0`;
}

const FRACTION_DIGITS = 12;

/** A threshold as people write it, to twelve fraction digits: 80.1 is 80.1 and not the double beside it. */
export function amountOfNumber(value: number): bigint {
  const shortest = String(value);
  const isExact = /^\d+(\.\d{1,12})?$/.test(shortest);
  return parsePicoUsd(isExact ? shortest : value.toFixed(FRACTION_DIGITS));
}
