import { parsePicoUsd } from '../kernel/money.ts';
import { SECOND_MS } from '../kernel/time.ts';
import { LineItemSql } from './compile-sql/line-item-sql.ts';
import { Parameters } from './compile-sql/parameters.ts';
import type { CostCatalog } from './cost-catalog.ts';
import { USAGE_EVENT_TABLE } from './cost-schema.ts';
import type { CompiledQuery } from './cost-store.ts';
import type { ReportFilter } from './report-query.ts';
import type { TimeRange } from './time-bucket.ts';
import { ALL_USAGE, type Visibility, visibleConditions } from './visibility.ts';

/** Whose usage, and when. */
export interface QualityQuestion {
  readonly range: TimeRange;
  readonly visible?: Visibility;
  /** The cost allocation tag that usage should have: `iamPrincipal/team`. */
  readonly tagKey: string;
}

/** How much of the usage of a range is known how well. Costs are those of usage alone, before discounts. */
export interface DataQuality {
  readonly costPicoUsd: bigint;
  /** Of lines that name no principal, such as hours of models that are held. */
  readonly unattributedPicoUsd: bigint;
  /** Of lines that show no value of the tag. */
  readonly untaggedPicoUsd: bigint;
  /** Of lines whose quantity is an estimate of ours. */
  readonly estimatedPicoUsd: bigint;
  /** Start of the first bucket with such a line; absent: there is none. */
  readonly estimatedSinceMs?: number;
  /** Tokens, images, ... without a price, and of which models they are; at most `UNPRICED_MODELS_MAX`. */
  readonly unpricedQuantity: bigint;
  readonly unpricedModels: readonly string[];
  readonly quantity: bigint;
}

/** How the calls of a range ended. */
export interface CallEndings {
  readonly calls: bigint;
  readonly interrupted: bigint;
  readonly cut: bigint;
  readonly failed: bigint;
}

const UNPRICED_MODELS_MAX = 10;

/** A row of `compileDataQuality`: sums are text. */
export type DataQualityRow = Readonly<Record<string, string>> & { readonly unpriced_models: readonly string[] };

export function compileDataQuality({ range, visible, tagKey }: QualityQuestion, catalog: CostCatalog): CompiledQuery {
  const parameters = new Parameters();
  const lines = new LineItemSql(range, catalog, parameters);
  const ofUsage: ReportFilter = { key: { dimension: 'recordType' }, equalsAny: ['Usage'] };
  return parameters.statement(`SELECT sum(cost) AS cost_sum, sumIf(cost, principal_arn = '') AS unattributed,
  sumIf(cost, ${lines.tagValue(tagKey)} = '') AS untagged, sumIf(cost, is_estimated) AS estimated,
  toUnixTimestamp(minIf(bucket_start, is_estimated)) AS estimated_since, sum(quantity * is_unpriced) AS unpriced,
  arraySort(groupUniqArrayIf(${UNPRICED_MODELS_MAX})(toString(model_id), is_unpriced)) AS unpriced_models, sum(quantity) AS quantity_sum
FROM ${lines.from(ofUsage, { visible })}`);
}

export function dataQualityOf(row: DataQualityRow): DataQuality {
  const sinceS = Number(row.estimated_since);
  return {
    costPicoUsd: parsePicoUsd(row.cost_sum!),
    unattributedPicoUsd: parsePicoUsd(row.unattributed!),
    untaggedPicoUsd: parsePicoUsd(row.untagged!),
    estimatedPicoUsd: parsePicoUsd(row.estimated!),
    ...(sinceS > 0 && { estimatedSinceMs: sinceS * SECOND_MS }),
    unpricedQuantity: BigInt(row.unpriced!),
    unpricedModels: row.unpriced_models,
    quantity: BigInt(row.quantity_sum!),
  };
}

export function compileCallEndings({ range, visible = ALL_USAGE }: QualityQuestion): CompiledQuery {
  const parameters = new Parameters();
  const instant = (atMs: number) => `fromUnixTimestamp64Milli(${parameters.add('Int64', atMs)}, 'UTC')`;
  const conditions = [
    `admitted_at >= ${instant(range.startMs)}`,
    `admitted_at < ${instant(range.endMs)}`,
    ...visibleConditions(visible, (value) => parameters.add('String', value)),
  ];
  return parameters.statement(`SELECT count() AS calls, countIf(status = 'interrupted') AS interrupted,
  countIf(status = 'cut') AS cut, countIf(status = 'failed') AS failed
FROM ${USAGE_EVENT_TABLE} WHERE ${conditions.join(' AND ')}`);
}

export function callEndingsOf(row: Readonly<Record<string, string>>): CallEndings {
  return {
    calls: BigInt(row.calls!),
    interrupted: BigInt(row.interrupted!),
    cut: BigInt(row.cut!),
    failed: BigInt(row.failed!),
  };
}
