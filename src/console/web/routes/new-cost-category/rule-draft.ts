import type { CostExpression } from '../../../../allocation/cost-expression.ts';
import type { CostCategoryRule } from '../cost-categories/category-calls.ts';

/** A rule as the builder shows it. What the builder has no controls for stays as it came. */
export type RuleDraft = MatchDraft | InheritDraft | RawDraft;

export interface MatchDraft {
  readonly kind: 'match';
  readonly id: string;
  readonly value: string;
  /** Whether every condition has to hold, or one of them. */
  readonly joined: 'And' | 'Or';
  readonly conditions: readonly ConditionDraft[];
}

export interface InheritDraft {
  readonly kind: 'inherit';
  readonly id: string;
  /** A tag's key; empty: the account's name. */
  readonly tagKey: string;
}

export interface RawDraft {
  readonly kind: 'raw';
  readonly id: string;
  readonly rule: CostCategoryRule;
}

export type Matching = 'EQUALS' | 'STARTS_WITH' | 'ENDS_WITH' | 'CONTAINS' | 'ABSENT';

export interface ConditionDraft {
  readonly id: string;
  readonly of: 'Tags' | 'Dimensions' | 'CostCategories';
  /** Key of the tag, name of the dimension or of the category. */
  readonly key: string;
  readonly isNegated: boolean;
  readonly matching: Matching;
  readonly values: readonly string[];
}

let drafts = 0;

/** Of drafts, for React alone. */
export function newDraftId(): string {
  drafts += 1;
  return `draft-${drafts}`;
}

export function emptyCondition(): ConditionDraft {
  return { id: newDraftId(), of: 'Tags', key: '', isNegated: false, matching: 'EQUALS', values: [] };
}

export function emptyMatch(): MatchDraft {
  return { kind: 'match', id: newDraftId(), value: '', joined: 'And', conditions: [emptyCondition()] };
}

export function ruleOf(draft: RuleDraft): CostCategoryRule {
  if (draft.kind === 'raw') return draft.rule;
  if (draft.kind === 'inherit') {
    const InheritedValue =
      draft.tagKey === ''
        ? ({ DimensionName: 'LINKED_ACCOUNT_NAME' } as const)
        : ({ DimensionName: 'TAG', DimensionKey: draft.tagKey } as const);
    return { Type: 'INHERITED_VALUE', InheritedValue };
  }
  const parts = draft.conditions.map(expressionOf);
  return { Type: 'REGULAR', Value: draft.value, Rule: parts.length === 1 ? parts[0]! : { [draft.joined]: parts } };
}

function expressionOf({ of, key, isNegated, matching, values }: ConditionDraft): CostExpression {
  const leaf = {
    [of]: { Key: key, ...(matching !== 'ABSENT' && { Values: values }), MatchOptions: [matching] },
  } as CostExpression;
  return isNegated ? { Not: leaf } : leaf;
}

export function draftOfRule(rule: CostCategoryRule): RuleDraft {
  const id = newDraftId();
  const { Type = 'REGULAR', Value, Rule, InheritedValue } = rule;
  if (Type === 'INHERITED_VALUE') return { kind: 'inherit', id, tagKey: InheritedValue?.DimensionKey ?? '' };
  const joined = Rule?.Or ? 'Or' : 'And';
  const parts = Rule?.And ?? Rule?.Or ?? (Rule ? [Rule] : []);
  const conditions = parts.map(conditionOf);
  if (Value === undefined || conditions.length === 0 || conditions.some((one) => one === undefined)) {
    return { kind: 'raw', id, rule };
  }
  return { kind: 'match', id, value: Value, joined, conditions: conditions as ConditionDraft[] };
}

/** Undefined for what is more than one comparison. */
function conditionOf(part: CostExpression): ConditionDraft | undefined {
  const leaf = part.Not ?? part;
  const [name, another] = Object.keys(leaf).filter((member) => leaf[member as keyof CostExpression] !== undefined);
  if (another || (name !== 'Tags' && name !== 'Dimensions' && name !== 'CostCategories')) return undefined;
  const { Key = '', Values = [], MatchOptions = ['EQUALS'] } = leaf[name]!;
  const [matching, more] = MatchOptions;
  const isKnown = ['EQUALS', 'STARTS_WITH', 'ENDS_WITH', 'CONTAINS', 'ABSENT'].includes(matching ?? '');
  if (more || !isKnown) return undefined;
  return {
    ...{ id: newDraftId(), of: name, key: Key, isNegated: part.Not !== undefined },
    ...{ matching: matching as Matching, values: Values },
  };
}

const MATCHING_WORDS: Readonly<Record<Matching, readonly [holds: string, fails: string]>> = {
  EQUALS: ['is', 'is not'],
  STARTS_WITH: ['begins with', 'does not begin with'],
  ENDS_WITH: ['ends with', 'does not end with'],
  CONTAINS: ['contains', 'does not contain'],
  ABSENT: ['is absent', 'is there'],
};

export function matchingWords(matching: Matching, isNegated: boolean): string {
  return MATCHING_WORDS[matching][isNegated ? 1 : 0];
}

export const DIMENSIONS: readonly { readonly value: string; readonly label: string }[] = [
  { value: 'LINKED_ACCOUNT', label: 'Account id' },
  { value: 'LINKED_ACCOUNT_NAME', label: 'Account name' },
  { value: 'USAGE_TYPE', label: 'Usage type' },
  { value: 'REGION', label: 'Region' },
  { value: 'SERVICE', label: 'Service' },
  { value: 'SERVICE_CODE', label: 'Service code' },
  { value: 'RECORD_TYPE', label: 'Kind of charge' },
  { value: 'BILLING_ENTITY', label: 'Seller' },
];

/** A rule in words: `when tag iamPrincipal/project is a or b`. */
export function wordsOf(draft: RuleDraft): string {
  if (draft.kind === 'raw') return JSON.stringify(draft.rule.Rule ?? draft.rule);
  if (draft.kind === 'inherit')
    return draft.tagKey === '' ? 'the name of the account' : `the value of the tag ${draft.tagKey}`;
  return draft.conditions.map(conditionWords).join(draft.joined === 'And' ? ' and ' : ' or ');
}

function conditionWords({ of, key, isNegated, matching, values }: ConditionDraft): string {
  const subject =
    of === 'Tags'
      ? `tag ${key}`
      : of === 'CostCategories'
        ? `category ${key}`
        : (DIMENSIONS.find(({ value }) => value === key)?.label.toLowerCase() ?? key);
  return `${subject} ${matchingWords(matching, isNegated)} ${matching === 'ABSENT' ? '' : values.join(' or ')}`.trim();
}
