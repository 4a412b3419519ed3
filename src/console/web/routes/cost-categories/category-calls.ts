import type { CostCategoryRule } from '../../../../allocation/cost-category.ts';
import type { SplitChargeRule } from '../../../../allocation/split-charge-rule.ts';
import { useCall } from '../../api/use-call.ts';
import type { RangeText } from '../../time/range.ts';
import { useInstants } from '../tags/tag-calls.ts';

export type { CostCategoryRule, SplitChargeRule };

/** A row of `ce:ListCostCategoryDefinitions`. */
export interface CategoryReference {
  readonly CostCategoryArn: string;
  readonly Name: string;
  readonly EffectiveStart: string;
  readonly NumberOfRules: number;
  readonly Values: readonly string[];
  readonly DefaultValue?: string;
  readonly ProcessingStatus?: readonly { readonly Status: 'APPLIED' | 'PROCESSING' }[];
}

/** Answer of `ce:DescribeCostCategoryDefinition`. */
export interface Category {
  readonly CostCategoryArn: string;
  readonly Name: string;
  readonly EffectiveStart: string;
  readonly Rules: readonly CostCategoryRule[];
  readonly DefaultValue?: string;
  readonly SplitChargeRules?: readonly SplitChargeRule[];
}

/** One value with its spend. */
export interface ValueSpend {
  /** Empty: what no rule matches. */
  readonly value: string;
  readonly costUsd: string;
}

/** What a change of a category makes out of date. */
export const OUTDATED_BY_CATEGORY = [
  ['ce', 'ListCostCategoryDefinitions'],
  ['ce', 'DescribeCostCategoryDefinition'],
  ['tallyline', 'GetReport'],
  ['tallyline', 'GetTagCoverage'],
  ['tallyline', 'GetSplitCharges'],
] as const;

export function useCategories() {
  return useCall<{ readonly CostCategoryReferences?: readonly CategoryReference[] }>(
    'ce',
    'ListCostCategoryDefinitions',
    {
      MaxResults: 100,
    },
  );
}

export function useCategory(arn: string | undefined) {
  return useCall<{ readonly CostCategory: Category }>(
    'ce',
    'DescribeCostCategoryDefinition',
    { CostCategoryArn: arn },
    {
      enabled: arn !== undefined,
    },
  );
}

/** Spend of a range by the values of a category that is kept, the costliest first. */
export function useValueSpend(name: string, range: RangeText) {
  const instants = useInstants(range);
  const report = useCall<{ readonly Rows: readonly { readonly Keys: readonly string[]; readonly CostUsd: string }[] }>(
    'tallyline',
    'GetReport',
    { ...instants, Granularity: 'TOTAL', GroupBy: [{ Type: 'COST_CATEGORY', Key: name }] },
    { enabled: instants !== undefined },
  );
  const spend = report.data?.Rows.map(({ Keys, CostUsd }): ValueSpend => ({ value: Keys[0]!, costUsd: CostUsd }));
  return { spend, error: report.error, isOld: report.isPlaceholderData, refetch: report.refetch };
}
