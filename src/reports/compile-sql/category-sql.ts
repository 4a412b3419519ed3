import type { CostCategoryRule, CostCategoryVersion } from '../../allocation/cost-category.ts';
import { type ExpressionGrammar, filterOf } from '../cost-expression.ts';
import type { GroupKey, ReportFilter } from '../report-query.ts';
import type { Parameters } from './parameters.ts';

/** What rules of cost categories may say (Billing User Guide, cost categories, checked 2026-11); AWS publishes no number. */
export const RULE_GRAMMAR: ExpressionGrammar = {
  dimensions: [
    'LINKED_ACCOUNT',
    'LINKED_ACCOUNT_NAME',
    'SERVICE_CODE',
    'RECORD_TYPE',
    'REGION',
    'USAGE_TYPE',
    'BILLING_ENTITY',
    'SERVICE',
  ],
  matchOptions: ['EQUALS', 'ABSENT', 'STARTS_WITH', 'ENDS_WITH', 'CONTAINS', 'CASE_SENSITIVE', 'CASE_INSENSITIVE'],
  maxLeaves: 100,
};

/** What rules look at. */
export interface RuleLines {
  readonly condition: (filter: ReportFilter) => string;
  readonly value: (key: GroupKey) => string;
}

/** The value that the rules give a line, always text; empty for none. */
export function categoryVersionSql(
  { rules, defaultValue = '' }: CostCategoryVersion,
  lines: RuleLines,
  parameters: Parameters,
): string {
  const arms = rules.flatMap((rule) => {
    const inherited = inheritedKey(rule);
    if (!inherited) {
      return [lines.condition(filterOf(rule.Rule!, RULE_GRAMMAR)), parameters.add('String', rule.Value)];
    }
    const value = lines.value(inherited);
    return [`${value} != ''`, value];
  });
  const otherwise = parameters.add('String', defaultValue);
  return arms.length === 0 ? otherwise : `multiIf(${[...arms, otherwise].join(', ')})`;
}

function inheritedKey({ Type: type, InheritedValue: inherited }: CostCategoryRule): GroupKey | undefined {
  if (type !== 'INHERITED_VALUE') return undefined;
  return inherited!.DimensionName === 'TAG' ? { tag: inherited!.DimensionKey! } : { dimension: 'accountName' };
}
