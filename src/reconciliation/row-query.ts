import { billingPeriodEndMs, DAY_MS, HOUR_MS, SECOND_MS } from '../kernel/time.ts';
import { BILL_LINE_TABLE } from '../reports/bill-schema.ts';
import { USAGE_EVENT_TABLE } from '../reports/cost-schema.ts';
import type { CompiledQuery } from '../reports/cost-store.ts';
import { asSession } from './compare-sql/book-rows.ts';
import type { Grain } from './comparison.ts';

/** The keys of one difference. */
export interface BillRowsQuery {
  readonly sourceId: string;
  /** `2026-05` */
  readonly period: string;
  readonly atMs: number;
  readonly grain: Grain;
  readonly principalArn: string;
  readonly callers: readonly string[];
  readonly modelId: string;
  readonly meter: string;
  /** Of charges and of what was not understood, which have no model. */
  readonly usageType: string;
}

export interface StoredBillRow {
  readonly line_id: string;
  readonly file_number: number;
  readonly startS: string;
  readonly line_type: string;
  readonly usage_type: string;
  readonly description: string;
  readonly principal_arn: string;
  readonly usage_amount: number;
  readonly quantity: string;
  readonly net_cost: string;
}

const ROWS_MAX = 100;
const TIME_PARTS = { HOUR: HOUR_MS, DAY: DAY_MS };

function spanOf({ atMs, grain, period }: BillRowsQuery) {
  const endMs = grain === 'MONTH' ? billingPeriodEndMs(period) : atMs + TIME_PARTS[grain];
  return { from: atMs / SECOND_MS, to: endMs / SECOND_MS };
}

/** Lines of the bill with these keys, the dearest first. */
export function billRowsQuery(query: BillRowsQuery): CompiledQuery {
  const { sourceId, period, principalArn, modelId, meter, usageType } = query;
  return {
    sql: `SELECT line_id, file_number, toUnixTimestamp(bucket_start) AS startS, line_type, usage_type, description, principal_arn, usage_amount,
  quantity, net_cost
FROM ${BILL_LINE_TABLE}
WHERE source_id = {source:String} AND period = {period:UInt32} AND bucket_start >= {from:UInt32} AND bucket_start < {to:UInt32}
  AND ${asSession('toString(principal_arn)')} = {principal:String} AND ({model:String} = '' OR model_id = {model:String})
  AND ({meter:String} = '' OR meter = {meter:String}) AND ({model:String} != '' OR usage_type = {usage_type:String})
ORDER BY abs(net_cost) DESC, line_id LIMIT ${ROWS_MAX}`,
    params: {
      ...{ source: sourceId, period: Number(period.replace('-', '')), ...spanOf(query) },
      ...{ principal: principalArn, model: modelId, meter, usage_type: usageType },
    },
  };
}

/** Calls of the callers, or under the principal, with these keys; the largest first. */
export function requestsQuery(query: BillRowsQuery): CompiledQuery {
  const { callers, principalArn, modelId } = query;
  return {
    sql: `SELECT request_id, toUnixTimestamp(admitted_at) AS admittedS FROM ${USAGE_EVENT_TABLE}
WHERE admitted_at >= toDateTime({from:UInt32}, 'UTC') AND admitted_at < toDateTime({to:UInt32}, 'UTC') AND model_id = {model:String}
  AND (has({callers:Array(String)}, toString(principal_arn)) OR upstream_principal_arn = {principal:String})
ORDER BY input_tokens + output_tokens DESC, request_id LIMIT ${ROWS_MAX}`,
    params: { ...spanOf(query), callers, model: modelId, principal: principalArn },
  };
}
