import type { CostExpression, CostExpressionLeaf } from '../allocation/cost-expression.ts';
import { readTagKey } from '../kernel/billing-tag-key.ts';
import { Fault } from '../kernel/fault.ts';
import { categoryKey } from './category-key.ts';
import { costDimension, FILTER_DIMENSIONS } from './cost-dimension.ts';
import type { Dimension, GroupKey, ReportFilter } from './report-query.ts';
import { isMatch, type TextMatch } from './text-match.ts';

const ROOTS = ['And', 'Or', 'Not', 'Dimensions', 'Tags', 'CostCategories'] as const;
/** With the one that AWS's messages do not name. */
const ALL_ROOTS = [...ROOTS, 'ProductAttributes'] as const;

/** Keys of product attributes. An unknown one has no value anywhere. */
export const PRODUCT_ATTRIBUTES: ReadonlyMap<string, Dimension> = new Map<string, Dimension>([
  ['provider', 'provider'],
  ['model', 'modelName'],
  ['inferenceType', 'inferenceType'],
  ['feature', 'feature'],
]);

/** Expressions inside one another; AWS publishes no number. */
const MAX_DEPTH = 30;

const EVERYTHING: ReportFilter = { and: [] };
const NOTHING: ReportFilter = { or: [] };

/** What an expression may say in one place. Lists are in the order in which AWS's messages give them. */
export interface ExpressionGrammar {
  readonly dimensions: readonly string[];
  /** `ABSENT` is for tags and cost categories alone. */
  readonly matchOptions: readonly string[];
  readonly maxLeaves: number;
  /** Absent: expressions of this place have no product attributes. */
  readonly hasProductAttributes?: true;
  /** True where an expression may not be about all cost categories at once: rules of one would be about themselves. */
  readonly namesCategories?: true;
}

/** Expressions of cost and usage; 100 filters (Billing User Guide, quotas and restrictions, checked 2026-11). */
export const COST_GRAMMAR: ExpressionGrammar = {
  dimensions: FILTER_DIMENSIONS,
  matchOptions: ['EQUALS', 'ABSENT', 'CASE_SENSITIVE'],
  maxLeaves: 100,
  hasProductAttributes: true,
};

/** How a match option compares a value with the ones that are listed. Absent: it is no comparison. */
const COMPARISONS: Readonly<Record<string, (values: readonly string[]) => TextMatch>> = {
  EQUALS: (equalsAny) => ({ equalsAny }),
  STARTS_WITH: (startsWithAny) => ({ startsWithAny }),
  ENDS_WITH: (endsWithAny) => ({ endsWithAny }),
  CONTAINS: (containsAny) => ({ containsAny }),
};

/** The report filter that an expression means. Throws ValidationException in AWS's words. */
export function filterOf(expression: CostExpression, grammar = COST_GRAMMAR): ReportFilter {
  let leafCount = 0;
  return translate(expression, 1);

  function translate(part: CostExpression, depth: number): ReportFilter {
    if (depth > MAX_DEPTH) throw invalid(`Expression is nested more than ${MAX_DEPTH} levels deep`);
    const root = rootOf(part, grammar);
    if (root === 'And' || root === 'Or') {
      const operands = part[root]!;
      if (operands.length < 2) throw invalid(`${root} expression must have at least 2 operands`);
      const parts = operands.map((operand) => translate(operand, depth + 1));
      return root === 'And' ? { and: parts } : { or: parts };
    }
    if (root === 'Not') return { not: translate(part.Not!, depth + 1) };
    leafCount += 1;
    if (leafCount > grammar.maxLeaves) throw invalid(`Expression has more than ${grammar.maxLeaves} filters`);
    if (root === 'Dimensions') return dimensionFilter(part.Dimensions!, grammar);
    if (root === 'ProductAttributes') return productAttributeFilter(part.ProductAttributes!);
    return root === 'Tags' ? tagFilter(part.Tags!, grammar) : costCategoryFilter(part.CostCategories!, grammar);
  }
}

function rootOf(expression: CostExpression, { hasProductAttributes }: ExpressionGrammar): (typeof ALL_ROOTS)[number] {
  const roots = hasProductAttributes ? ALL_ROOTS : ROOTS;
  const [root, another] = roots.filter((name) => expression[name] !== undefined);
  if (root && !another) return root;
  const count = root ? 'more than one roots' : 'zero roots';
  throw invalid(`Expression has ${count}. Only one root operator is allowed for each expression: ${ROOTS.join(', ')}`);
}

