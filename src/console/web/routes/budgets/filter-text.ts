import type { AwsBudget, FilterExpression, FilterValues } from './answers.ts';

const NAMES: Readonly<Record<string, string>> = {
  LINKED_ACCOUNT: 'account',
  SERVICE: 'service',
  USAGE_TYPE: 'usage type',
  REGION: 'region',
};

/** `team = search`, as `tallyline` hard budgets are worded; `everything` without a filter. */
export function filterText({ FilterExpression, CostFilters }: AwsBudget): string {
  if (FilterExpression) return expressionText(FilterExpression);
  const filters = Object.entries(CostFilters ?? {}).map(([key, values]) => `${nameOf(key)} ${values.join(' or ')}`);
  return filters.join(', ') || 'everything';
}

function expressionText({ And, Or, Not, Tags, Dimensions, CostCategories }: FilterExpression): string {
  if (And) return And.map(expressionText).join(', ');
  if (Or) return Or.map(expressionText).join(' or ');
  if (Not) return `not ${expressionText(Not)}`;
  const values = Tags ?? Dimensions ?? CostCategories;
  return values ? valuesText(values) : 'everything';
}

function valuesText({ Key, Values = [], MatchOptions = [] }: FilterValues): string {
  if (MatchOptions.includes('ABSENT')) return `without ${nameOf(Key)}`;
  return `${nameOf(Key)} = ${Values.join(' or ')}`;
}

function nameOf(key: string): string {
  return NAMES[key] ?? key.replace(/^iamPrincipal\//, '');
}
