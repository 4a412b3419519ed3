import { LINE_ITEM_TABLE } from '../../reports/cost-schema.ts';
import type { CompiledQuery } from '../../reports/cost-store.ts';
import { LINE_ITEM_IDENTITY, LINE_ITEM_SUMS } from './line-item-rows.ts';

/** Where a correction stands and what it corrects: its own, whatever it is the difference of. */
const OF_THE_CORRECTION = ['bucket_start', 'slice_start', 'charge_id', 'is_correction'];
/** No part of a bill: what was billed before these were known is not billed anew because they are. Empty on corrections. */
const OF_REPORTS = ['key_id', 'client'];
const SHARED = LINE_ITEM_IDENTITY.filter((name) => ![...OF_THE_CORRECTION, ...OF_REPORTS].includes(name)).join(', ');

export interface Restatement {
  /** Table of what the period's usage is now said to have cost. */
  readonly restatedTable: string;
  readonly period: string;
  /** Start of the open period that is to have the corrections. */
  readonly correctionStartMs: number;
  /** `chargeId` of the period's corrections. */
  readonly correctionId: string;
}

/**
 * Inserts, as lines of an open period, what the usage of a closed one is now said to have cost less what was billed for it:
 * in the period itself, and in corrections since. Line items that agree in all but their time are compared as one.
 */
export function insertDifference({
  restatedTable,
  period,
  correctionStartMs,
  correctionId,
}: Restatement): CompiledQuery {
  const parts = (sign: '' | '-') => LINE_ITEM_SUMS.map((name) => `${sign}${name} AS ${name}_part`).join(', ');
  return {
    sql: `INSERT INTO ${LINE_ITEM_TABLE} (${[...OF_THE_CORRECTION, SHARED, ...LINE_ITEM_SUMS].join(', ')})
      SELECT toDateTime({start:UInt32}, 'UTC'), toDateTime64({start:UInt32}, 3, 'UTC'), {correction_id:String}, 1, ${SHARED},
        ${LINE_ITEM_SUMS.map((name) => `sum(${name}_part)`).join(', ')}
      FROM (
        SELECT ${SHARED}, ${parts('')} FROM ${restatedTable}
        UNION ALL
        SELECT ${SHARED}, ${parts('-')} FROM ${LINE_ITEM_TABLE}
        WHERE (toYYYYMM(bucket_start) = {month:UInt32} AND charge_id = '') OR charge_id = {correction_id:String}
      )
      GROUP BY ${SHARED}
      HAVING ${LINE_ITEM_SUMS.map((name) => `sum(${name}_part) != 0`).join(' OR ')}
      SETTINGS insert_deduplicate = 0`,
    params: {
      start: correctionStartMs / 1_000,
      correction_id: correctionId,
      month: Number(period.replace('-', '')),
    },
  };
}
