import type { CostExpression } from '../allocation/cost-expression.ts';
import { readTagKey } from '../kernel/billing-tag-key.ts';
import { Fault } from '../kernel/fault.ts';
import { categoryKey } from './category-key.ts';
import { filterOf } from './cost-expression.ts';
import type { GroupKey, ReportFilter } from './report-query.ts';

export type MonitorDimension = 'SERVICE' | 'LINKED_ACCOUNT' | 'TAG' | 'COST_CATEGORY';

/**
 * What is watched for anomalies. `DIMENSIONAL`: every value of a dimension by itself, also those that come up later.
 * `CUSTOM`: chosen values together.
 */
export interface AnomalyMonitor {
  readonly arn: string;
  /** Watches its own usage; the payer's monitors watch every account's. */
  readonly accountId: string;
  readonly name: string;
  readonly type: 'DIMENSIONAL' | 'CUSTOM';
  /** Dimensional monitors only. */
  readonly dimension?: MonitorDimension;
  /** As the client gave it. The key of a tag or cost category, or a custom monitor's values. */
  readonly specification?: CostExpression;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Absent: not yet. */
  readonly lastEvaluatedAtMs?: number;
  /** Values that the last evaluation saw usage of. */
  readonly valueCount: number;
  readonly tags: readonly (readonly [string, string])[];
}

/** What a monitor asks reports for. */
export interface MonitorScope {
  /** Each value by itself; absent: all of it together. */
  readonly each?: GroupKey;
  readonly filter?: ReportFilter;
}

/** Values of one custom monitor (API reference, AnomalyMonitor, checked 2026-11). */
const MAX_VALUES = 10;

export function monitorScope({ dimension, specification }: AnomalyMonitor): MonitorScope {
  if (dimension === 'SERVICE') return { each: { dimension: 'service' } };
  if (dimension === 'LINKED_ACCOUNT') return { each: { dimension: 'account' } };
  if (dimension === 'TAG') return { each: { tag: readTagKey(specification!.Tags!.Key!) } };
  if (dimension === 'COST_CATEGORY') return { each: categoryKey(specification!.CostCategories!.Key!) };
  return { filter: filterOf(specification!) };
}

/** Throws ValidationException for what no monitor can watch. AWS publishes no wording for these. */
export function validateMonitor({
  type,
  dimension,
  specification,
}: Pick<AnomalyMonitor, 'type' | 'dimension' | 'specification'>): void {
  if (type === 'CUSTOM') {
    if (dimension) throw invalid('MonitorDimension must not be specified for CUSTOM monitors');
    validateCustom(specification);
    return;
  }
  if (!dimension) throw invalid('MonitorDimension must be specified for DIMENSIONAL monitors');
  if (dimension === 'SERVICE' || dimension === 'LINKED_ACCOUNT') {
    if (specification) throw invalid(`MonitorSpecification must not be specified for MonitorDimension ${dimension}`);
    return;
  }
  const root = dimension === 'TAG' ? 'Tags' : 'CostCategories';
  const leaf = soleLeaf(specification, [root]);
  if (!leaf?.Key || leaf.Values?.length || leaf.MatchOptions?.length) {
    throw invalid(`MonitorSpecification for MonitorDimension ${dimension} must be ${root} with a Key alone`);
  }
}

function validateCustom(specification: CostExpression | undefined): void {
  const leaf = soleLeaf(specification, ['Dimensions', 'Tags', 'CostCategories']);
  if (!leaf) {
    throw invalid('MonitorSpecification for CUSTOM monitors must be one of: Dimensions, Tags, CostCategories');
  }
  if (specification?.Dimensions && leaf.Key !== 'LINKED_ACCOUNT') {
    throw invalid(`Dimension ${leaf.Key} is not allowed. Allowed dimension(s): LINKED_ACCOUNT`);
  }
  if (leaf.MatchOptions?.some((option) => option !== 'EQUALS' && option !== 'CASE_SENSITIVE')) {
    throw invalid('MonitorSpecification must match by EQUALS');
  }
  const count = leaf.Values?.length ?? 0;
  if (!leaf.Key || count < 1 || count > MAX_VALUES) {
    throw invalid(`MonitorSpecification must have a Key and 1 to ${MAX_VALUES} Values`);
  }
}

/** The one leaf of an expression that is nothing else. */
function soleLeaf(specification: CostExpression = {}, allowed: readonly ('Dimensions' | 'Tags' | 'CostCategories')[]) {
  const roots = Object.entries(specification).filter(([, part]) => part !== undefined);
  const root = allowed.find((name) => specification[name] !== undefined);
  return roots.length === 1 && root ? specification[root] : undefined;
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
