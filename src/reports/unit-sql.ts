import { countsTokens, METERS, type Meter } from '../rating/meter.ts';
import { MARKETPLACE_UNIT, PRICING_UNIT_TOKENS } from '../rating/pricing-unit.ts';

/** The empty one is of charges that are no usage, and of imported usage that could not be read. */
const OTHERS = ['', ...METERS.filter((meter) => !countsTokens(meter))].map((meter) => `'${meter}'`);

/** Classes of tokens, to which meter each belongs. Together they are all meters that count tokens. */
const TOKEN_CLASSES = {
  input: ['input', 'input_audio', 'input_image_token', 'input_video_token'],
  output: ['output', 'output_audio', 'output_image_token'],
  cacheRead: ['cache_read'],
  cacheWrite: ['cache_write_5m', 'cache_write_1h', 'cache_write_30m'],
} as const satisfies Readonly<Record<string, readonly Meter[]>>;

/** 1 on lines of `line_item` that count tokens of a class, else 0. */
export function countsTokensOf(tokenClass: keyof typeof TOKEN_CLASSES): string {
  return `(meter IN (${TOKEN_CLASSES[tokenClass].map((meter) => `'${meter}'`).join(', ')}))`;
}

/** 1 on lines of `line_item` that count tokens, else 0. */
export const COUNTS_TOKENS = `(meter NOT IN (${OTHERS.join(', ')}))`;

const UNITS = Object.entries(PRICING_UNIT_TOKENS);

/**
 * What `factor` makes of the tokens in one unit, by pricing unit; `other` for units of one piece. AWS Marketplace calls both
 * kinds by one name, so that there the usage type decides.
 */
export function byPricingUnit(factor: (tokens: bigint) => bigint, other: bigint): string {
  const names = UNITS.map(([name]) => `'${name}'`).join(', ');
  const factors = UNITS.map(([, tokens]) => factor(tokens)).join(', ');
  const isPiece = `pricing_unit = '${MARKETPLACE_UNIT}' AND positionCaseInsensitive(usage_type, 'token') = 0`;
  return `if(${isPiece}, ${other}, transform(pricing_unit, [${names}], [${factors}], ${other}))`;
}
