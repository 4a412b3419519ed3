import { Fault } from '../kernel/fault.ts';
import { costDimension, FILTER_DIMENSIONS } from './cost-dimension.ts';
import type { ReportFilter } from './report-query.ts';

/** The filter language that Cost Explorer, Budgets and cost categories share, as their wires decode it. */
export interface CostExpression {
  readonly And?: readonly CostExpression[] | undefined;
  readonly Or?: readonly CostExpression[] | undefined;
  readonly Not?: CostExpression | undefined;
  readonly Dimensions?: CostExpressionLeaf | undefined;
  readonly Tags?: CostExpressionLeaf | undefined;
  readonly CostCategories?: CostExpressionLeaf | undefined;
}

export interface CostExpressionLeaf {
  readonly Key?: string | undefined;
  readonly Values?: readonly string[] | undefined;
  readonly MatchOptions?: readonly string[] | undefined;
}

const ROOTS = ['And', 'Or', 'Not', 'Dimensions', 'Tags', 'CostCategories'] as const;

/** Leaves of one filter (Billing User Guide, quotas and restrictions, checked 2026-11). */
const MAX_LEAVES = 100;
/** Expressions inside one another; AWS publishes no number. */
const MAX_DEPTH = 30;

const EVERYTHING: ReportFilter = { and: [] };
const NOTHING: ReportFilter = { or: [] };

/** The report filter that an expression means. Throws ValidationException in Cost Explorer's words. */
export function filterOf(expression: CostExpression): ReportFilter {
  const leaves = { count: 0 };
  return translate(expression, 1, leaves);
}

function translate(expression: CostExpression, depth: number, leaves: { count: number }): ReportFilter {
  if (depth > MAX_DEPTH) throw invalid(`Expression is nested more than ${MAX_DEPTH} levels deep`);
  const root = rootOf(expression);
  if (root === 'And' || root === 'Or') {
    const operands = expression[root]!;
    if (operands.length < 2) throw invalid(`${root} expression must have at least 2 operands`);
    const parts = operands.map((operand) => translate(operand, depth + 1, leaves));
    return root === 'And' ? { and: parts } : { or: parts };
  }
  if (root === 'Not') return { not: translate(expression.Not!, depth + 1, leaves) };
  leaves.count += 1;
  if (leaves.count > MAX_LEAVES) throw invalid(`Expression has more than ${MAX_LEAVES} filters`);
  if (root === 'Dimensions') return dimensionFilter(expression.Dimensions!);
  return root === 'Tags' ? tagFilter(expression.Tags!) : costCategoryFilter(expression.CostCategories!);
}

function rootOf(expression: CostExpression): (typeof ROOTS)[number] {
  const [root, another] = ROOTS.filter((name) => expression[name] !== undefined);
  if (root && !another) return root;
  const count = root ? 'more than one roots' : 'zero roots';
  throw invalid(`Expression has ${count}. Only one root operator is allowed for each expression: ${ROOTS.join(', ')}`);
}

function dimensionFilter(leaf: CostExpressionLeaf): ReportFilter {
  const dimension = costDimension(leaf.Key ?? '');
  if (!dimension) {
    throw invalid(`Dimension ${leaf.Key} is not allowed. Allowed dimension(s): ${FILTER_DIMENSIONS.join(', ')}`);
  }
  checkMatchOptions(leaf, ['EQUALS', 'CASE_SENSITIVE']);
  const equalsAny = valuesOf(leaf);
  if ('dimension' in dimension) return { key: dimension, equalsAny };
  return equalsAny.includes(dimension.constant) ? EVERYTHING : NOTHING;
}

function tagFilter(leaf: CostExpressionLeaf): ReportFilter {
  const key = leaf.Key === undefined ? undefined : { tag: leaf.Key };
  if (isAbsent(leaf)) return { absent: key ?? 'anyTag' };
  const equalsAny = valuesOf(leaf);
  if (!key) throw invalid('Tag expression must have a key');
  return { key, equalsAny };
}

/** No cost categories are defined here: every category is without a value. */
function costCategoryFilter(leaf: CostExpressionLeaf): ReportFilter {
  return isAbsent(leaf) || valuesOf(leaf).includes('') ? EVERYTHING : NOTHING;
}

function isAbsent(leaf: CostExpressionLeaf): boolean {
  checkMatchOptions(leaf, ['EQUALS', 'ABSENT', 'CASE_SENSITIVE']);
  if (!leaf.MatchOptions?.includes('ABSENT')) return false;
  if (leaf.Values?.length) throw invalid('Values must be empty when the match option is ABSENT');
  return true;
}

function checkMatchOptions({ MatchOptions: options = [] }: CostExpressionLeaf, allowed: readonly string[]): void {
  const stray = options.find((option) => !allowed.includes(option));
  if (stray) throw invalid(`Match option ${stray} is not allowed. Allowed match option(s): ${allowed.join(', ')}`);
}

function valuesOf({ Key, Values: values = [] }: CostExpressionLeaf): readonly string[] {
  if (values.length === 0) throw invalid(`Values of ${Key ?? 'the expression'} must not be empty`);
  return values;
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
