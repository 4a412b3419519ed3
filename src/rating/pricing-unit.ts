import { countsTokens, METERS, type Meter, meterUnit } from './meter.ts';

/** In what AWS Marketplace counts: millions of tokens, or single pieces of anything else. */
export const MARKETPLACE_UNIT = 'Units';

const TOKEN_UNITS: readonly (readonly [name: string, pieces: bigint])[] = [
  ['1K tokens', 1_000n],
  ['1M tokens', 1_000_000n],
  [MARKETPLACE_UNIT, 1_000_000n],
];

/** Tokens that one unit of a quantity stands for, by the name that bills give the unit. */
export const PRICING_UNIT_TOKENS: Readonly<Record<string, bigint>> = Object.fromEntries(TOKEN_UNITS);

/** Name of one piece in FOCUS, by the name that bills give a unit of one piece. */
export const PRICING_UNIT_PIECES: Readonly<Record<string, string>> = Object.fromEntries(
  METERS.filter((meter) => !countsTokens(meter) && meterUnit(meter).billed.pieces === 1n).map((meter) => [
    meterUnit(meter).billed.name,
    meterUnit(meter).focus,
  ]),
);

/** The unit in which bills count what a meter of a model has measured. */
export function pricingUnitOf(meter: Meter, isMarketplace: boolean): string {
  return isMarketplace ? MARKETPLACE_UNIT : meterUnit(meter).billed.name;
}
