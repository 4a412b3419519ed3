import { SECOND_MS } from '../kernel/time.ts';
import type { CompiledQuery } from '../reports/cost-store.ts';
import {
  BILL_SCOPE,
  comparisonParameters,
  INSERT_NAMES,
  LEDGER_SCOPE,
  LINES_BY_HOUR,
} from './compare-sql/book-rows.ts';
import { insertByEvidence } from './compare-sql/evidence-step.ts';
import { INSERT_CHARGES, insertExact } from './compare-sql/exact-step.ts';
import { INSERT_MATCHED, insertLeft } from './compare-sql/last-step.ts';
import { FIRST_LOOSER_STAGE, looserStatements } from './compare-sql/looser-steps.ts';
import type { Comparison } from './comparison.ts';
import { RESULT_TABLE, WORK_TABLE } from './reconciliation-schema.ts';
import type { Stretch, Stretches } from './stretches.ts';

/**
 * The comparison as statements for the store: exact > caches and estimates > tags > time > identity > terms > rest. Every step
 * gives its code to what it pairs and leaves the rest to the next, so that whatever is on either side ends up under exactly one
 * code. The first two and the matched rows are read stretch by stretch: what they hold in memory grows neither with the length of the
 * month nor with what was used in it.
 */
export interface ComparisonSteps {
  readonly exact: readonly CompiledQuery[];
  /** Each of them of use only while something is left of both sides: `LEFT`. */
  readonly looser: readonly (readonly CompiledQuery[])[];
  /** After so many looser steps. */
  readonly last: (looserSteps: number) => readonly CompiledQuery[];
}

export function comparisonSteps(comparison: Comparison, { ofGrain, ofDays }: Stretches): ComparisonSteps {
  const { grain } = comparison;
  const params = comparisonParameters(comparison);
  const whole = (sql: string) => ({ sql, params });
  const byStretch = (sql: string, stretches: readonly Stretch[]) =>
    stretches.map(({ fromMs, toMs }) => ({
      sql,
      params: { ...params, from: fromMs / SECOND_MS, to: toMs / SECOND_MS },
    }));
  return {
    exact: [
      ...INSERT_NAMES.map(whole),
      ...byStretch(insertExact(grain), ofGrain),
      whole(INSERT_CHARGES),
      ...byStretch(insertByEvidence(grain), ofGrain),
    ],
    looser: looserStatements(grain).map((statements) => statements.map(whole)),
    last: (looserSteps) => [
      whole(insertLeft(grain, FIRST_LOOSER_STAGE + looserSteps)),
      ...byStretch(INSERT_MATCHED, ofDays),
    ],
  };
}

/** How many rows of each side the next step would look at: `bill`, `ledger`. */
export function leftAfter(looserSteps: number): CompiledQuery {
  return {
    sql: `SELECT countIf(bill_quantity > 0) AS bill, countIf(ledger_quantity > 0) AS ledger FROM ${WORK_TABLE}
WHERE stage = ${FIRST_LOOSER_STAGE + looserSteps} AND code = ''`,
    params: {},
  };
}

/** Lines of both sides by hour: rows of `hour` (Unix seconds) and `lines`. */
export function linesByHour(comparison: Comparison): CompiledQuery {
  return { sql: LINES_BY_HOUR, params: comparisonParameters(comparison) };
}

/** What each side has by itself, and what of it is compared: rows of `reason` (empty: compared), `cost` and `lines`. */
export function scopeQueries(comparison: Comparison): { readonly bill: CompiledQuery; readonly ledger: CompiledQuery } {
  const params = comparisonParameters(comparison);
  return { bill: { sql: BILL_SCOPE, params }, ledger: { sql: LEDGER_SCOPE, params } };
}

/** Sums of the comparison that is under way, by code. */
export const TOTALS: CompiledQuery = {
  sql: `SELECT code, count() AS lines, sum(bill_quantity) AS bill_quantity, sum(ledger_quantity) AS ledger_quantity,
  sum(bill_pico_usd) AS bill, sum(ledger_pico_usd) AS ledger, sum(abs(bill_pico_usd - ledger_pico_usd)) AS apart
FROM ${RESULT_TABLE} GROUP BY code ORDER BY code`,
  params: {},
};
