import {
  compare,
  type DecimalText,
  divide,
  grouped,
  isZero,
  multiply,
  plain,
  round,
  significant,
  subtract,
} from './decimal.ts';

/** How money is shown. Amounts are kept in US dollars; another currency is a display at a rate that the reader chose. */
export interface CurrencyDisplay {
  /** ISO 4217, or whatever the reader calls it. */
  readonly code: string;
  /** Units of the currency for one US dollar, decimal text. */
  readonly rate: string;
  /** `cents`: two digits, more where the amount is smaller than a cent. `exact`: every digit. */
  readonly precision: 'cents' | 'exact';
}

export const US_DOLLARS: CurrencyDisplay = { code: 'USD', rate: '1', precision: 'cents' };

const SIGNS: Readonly<Record<string, string>> = { USD: '$', EUR: '€', GBP: '£', JPY: '¥', INR: '₹', CHF: 'CHF ' };

function signOf(code: string): string {
  return SIGNS[code] ?? `${code} `;
}

/** `$1,234.57`; `$0.00042` rather than `$0.00`, because nothing and next to nothing differ. */
export function money(usd: DecimalText, display: CurrencyDisplay = US_DOLLARS): string {
  const amount = display.rate === '1' ? plain(usd) : multiply(usd, display.rate);
  const negative = amount.startsWith('-');
  const magnitude = negative ? amount.slice(1) : amount;
  return `${negative ? '−' : ''}${signOf(display.code)}${grouped(digitsOf(magnitude, display.precision))}`;
}

function digitsOf(magnitude: string, precision: CurrencyDisplay['precision']): string {
  if (precision === 'exact') return plain(magnitude);
  const tiny = !isZero(magnitude) && compare(magnitude, '0.01') < 0;
  return tiny ? significant(magnitude, 2) : round(magnitude, 2);
}

const STEPS = [
  ['1000000000000', 'T'],
  ['1000000000', 'B'],
  ['1000000', 'M'],
  ['1000', 'K'],
] as const;

/** `1.24 M`: three digits that count, for axes and tight places. */
export function compact(value: DecimalText): string {
  const text = plain(value);
  const negative = text.startsWith('-');
  const magnitude = negative ? text.slice(1) : text;
  const step = STEPS.find(([size]) => compare(magnitude, size) >= 0);
  const shown = step ? `${significant(divide(magnitude, step[0], 6)!, 3)}${step[1]}` : significant(magnitude, 3);
  return `${negative ? '−' : ''}${shown}`;
}

export function compactMoney(usd: DecimalText, display: CurrencyDisplay = US_DOLLARS): string {
  const text = compact(display.rate === '1' ? usd : multiply(usd, display.rate));
  return text.startsWith('−') ? `−${signOf(display.code)}${text.slice(1)}` : `${signOf(display.code)}${text}`;
}

/** A whole count with separators; fractions, which units of bills have, are kept. */
export function count(value: DecimalText): string {
  return grouped(plain(value)).replace('-', '−');
}

/** `12.3 %` of a ratio such as 0.123; undefined of an undefined one: nothing divided by nothing has no share. */
export function percent(part: DecimalText, whole: DecimalText, fractionDigits = 1): string | undefined {
  const ratio = divide(multiply(part, 100), whole, fractionDigits);
  if (ratio === undefined) return undefined;
  // Little is not nothing.
  if (isZero(ratio) && compare(part, '0') > 0) return `<${round(`1e-${fractionDigits}`, fractionDigits)} %`;
  return `${grouped(round(ratio, fractionDigits)).replace('-', '−')} %`;
}

/** What a figure did since an earlier one. No `percent` where there was nothing before: a rise from zero has none. */
export interface Change {
  readonly direction: 'up' | 'down' | 'same';
  /** Decimal text, signed. */
  readonly difference: string;
  /** `+12.3 %`. */
  readonly percent?: string;
}

export function change(now: DecimalText, before: DecimalText): Change {
  const difference = subtract(now, before);
  const sign = compare(difference, 0);
  const ratio = percent(difference, before);
  return {
    direction: sign > 0 ? 'up' : sign < 0 ? 'down' : 'same',
    difference,
    ...(ratio !== undefined && { percent: sign > 0 ? `+${ratio}` : ratio }),
  };
}
