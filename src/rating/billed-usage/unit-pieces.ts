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
 * field of the description says; where the unit is missing, the description's `per 1K tokens`.
 */
export function unitPieces(meter: Meter, pricingUnit: string, description: string): UnitPieces {
  if (/^units?$/i.test(pricingUnit)) return { pieces: marketplacePieces(meter, description), isKnown: true };
  const name = pricingUnit || (/ per (.+?) for /.exec(description)?.[1] ?? '');
  const pieces = PIECES_OF.get(unitKey(name)) ?? counted(name);
  if (pieces !== undefined) return { pieces, isKnown: true };
  return { pieces: meterUnit(meter).billed.pieces, isKnown: false };
}

/** `Million Input Tokens`, `Input Tokens - Standard`: tokens are sold by the million, everything else by the piece. */
function marketplacePieces(meter: Meter, description: string): bigint {
  const words = description.split('|')[2] ?? '';
  const scale = /^(million|thousand|1k|1m)\b/i.exec(words)?.[1];
  return (scale && SCALES[scale.toLowerCase()]) || (countsTokens(meter) ? 1_000_000n : 1n);
}

/** FOCUS's form of units: `1000 Tokens`, `Images`. */
const COUNTED = /^(?:(\d{1,9}) )?[a-z ]*(?:token|image|quer|unit|hour|page|invocation|request|event)[a-z]*$/i;

function counted(name: string): bigint | undefined {
  const match = COUNTED.exec(name);
  return match ? BigInt(match[1] ?? '1') : undefined;
}

function unitKey(name: string): string {
  return name.toLowerCase().replace(/s$/, '');
}
