import type { CostCategoryDefinition } from '../../allocation/cost-category.ts';
import { ruleMeaning } from '../cost-category-rules.ts';
import type { GroupKey, ReportFilter } from '../report-query.ts';
import type { Parameters } from './parameters.ts';

/** What rules look at. */
interface RuleLines {
  readonly condition: (filter: ReportFilter) => string;
  readonly value: (key: GroupKey) => string;
}

/** The value that a definition gives a line, always text; empty for none. */
export function categorySql(
  { rules, defaultValue = '' }: CostCategoryDefinition,
  lines: RuleLines,
  parameters: Parameters,
): string {
  const arms = rules.map((rule) => {
    const meaning = ruleMeaning(rule);
    if ('matching' in meaning) {
      return `${lines.condition(meaning.matching)}, ${parameters.add('String', meaning.value)}`;
    }
    const inherited = lines.value(meaning.inherited);
    return `${inherited} != '', ${inherited}`;
  });
  const otherwise = parameters.add('String', defaultValue);
  return arms.length === 0 ? otherwise : `multiIf(${[...arms, otherwise].join(', ')})`;
}
