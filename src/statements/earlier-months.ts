import { formatUsd, formatUsdRounded, type PicoUsd } from '../kernel/money.ts';
import { type Cents, centsOf, formatCents, PICO_PER_CENT, toCents } from './cents.ts';
import type { MonthFigures } from './month-figures.ts';
import type { StatementLine } from './statement.ts';

/** What all statements together have said of one value and month, corrections of later statements included. */
export interface Said {
  /** Of the statement of the month itself; absent where none was issued. */
  readonly number?: string;
  readonly netPicoUsd: PicoUsd;
  readonly cents: Cents;
}

/** A month before the one that is stated: what the book says now, and what was said. */
export interface EarlierMonth {
  readonly figures: MonthFigures;
  readonly said: ReadonlyMap<string, Said>;
}

export interface Correction {
  readonly line: StatementLine;
  readonly netPicoUsd: PicoUsd;
  readonly cents: Cents;
}

/**
 * The line by which each value's statement makes up for one earlier month. With it, what was said of the month sums to what
 * the book says now, exactly and in cents. A value of which nothing changed has none.
 */
export function correctionsOf({ figures, said }: EarlierMonth): Map<string, Correction> {
  const values = [...new Set([...said.keys(), ...figures.values.keys()])].sort();
  const states = values.map((value) => {
    const { number, netPicoUsd, cents } = said.get(value) ?? { netPicoUsd: 0n, cents: 0n };
    return { value, number, cents, said: netPicoUsd, now: figures.values.get(value)?.netPicoUsd ?? 0n };
  });
  const left = toCents(figures.netPicoUsd) - states.reduce((sum, { cents }) => sum + cents, 0n);
  const changed = states.filter(({ now, said: before }) => now !== before);
  const corrected = changed.length > 0 || left === 0n ? changed : states;
  const cents = centsOf(
    corrected.map(({ now, cents: before }) => now - before * PICO_PER_CENT),
    left,
  );
  return new Map(
    corrected.map((state, index) => {
      const netPicoUsd = state.now - state.said;
      const line: StatementLine = {
        kind: 'earlier',
        text: wordsOf(figures.period, state),
        period: figures.period,
        ...(state.number !== undefined && { reference: state.number }),
        netUsd: formatUsd(netPicoUsd),
        amount: formatCents(cents[index]!),
      };
      return [state.value, { line, netPicoUsd, cents: cents[index]! }];
    }),
  );
}

function wordsOf(
  period: string,
  { number, now, said }: { readonly number: string | undefined; readonly now: PicoUsd; readonly said: PicoUsd },
): string {
  // Finer than cents, so that the difference can be followed.
  const usd = (amount: PicoUsd) => `${formatUsdRounded(amount, 4)} USD`;
  if (number === undefined && said === 0n) return `${period}, carried forward: no statement of it was issued`;
  return `${period}: the book says ${usd(now)} now, ${usd(said)} was stated`;
}
