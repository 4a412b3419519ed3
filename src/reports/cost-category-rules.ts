import type { CostCategoryRule } from '../allocation/cost-category.ts';
import { readTagKey } from '../kernel/billing-tag-key.ts';
import { Fault } from '../kernel/fault.ts';
import { type ExpressionGrammar, filterOf } from './cost-expression.ts';
import type { GroupKey, ReportFilter } from './report-query.ts';

/** What rules of cost categories may say (Billing User Guide, cost categories, checked 2026-11); the number is ours. */
const RULE_GRAMMAR: ExpressionGrammar = {
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
  namesCategories: true,
};

/** What a rule means: lines that match and the value that they get, or the key whose value they inherit where it has one. */
export type RuleMeaning = MatchingRule | { readonly inherited: GroupKey };

export interface MatchingRule {
  readonly matching: ReportFilter;
  readonly value: string;
}

/** Throws ValidationException; AWS's words as far as public error reports show them (2026-11). */
export function ruleMeaning({ Value, Rule, InheritedValue, Type = 'REGULAR' }: CostCategoryRule): RuleMeaning {
  if (Type === 'REGULAR') {
    if (Value === undefined || !Rule) throw invalid('Invalid Rule: Value and Rule must not be null.');
    if (InheritedValue) throw invalid('Invalid REGULAR rule defined. InheritedValue attribute must be null');
    return { matching: filterOf(Rule, RULE_GRAMMAR), value: Value };
  }
  if (Value !== undefined || Rule) {
    throw invalid('Invalid INHERITED_VALUE rule defined. Rule and Value attributes must be null');
  }
  const { DimensionName: name, DimensionKey: key } = InheritedValue ?? {};
  if (name === 'LINKED_ACCOUNT_NAME') return { inherited: { dimension: 'accountName' } };
  if (name !== 'TAG' || !key) {
    throw invalid('Invalid INHERITED_VALUE rule defined. InheritedValue needs a dimension name, and a key for TAG');
  }
  return { inherited: { tag: readTagKey(key) } };
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
