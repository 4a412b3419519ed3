/** A decimal of any size and precision: `units` times 10 to the power of minus `scale`. */
interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

/** Decimal text such as `-12.5`, `0.000000000001` or `1.2e-7`, as APIs write amounts; or a count. */
export type DecimalText = string | number | bigint;

function parse(text: DecimalText): Decimal {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(String(text).trim());
  if (!match) throw new RangeError(`not a decimal: ${text}`);
  const fraction = match[3] ?? '';
  const scale = fraction.length - Number(match[4] ?? 0);
  const digits = BigInt(`${match[2]}${fraction}`) * (match[1] ? -1n : 1n);
  return scale < 0 ? { units: digits * 10n ** BigInt(-scale), scale: 0 } : { units: digits, scale };
}

function toText({ units, scale }: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const fraction = scale === 0 ? '' : digits.slice(-scale).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}${fraction && `.${fraction}`}`;
}

function unitsAt({ units, scale }: Decimal, wanted: number): bigint {
  return units * 10n ** BigInt(wanted - scale);
}

/** The sum, exact. */
export function add(...terms: readonly DecimalText[]): string {
  const parsed = terms.map(parse);
  const scale = Math.max(0, ...parsed.map((term) => term.scale));
  return toText({ units: parsed.reduce((sum, term) => sum + unitsAt(term, scale), 0n), scale });
}

export function subtract(a: DecimalText, b: DecimalText): string {
  return add(a, negate(b));
}

function negate(text: DecimalText): string {
  const { units, scale } = parse(text);
  return toText({ units: -units, scale });
}

export function multiply(a: DecimalText, b: DecimalText): string {
  const [left, right] = [parse(a), parse(b)];
  return toText({ units: left.units * right.units, scale: left.scale + right.scale });
}

/** Negative, zero or positive, as sorting wants it. */
export function compare(a: DecimalText, b: DecimalText): number {
  const [left, right] = [parse(a), parse(b)];
  const scale = Math.max(left.scale, right.scale);
  const difference = unitsAt(left, scale) - unitsAt(right, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function isZero(text: DecimalText): boolean {
  return parse(text).units === 0n;
}

/** `a` divided by `b`, rounded half away from zero; undefined where `b` is zero. */
export function divide(a: DecimalText, b: DecimalText, fractionDigits: number): string | undefined {
  const [top, bottom] = [parse(a), parse(b)];
  if (bottom.units === 0n) return undefined;
  const scale = Math.max(top.scale, bottom.scale);
  // One digit more than wanted, doubled: enough to round by.
  const numerator = unitsAt(top, scale) * 10n ** BigInt(fractionDigits);
  return toText({ units: roundedQuotient(numerator, unitsAt(bottom, scale)), scale: fractionDigits });
}

function roundedQuotient(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n;
  const [top, bottom] = [numerator < 0n ? -numerator : numerator, denominator < 0n ? -denominator : denominator];
  const magnitude = (2n * top + bottom) / (2n * bottom);
  return negative ? -magnitude : magnitude;
}

/** Rounded half away from zero to exactly so many fraction digits: `round('1.005', 2)` is `1.01`, `round('2', 2)` is `2.00`. */
export function round(text: DecimalText, fractionDigits: number): string {
  const { units, scale } = parse(text);
  const rounded =
    scale > fractionDigits
      ? roundedQuotient(units, 10n ** BigInt(scale - fractionDigits))
      : unitsAt({ units, scale }, fractionDigits);
  const digits = (rounded < 0n ? -rounded : rounded).toString().padStart(fractionDigits + 1, '0');
  const split = digits.length - fractionDigits;
  const fraction = fractionDigits === 0 ? '' : `.${digits.slice(split)}`;
  return `${rounded < 0n ? '-' : ''}${digits.slice(0, split)}${fraction}`;
}

/** Rounded to so many digits that count: `significant('0.000123456', 3)` is `0.000123`. Whole digits are never dropped. */
export function significant(text: DecimalText, digits: number): string {
  const { units, scale } = parse(text);
  const length = (units < 0n ? -units : units).toString().length;
  const fractionDigits = Math.max(0, digits - (length - scale));
  return toText(parse(round(text, fractionDigits)));
}

/** Without trailing zeros or exponent, every digit kept. */
export function plain(text: DecimalText): string {
  return toText(parse(text));
}

/** With a thin comma every three digits: `1234567.5` is `1,234,567.5`. */
export function grouped(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const withCommas = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? withCommas : `${withCommas}.${fraction}`;
}
