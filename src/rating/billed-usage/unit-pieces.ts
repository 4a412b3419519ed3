import { countsTokens, METERS, type Meter, meterUnit } from '../meter.ts';
import { MARKETPLACE_UNIT, PRICING_UNIT_TOKENS } from '../pricing-unit.ts';

/** How many pieces of the meter, tokens or others, one unit of a bill's quantity stands for. */
export interface UnitPieces {
  readonly pieces: bigint;
  /** False where the unit's name is not known: then the unit that bills usually have for the meter is taken. */
  readonly isKnown: boolean;
}

const SCALES: Readonly<Record<string, bigint>> = {
  '1k': 1_000n,
  '1m': 1_000_000n,
  thousand: 1_000n,
  million: 1_000_000n,
};

/** Units of one piece, beside those that the meters name, in the form of `unitKey`. */
const ALSO_SEEN = ['hour', 'hr', 'image', 'search unit', 'text unit', 'query', 'page', 'unit', 'request', 'month'];

/** Names of units, in the form of `unitKey`, by pieces. */
const PIECES_OF: ReadonlyMap<string, bigint> = new Map([
  ...ALSO_SEEN.map((name) => [name, 1n] as const),
  ...METERS.flatMap((meter) => [meterUnit(meter).priced, meterUnit(meter).billed]).map(
    ({ name, pieces }) => [unitKey(name), pieces] as const,
  ),
  ...Object.entries(PRICING_UNIT_TOKENS)
    .filter(([name]) => name !== MARKETPLACE_UNIT)
    .map(([name, pieces]) => [unitKey(name), pieces] as const),
]);

/**
 * `pricingUnit` as bills write it: `1K tokens`, `Units`, FOCUS's `1000 Tokens`. AWS Marketplace's `Units` are what the third
 * field of the description says. Where the unit is missing, tokens are counted as the description quotes them, `per 1K tokens`;
 * of anything else it quotes another amount than bills count in.
 */
export function unitPieces(meter: Meter, pricingUnit: string, description: string): UnitPieces {
  const isMarketplace = /^units?$/i.test(pricingUnit) || (pricingUnit === '' && description.includes('|'));
  if (isMarketplace) return { pieces: marketplacePieces(meter, description), isKnown: true };
  const usual = meterUnit(meter).billed.pieces;
  if (pricingUnit === '' && !countsTokens(meter)) return { pieces: usual, isKnown: true };
  const pieces = piecesOf(pricingUnit || (/ per (.+?) for /.exec(description)?.[1] ?? ''));
  return { pieces: pieces ?? usual, isKnown: pieces !== undefined };
}

/** `Million Input Tokens`, `Input Tokens - Standard`: tokens are sold by the million, everything else by the piece. */
function marketplacePieces(meter: Meter, description: string): bigint {
  const words = description.split('|')[2] ?? '';
  const scale = /^(million|thousand|1k|1m)\b/i.exec(words)?.[1];
  return (scale && SCALES[scale.toLowerCase()]) || (countsTokens(meter) ? 1_000_000n : 1n);
}

/** FOCUS's form of units: `1000 Tokens`, `Images`. */
const COUNTED =
  /^(?:(\d{1,9}) )?[a-z ]*(?:token|image|quer|unit|hour|page|second|minute|invocation|request|event|record|retrieval|tool|call)[a-z]*$/i;

function piecesOf(name: string): bigint | undefined {
  const known = PIECES_OF.get(unitKey(name));
  if (known !== undefined) return known;
  const match = COUNTED.exec(name.replace(/^1K /i, '1000 ').replace(/^1M /i, '1000000 '));
  return match ? BigInt(match[1] ?? '1') : undefined;
}

function unitKey(name: string): string {
  return name.toLowerCase().replace(/s$/, '');
}
