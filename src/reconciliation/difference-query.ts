import type { CompiledQuery } from '../reports/cost-store.ts';
import { RECONCILIATION_TABLE } from '../reports/reconciled-period.ts';
import type { CauseCode } from './cause-code.ts';

export interface DifferenceQuery {
  readonly sourceId: string;
  /** `2026-05` */
  readonly period: string;
  /** Absent: all but what matched. */
  readonly codes?: readonly CauseCode[];
  /** In the bill or in the ledger, in full. */
  readonly principalArn?: string;
  readonly modelId?: string;
  readonly limit: number;
  readonly offset: number;
}

/** A row as the store answers it: 64-bit and longer integers are text. */
export interface StoredDifference {
  readonly code: CauseCode;
  /** Unix seconds. */
  readonly atS: string;
  readonly account_id: string;
  readonly principal_arn: string;
  readonly callers: readonly string[];
  readonly bill_tags: string;
  readonly ledger_tags: string;
  readonly model_id: string;
  readonly meter: string;
  readonly route: string;
  readonly tier: string;
  readonly context: string;
  readonly is_batch: number;
  readonly region: string;
  readonly usage_type: string;
  readonly other: string;
  readonly bill_quantity: string;
  readonly ledger_quantity: string;
  readonly bill_pico_usd: string;
  readonly ledger_pico_usd: string;
}

/** The largest first; of those that differ in nothing but names, the dearest. One row more than the limit says that there are more. */
export function differenceQuery({
  sourceId,
  period,
  codes,
  principalArn,
  modelId,
  limit,
  offset,
}: DifferenceQuery): CompiledQuery {
  const conditions = [
    'source_id = {source:String} AND period = {period:UInt32}',
    codes === undefined ? "code != 'MATCHED'" : 'code IN {codes:Array(String)}',
    ...(principalArn === undefined ? [] : ['(principal_arn = {principal:String} OR has(callers, {principal:String}))']),
    ...(modelId === undefined ? [] : ['model_id = {model:String}']),
  ];
  return {
    sql: `SELECT code, toUnixTimestamp(at) AS atS, account_id, principal_arn, callers, bill_tags, ledger_tags, model_id, meter, route, tier,
  context, is_batch, region, usage_type, other, bill_quantity, ledger_quantity, bill_pico_usd, ledger_pico_usd
FROM ${RECONCILIATION_TABLE}
WHERE ${conditions.join(' AND ')}
ORDER BY abs(bill_pico_usd - ledger_pico_usd) DESC, greatest(abs(bill_pico_usd), abs(ledger_pico_usd)) DESC, code, at, principal_arn, model_id,
  meter, bill_tags, ledger_tags, other, route, tier, context, is_batch, region
LIMIT {limit:UInt32} OFFSET {offset:UInt32}`,
    params: {
      ...{ source: sourceId, period: Number(period.replace('-', '')), limit: limit + 1, offset },
      ...(codes && { codes }),
      ...(principalArn !== undefined && { principal: principalArn }),
      ...(modelId !== undefined && { model: modelId }),
    },
  };
}