function dimensionFilter(leaf: CostExpressionLeaf, { dimensions, matchOptions }: ExpressionGrammar): ReportFilter {
  const dimension = dimensions.includes(leaf.Key ?? '') ? costDimension(leaf.Key!) : undefined;
  if (!dimension) {
    throw invalid(`Dimension ${leaf.Key} is not allowed. Allowed dimension(s): ${dimensions.join(', ')}`);
  }
  checkMatchOptions(
    leaf,
    matchOptions.filter((option) => option !== 'ABSENT'),
  );
  const match = textMatch(leaf);
  if ('constant' in dimension) return isMatch(dimension.constant, match) ? EVERYTHING : NOTHING;
  const key = { dimension: dimension.dimension };
  const filter: ReportFilter = { key, ...match };
  if (dimension.none === undefined) return filter;
  const isNone = isMatch(dimension.none, match);
  return isNone ? { or: [filter, { absent: key }] } : filter;
}

/** Values are compared as a whole and in their letter case; `ABSENT` is the only other way. */
function productAttributeFilter(leaf: CostExpressionLeaf): ReportFilter {
  const dimension = PRODUCT_ATTRIBUTES.get(leaf.Key ?? '');
  checkMatchOptions(leaf, ['EQUALS', 'ABSENT', 'CASE_SENSITIVE']);
  if (leaf.MatchOptions?.includes('ABSENT')) return dimension ? { absent: { dimension } } : EVERYTHING;
  const match = textMatch(leaf);
  return dimension ? { key: { dimension }, ...match } : NOTHING;
}

function tagFilter(leaf: CostExpressionLeaf, grammar: ExpressionGrammar): ReportFilter {
  const key = leaf.Key === undefined ? undefined : { tag: readTagKey(leaf.Key) };
  return keyFilter('Tags', leaf, key, 'anyTag', grammar) ?? fail('Tag expression must have a key');
}

function costCategoryFilter(leaf: CostExpressionLeaf, grammar: ExpressionGrammar): ReportFilter {
  // Rules of cost categories look at lines and other categories alone.
  const named = (name: string): GroupKey => (grammar.namesCategories ? { costCategory: name } : categoryKey(name));
  const key = leaf.Key === undefined ? undefined : named(leaf.Key);
  const filter = keyFilter('CostCategories', leaf, key, 'anyCostCategory', grammar);
  const isNamed = key !== undefined || !grammar.namesCategories;
  return (isNamed && filter) || fail('CostCategories expression must have a key');
}

/** Undefined for values without a key. */
function keyFilter(
  root: 'Tags' | 'CostCategories',
  leaf: CostExpressionLeaf,
  key: GroupKey | undefined,
  anyKey: 'anyTag' | 'anyCostCategory',
  { matchOptions }: ExpressionGrammar,
): ReportFilter | undefined {
  checkMatchOptions(leaf, matchOptions);
  if (leaf.MatchOptions?.includes('ABSENT')) {
    if (leaf.Values?.length) throw invalid(`${root} expression must not have values set when ABSENT is provided`);
    return { absent: key ?? anyKey };
  }
  const match = textMatch(leaf);
  return key && { key, ...match };
}

function checkMatchOptions({ MatchOptions: options = [] }: CostExpressionLeaf, allowed: readonly string[]): void {
  const stray = options.find((option) => !allowed.includes(option));
  if (stray) throw invalid(`Match option ${stray} is not allowed. Allowed match option(s): ${allowed.join(', ')}`);
}

/** `EQUALS` and `CASE_SENSITIVE` unless told otherwise. */
function textMatch({ Key, Values: values = [], MatchOptions: options = [] }: CostExpressionLeaf): TextMatch {
  if (values.length === 0) throw invalid(`Values of ${Key ?? 'the expression'} must not be empty`);
  const [comparison = 'EQUALS', another] = options.filter((option) => Object.hasOwn(COMPARISONS, option));
  if (another) throw invalid(`Match options ${comparison} and ${another} cannot be used together`);
  const match = COMPARISONS[comparison]!(values);
  return options.includes('CASE_INSENSITIVE') ? { ...match, ignoreCase: true } : match;
}

function fail(message: string): never {
  throw invalid(message);
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
