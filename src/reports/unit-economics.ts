import { type PicoUsd, roundedQuotient } from '../kernel/money.ts';
import type { TimeRange } from './time-bucket.ts';

/** Cost of one period of a metric and one value of its key. */
export interface PeriodCost {
  readonly startMs: number;
  readonly key: string;
  readonly costPicoUsd: PicoUsd;
}

/** What was counted in a period, in 1e-12 of the unit. */
export interface PeriodUnits {
  readonly startMs: number;
  readonly key: string;
  readonly picoUnits: bigint;
}

/**
 * What one unit cost in a bucket: of those periods alone of which both are known. A period without a value is missing, never zero; a
 * period with a value and no usage cost nothing.
 */
export interface UnitCost {
  readonly startMs: number;
  readonly endMs: number;
  readonly key: string;
  /** Of the whole bucket. */
  readonly costPicoUsd: PicoUsd;
  /** Of the periods with a value: what the quotient is made of. */
  readonly coveredPicoUsd: PicoUsd;
  /** Absent: no period has a value. */
  readonly picoUnits?: bigint;
  /** Periods of the bucket, and how many have a value. */
  readonly periods: number;
  readonly coveredPeriods: number;
}

export const ALL_KEYS = '\u0000all';

/**
 * One row for each bucket and key in which there is cost or a value, and with `ALL_KEYS` one for the keys together, whose quotient is
 * over what is covered of each. `periodsOf` says which periods of the metric lie in a bucket.
 */
export function unitCosts(
  buckets: readonly TimeRange[],
  periodsOf: (bucket: TimeRange) => readonly number[],
  costs: readonly PeriodCost[],
  units: readonly PeriodUnits[],
): UnitCost[] {
  const costBy = new Map(costs.map((one) => [idOf(one.startMs, one.key), one.costPicoUsd]));
  const unitsBy = new Map(units.map((one) => [idOf(one.startMs, one.key), one.picoUnits]));
  const keys = [...new Set([...costs, ...units].map(({ key }) => key))].sort();
  return buckets.flatMap((bucket) => {
    const periods = periodsOf(bucket);
    const rows = keys.flatMap((key): UnitCost[] => {
      let costPicoUsd = 0n;
      let coveredPicoUsd = 0n;
      let picoUnits = 0n;
      let coveredPeriods = 0;
      let isThere = false;
      for (const startMs of periods) {
        const cost = costBy.get(idOf(startMs, key));
        const counted = unitsBy.get(idOf(startMs, key));
        isThere ||= cost !== undefined || counted !== undefined;
        costPicoUsd += cost ?? 0n;
        if (counted === undefined) continue;
        coveredPicoUsd += cost ?? 0n;
        picoUnits += counted;
        coveredPeriods += 1;
      }
      const count = { periods: periods.length, coveredPeriods };
      if (!isThere) return [];
      return [{ ...bucket, key, costPicoUsd, coveredPicoUsd, ...count, ...(coveredPeriods > 0 && { picoUnits }) }];
    });
    return [...rows, together(bucket, periods.length, rows)];
  });
}

function together(bucket: TimeRange, periods: number, rows: readonly UnitCost[]): UnitCost {
  const sum = (of: (row: UnitCost) => bigint) => rows.reduce((total, row) => total + of(row), 0n);
  const known = rows.filter(({ picoUnits }) => picoUnits !== undefined);
  return {
    ...bucket,
    key: ALL_KEYS,
    costPicoUsd: sum(({ costPicoUsd }) => costPicoUsd),
    coveredPicoUsd: sum(({ coveredPicoUsd }) => coveredPicoUsd),
    ...(known.length > 0 && { picoUnits: sum(({ picoUnits = 0n }) => picoUnits) }),
    periods,
    coveredPeriods: Math.max(0, ...rows.map(({ coveredPeriods }) => coveredPeriods)),
  };
}

const PICO = 10n ** 12n;

/** Pico-USD of one unit, rounded half away from zero; undefined without units. */
export function perUnit({
  coveredPicoUsd,
  picoUnits = 0n,
}: Pick<UnitCost, 'coveredPicoUsd' | 'picoUnits'>): bigint | undefined {
  return picoUnits > 0n ? roundedQuotient(coveredPicoUsd * PICO, picoUnits) : undefined;
}

/** What one more unit cost from one bucket to the next; undefined where the count stayed. */
export function marginal(before: UnitCost, after: UnitCost): bigint | undefined {
  if (before.picoUnits === undefined || after.picoUnits === undefined) return undefined;
  const more = after.picoUnits - before.picoUnits;
  if (more === 0n) return undefined;
  const sign = more < 0n ? -1n : 1n;
  return roundedQuotient(sign * (after.coveredPicoUsd - before.coveredPicoUsd) * PICO, sign * more);
}

/** Why one unit costs another amount than before; the two parts sum to the change exactly. */
export interface UnitCostChange {
  readonly beforePicoUsd: bigint;
  readonly afterPicoUsd: bigint;
  /** Because more or less was spent. */
  readonly byCostPicoUsd: bigint;
  /** Because more or fewer units shared it. */
  readonly byUnitsPicoUsd: bigint;
}

/**
 * Shapley's split of the change of cost over units: each cause counts by the mean of what it does first and what it does last, so
 * that the order does not matter. Undefined where either side has no units.
 */
export function unitCostChange(before: UnitCost, after: UnitCost): UnitCostChange | undefined {
  const [from, to] = [perUnit(before), perUnit(after)];
  if (from === undefined || to === undefined) return undefined;
  const [unitsBefore, unitsAfter] = [before.picoUnits!, after.picoUnits!];
  const more = (after.coveredPicoUsd - before.coveredPicoUsd) * PICO;
  // more / 2 over each of the two counts.
  const byCostPicoUsd = roundedQuotient(more * (unitsBefore + unitsAfter), 2n * unitsBefore * unitsAfter);
  return { beforePicoUsd: from, afterPicoUsd: to, byCostPicoUsd, byUnitsPicoUsd: to - from - byCostPicoUsd };
}

function idOf(startMs: number, key: string): string {
  return `${startMs}\n${key}`;
}
