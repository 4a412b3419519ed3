import { type CurrencyDisplay, compactMoney, money } from '../../format/amounts.ts';

/** From here on thousands are written as such. */
const LONG = 10_000;

/** An amount at a bar: in cents as long as that is short. */
export function shortMoney(value: number, currency: CurrencyDisplay): string {
  return Math.abs(value) < LONG ? money(value.toFixed(6), currency) : compactMoney(String(value), currency);
}
