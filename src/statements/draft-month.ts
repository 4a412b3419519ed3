import { formatUsd, type PicoUsd, parsePicoUsd } from '../kernel/money.ts';
import { type Cents, centsOf, formatCents, toCents } from './cents.ts';
import { type Correction, correctionsOf, type EarlierMonth } from './earlier-months.ts';
import type { MonthFigures } from './month-figures.ts';
import { isPrinted, type StatementAmount, type StatementContent } from './statement.ts';

/** What the statements of a month are made from. */
export interface MonthFacts {
  readonly figures: MonthFigures;
  /** Months of the same definition with statements, the earliest first. */
  readonly earlier: readonly EarlierMonth[];
  /** Statements of the month that were issued and count: they are made anew, whatever their total. */
  readonly former: ReadonlyMap<string, FormerMonth>;
  /** A total of less is carried. */
  readonly minimumUsd: string;
}

export interface FormerMonth {
  readonly netPicoUsd: PicoUsd;
  readonly cents: Cents;
}

/** All statements of a month. The months of the statements and of what is carried sum to the bill, exactly and in cents. */
export interface MonthDraft {
  readonly period: string;
  readonly bill: StatementAmount;
  /** By value, what has none at the end. */
  readonly statements: readonly StatementContent[];
  /** Too little for a statement: the next month's has it. */
  readonly carried: readonly StatementContent[];
}

/** Throws RangeError when the cents cannot be made to add up, which would be a bug. */
export function draftMonth({ figures, earlier, former, minimumUsd }: MonthFacts): MonthDraft {
  const corrections = earlier.map(correctionsOf);
  const values = [
    ...new Set([...figures.values.keys(), ...former.keys(), ...corrections.flatMap((month) => [...month.keys()])]),
  ].sort(unnamedLast);
  const billCents = toCents(figures.netPicoUsd);
  const months = monthCents(figures, former, values, billCents);
  const contents = values.map((value, index) =>
    contentOf(
      figures,
      value,
      months[index]!,
      corrections.flatMap((month) => month.get(value) ?? []),
    ),
  );
  const minimum = toCents(parsePicoUsd(minimumUsd));
  const isCarried = ({ value, cents, content }: CountedContent) => {
    const isLittle = cents < minimum && cents > -minimum && cents !== 0n;
    return !former.has(value) && (isLittle || !content.lines.some(isPrinted));
  };
  const isNothing = ({ content, value }: CountedContent) => content.lines.length === 0 && !former.has(value);
  const told = contents.filter((one) => !isNothing(one));
  return {
    period: figures.period,
    bill: amountOf(figures.netPicoUsd, billCents),
    statements: told.filter((one) => !isCarried(one)).map(({ content }) => content),
    carried: told.filter(isCarried).map(({ content }) => content),
  };
}

interface CountedContent {
  readonly value: string;
  /** Total. */
  readonly cents: Cents;
  readonly content: StatementContent;
}

/**
 * The cents of each value, in the order of values. Those of a former statement stay while its amount does; and nothing costs
 * no cent.
 */
function monthCents(
  { values: figures }: MonthFigures,
  former: ReadonlyMap<string, FormerMonth>,
  values: readonly string[],
  billCents: Cents,
): Cents[] {
  const now = (value: string) => figures.get(value)?.netPicoUsd ?? 0n;
  const costing = values.filter((value) => now(value) !== 0n);
  const keeps = (value: string) => former.get(value)?.netPicoUsd === now(value);
  const keptCents = costing.filter(keeps).reduce((sum, value) => sum + former.get(value)!.cents, 0n);
  const open = costing.filter((value) => !keeps(value));
  // Where no amount changed and the bill did, since what was below the minimum is gone, all are rounded anew.
  const isStuck = open.length === 0 && keptCents !== billCents;
  const rounded = isStuck ? costing : open;
  const cents = centsOf(rounded.map(now), isStuck ? billCents : billCents - keptCents);
  const byValue = new Map(rounded.map((value, index) => [value, cents[index]!]));
  return values.map((value) => byValue.get(value) ?? (now(value) === 0n ? 0n : former.get(value)!.cents));
}

function contentOf(
  { period, values }: MonthFigures,
  value: string,
  monthAmount: Cents,
  corrections: readonly Correction[],
): CountedContent {
  const { netPicoUsd, lines } = values.get(value) ?? { netPicoUsd: 0n, lines: [] };
  const cents = centsOf(
    lines.map((line) => line.netPicoUsd),
    monthAmount,
  );
  const correctedPicoUsd = corrections.reduce((sum, one) => sum + one.netPicoUsd, 0n);
  const correctedCents = corrections.reduce((sum, one) => sum + one.cents, 0n);
  return {
    value,
    cents: monthAmount + correctedCents,
    content: {
      period,
      value,
      lines: [
        ...lines.map(({ line }, index) => ({ ...line, amount: formatCents(cents[index]!) })),
        ...corrections.map(({ line }) => line),
      ],
      month: amountOf(netPicoUsd, monthAmount),
      corrections: amountOf(correctedPicoUsd, correctedCents),
      total: amountOf(netPicoUsd + correctedPicoUsd, monthAmount + correctedCents),
    },
  };
}

function amountOf(picoUsd: PicoUsd, cents: Cents): StatementAmount {
  return { usd: formatUsd(picoUsd), amount: formatCents(cents) };
}

function unnamedLast(a: string, b: string): number {
  if (a === '' || b === '') return a === '' ? 1 : -1;
  return a < b ? -1 : 1;
}
