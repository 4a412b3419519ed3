import { type PicoUsd, parsePicoUsd } from '../../kernel/money.ts';
import { SECOND_MS } from '../../kernel/time.ts';
import type { BillFormat } from '../bill-row.ts';

/** What a look at a bill's rows tells of what they can answer. */
export interface BillProfile {
  readonly format: BillFormat['name'];
  /** Names of the columns that the files have. */
  readonly columns: readonly string[];
  /** Of the delivery's manifest. Absent: it names none. */
  readonly exportArn?: string;
  readonly rows: number;
  readonly costPicoUsd: PicoUsd;
  /** Of rows of inference: nothing else has a caller on AWS's bills. */
  readonly inferencePicoUsd: PicoUsd;
  readonly withoutPrincipalPicoUsd: PicoUsd;
  /** Different callers of inference. */
  readonly principals: number;
  /** The caller with the most spend; empty without any. */
  readonly topPrincipal: string;
  readonly topPrincipalPicoUsd: PicoUsd;
  /** Prefixed keys that have a value somewhere. */
  readonly tagKeys: readonly string[];
  /** Different resources. */
  readonly resources: number;
  /** The longest time that one row stands for. */
  readonly grainMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** A row of `profileSql`. */
export interface ProfileRow {
  readonly rows: number | string;
  readonly usd: string;
  readonly inference_usd: string;
  readonly anonymous_usd: string;
  readonly principals: number | string;
  readonly top_principal: string;
  readonly top_usd: string;
  readonly tag_keys: readonly string[];
  readonly resources: number | string;
  readonly grain_seconds: number | string;
  readonly first_second: number | string;
  readonly last_second: number | string;
}

const IS_INFERENCE = "(positionCaseInsensitive(usage_type, 'token') > 0 OR startsWith(operation, 'InvokeModel'))";

/** One row over rows with the columns of `BILL_ROW_COLUMNS`: `from` is a table or what follows FROM, conditions included. */
export function profileSql(from: string): string {
  return `
SELECT
  sum(p.rows) AS rows,
  toString(sum(p.usd)) AS usd,
  toString(sum(p.inference_usd)) AS inference_usd,
  toString(sumIf(p.inference_usd, p.principal_arn = '')) AS anonymous_usd,
  countIf(p.principal_arn != '' AND p.inferences > 0) AS principals,
  argMaxIf(p.principal_arn, p.inference_usd, p.principal_arn != '') AS top_principal,
  toString(maxIf(p.inference_usd, p.principal_arn != '')) AS top_usd,
  arraySort(groupUniqArrayArray(p.tag_keys)) AS tag_keys,
  uniqExactArray(p.resource_ids) AS resources,
  max(p.grain) AS grain_seconds,
  min(p.first) AS first_second,
  max(p.last) AS last_second
FROM (
  SELECT
    principal_arn,
    count() AS rows,
    countIf(${IS_INFERENCE}) AS inferences,
    sum(toDecimal128(ifNull(unblended_cost, 0), 12)) AS usd,
    sumIf(toDecimal128(ifNull(unblended_cost, 0), 12), ${IS_INFERENCE}) AS inference_usd,
    groupUniqArrayArray(mapKeys(tags)) AS tag_keys,
    groupUniqArrayIf(1000)(resource_id, resource_id != '') AS resource_ids,
    max(dateDiff('second', usage_start, usage_end)) AS grain,
    min(toUnixTimestamp(usage_start)) AS first,
    max(toUnixTimestamp(usage_end)) AS last
  FROM ${from}
  GROUP BY principal_arn
) AS p`;
}

export function readProfile(row: ProfileRow, file: Pick<BillProfile, 'format' | 'columns' | 'exportArn'>): BillProfile {
  return {
    ...file,
    rows: Number(row.rows),
    costPicoUsd: parsePicoUsd(row.usd),
    inferencePicoUsd: parsePicoUsd(row.inference_usd),
    withoutPrincipalPicoUsd: parsePicoUsd(row.anonymous_usd),
    principals: Number(row.principals),
    topPrincipal: row.top_principal,
    topPrincipalPicoUsd: parsePicoUsd(row.top_usd),
    tagKeys: row.tag_keys,
    resources: Number(row.resources),
    grainMs: Number(row.grain_seconds) * SECOND_MS,
    firstMs: Number(row.first_second) * SECOND_MS,
    lastMs: Number(row.last_second) * SECOND_MS,
  };
}
