import { formatUsd, magnitude, parsePicoUsd } from '../kernel/money.ts';
import { formatCents, parseCents } from './cents.ts';
import { lineKey, type Statement, type StatementLine } from './statement.ts';

/** A line that differs between two versions. */
export interface LineDifference {
  /** As it is now; as it was where it is gone. */
  readonly line: StatementLine;
  /** Cents; `0.00` where the version did not have the line. */
  readonly before: string;
  readonly now: string;
  readonly change: string;
  /** Exact. */
  readonly changeUsd: string;
}

/** Lines of `now` whose amount is not what it was `before`, the greatest change first. */
export function statementDifference(before: Statement, now: Statement): LineDifference[] {
  const formerLines = new Map(before.lines.map((line) => [lineKey(line), line]));
  const lines = new Map(now.lines.map((line) => [lineKey(line), line]));
  return [...new Set([...lines.keys(), ...formerLines.keys()])]
    .flatMap((key) => differenceOf(formerLines.get(key), lines.get(key)))
    .sort((a, b) => (sizeOf(b) > sizeOf(a) ? 1 : sizeOf(b) < sizeOf(a) ? -1 : 0));
}

function differenceOf(before: StatementLine | undefined, now: StatementLine | undefined): LineDifference[] {
  const picoUsd = parsePicoUsd(now?.netUsd ?? '0') - parsePicoUsd(before?.netUsd ?? '0');
  const cents = parseCents(now?.amount ?? '0.00') - parseCents(before?.amount ?? '0.00');
  if (picoUsd === 0n && cents === 0n) return [];
  return [
    {
      line: (now ?? before)!,
      before: before?.amount ?? '0.00',
      now: now?.amount ?? '0.00',
      change: formatCents(cents),
      changeUsd: formatUsd(picoUsd),
    },
  ];
}

function sizeOf({ changeUsd }: LineDifference): bigint {
  return magnitude(parsePicoUsd(changeUsd));
}
