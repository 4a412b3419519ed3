import type { Category, CostCategoryRule, SplitChargeRule } from '../cost-categories/category-calls.ts';
import { draftOfRule, emptyMatch, type RuleDraft, ruleOf } from './rule-draft.ts';

/** A cost category that is being made or changed. */
export interface CategoryDraft {
  readonly name: string;
  readonly rules: readonly RuleDraft[];
  /** Empty: what no rule matches has no value. */
  readonly defaultValue: string;
  readonly splits: readonly SplitChargeRule[];
  /** `2026-11`. */
  readonly since: string;
}

/** What the definition is made of, as JSON has it. */
export interface DefinitionJson {
  readonly Rules: readonly CostCategoryRule[];
  readonly DefaultValue?: string;
  readonly SplitChargeRules?: readonly SplitChargeRule[];
}

export function emptyCategory(since: string): CategoryDraft {
  return { name: '', rules: [emptyMatch()], defaultValue: '', splits: [], since };
}

export function draftOfCategory(category: Category, since: string): CategoryDraft {
  return { ...emptyCategory(since), name: category.Name, ...partsOf(category) };
}

export function partsOf(definition: DefinitionJson): Pick<CategoryDraft, 'rules' | 'defaultValue' | 'splits'> {
  const { Rules, DefaultValue = '', SplitChargeRules = [] } = definition;
  return { rules: Rules.map(draftOfRule), defaultValue: DefaultValue, splits: SplitChargeRules };
}

export function definitionOf({ rules, defaultValue, splits }: CategoryDraft): DefinitionJson {
  return {
    Rules: rules.map(ruleOf),
    ...(defaultValue !== '' && { DefaultValue: defaultValue }),
    ...(splits.length > 0 && { SplitChargeRules: splits }),
  };
}

/** Undefined for text that is no definition. */
export function readDefinition(text: string): DefinitionJson | undefined {
  try {
    const value = JSON.parse(text) as DefinitionJson;
    return Array.isArray(value.Rules) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Rules that can be asked about: with a value, a key and values to compare with. */
export function isComplete(rule: RuleDraft): boolean {
  if (rule.kind !== 'match') return true;
  return (
    rule.value !== '' &&
    rule.conditions.every(({ key, matching, values }) => key !== '' && (matching === 'ABSENT' || values.length > 0))
  );
}

/** Values that the rules can give; those that are taken over are not known. */
export function valuesOf({ rules, defaultValue }: CategoryDraft): string[] {
  const given = rules.flatMap((rule) =>
    rule.kind === 'match' ? rule.value : rule.kind === 'raw' ? (rule.rule.Value ?? '') : '',
  );
  return [...new Set([...given, defaultValue])].filter((value) => value !== '');
}
