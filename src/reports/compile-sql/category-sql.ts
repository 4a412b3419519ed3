import type { CostCategoryDefinition } from '../../allocation/cost-category.ts';
import { type MatchingRule, type RuleMeaning, ruleMeaning } from '../cost-category-rules.ts';
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
  const arms = ruleRuns(rules.map(ruleMeaning)).map((run) => {
    const [rule] = run;
    if (!isAboutText(rule) || run.length === 1) return armOf(rule!, lines, parameters);
    const value = translation(run.filter(isAboutText), lines.value(rule.matching.key), parameters);
    return `${value} != '', ${value}`;
  });
  const otherwise = parameters.add('String', defaultValue);
  return arms.length === 0 ? otherwise : `multiIf(${[...arms, otherwise].join(', ')})`;
}

/** A rule that compares one key with texts. Categories often have hundreds of them, such as one for each account. */
type TextRule = MatchingRule & {
  readonly matching: { readonly key: GroupKey; readonly equalsAny: readonly string[] };
};

function isAboutText(rule: RuleMeaning | undefined): rule is TextRule {
  return rule !== undefined && 'matching' in rule && 'equalsAny' in rule.matching && !rule.matching.ignoreCase;
}

/** Rules in their order; those in a row that compare the same key with texts are together. */
function ruleRuns(rules: readonly RuleMeaning[]): RuleMeaning[][] {
  const runs: RuleMeaning[][] = [];
  for (const rule of rules) {
    const run = runs.at(-1);
    const isSame = isAboutText(rule) && isAboutText(run?.[0]) && isSameKey(rule.matching.key, run[0].matching.key);
    if (isSame) run.push(rule);
    else runs.push([rule]);
  }
  return runs;
}

function isSameKey(one: GroupKey, other: GroupKey): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** One look-up in the place of a comparison for each rule; empty for a text of no rule. */
function translation(run: readonly TextRule[], value: string, parameters: Parameters): string {
  const valueByText = new Map<string, string>();
  for (const { matching, value: category } of run) {
    // The first rule that names a text has it.
    for (const text of matching.equalsAny) if (!valueByText.has(text)) valueByText.set(text, category);
  }
  const texts = parameters.add('Array(String)', [...valueByText.keys()]);
  const values = parameters.add('Array(String)', [...valueByText.values()]);
  return `transform(${value}, ${texts}, ${values}, '')`;
}

function armOf(rule: RuleMeaning, lines: RuleLines, parameters: Parameters): string {
  if ('matching' in rule) return `${lines.condition(rule.matching)}, ${parameters.add('String', rule.value)}`;
  const inherited = lines.value(rule.inherited);
  return `${inherited} != '', ${inherited}`;
}
