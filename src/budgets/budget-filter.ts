import type { CostExpression } from '../allocation/cost-expression.ts';
import { type BillingView, billingView } from '../reports/billing-view.ts';
import { costDimension } from '../reports/cost-dimension.ts';
import { type ExpressionGrammar, filterOf } from '../reports/cost-expression.ts';
import type { ReportFilter, ReportRow } from '../reports/report-query.ts';
import type { Budget, CostTypes } from './budget.ts';

/** Dimensions of AWS's budgets, in the order of its model. */
const DIMENSIONS = [
  'AZ',
  'INSTANCE_TYPE',
  'LINKED_ACCOUNT',
  'LINKED_ACCOUNT_NAME',
  'OPERATION',
  'PURCHASE_TYPE',
  'REGION',
  'SERVICE',
  'SERVICE_CODE',
  'USAGE_TYPE',
  'USAGE_TYPE_GROUP',
  'RECORD_TYPE',
  'OPERATING_SYSTEM',
  'TENANCY',
  'PLATFORM',
  'LEGAL_ENTITY_NAME',
  'INVOICING_ENTITY',
  'DEPLOYMENT_OPTION',
  'DATABASE_ENGINE',
  'CACHE_ENGINE',
  'INSTANCE_TYPE_FAMILY',
  'BILLING_ENTITY',
  'RESERVATION_ID',
  'RESOURCE_ID',
  'SAVINGS_PLANS_TYPE',
  'SAVINGS_PLAN_ARN',
];

/** Expressions of budgets; the number of filters is Cost Explorer's, AWS publishes none. */
const BUDGET_GRAMMAR: ExpressionGrammar = {
  dimensions: DIMENSIONS.filter((dimension) => costDimension(dimension) !== undefined),
  matchOptions: ['EQUALS', 'ABSENT', 'STARTS_WITH', 'ENDS_WITH', 'CONTAINS', 'CASE_SENSITIVE', 'CASE_INSENSITIVE'],
  maxLeaves: 100,
};

/** What a budget counts, as a question to the reports. */
export interface BudgetQuestion extends BillingView {
  /** Absent: everything. */
  readonly filter?: ReportFilter;
  readonly measure: 'cost' | 'netCost' | 'tokens';
}

/**
 * What a budget counts: of a member account, its own usage at most. Throws ValidationException for an expression that
 * is none.
 */
export function questionOf(
  budget: Pick<Budget, 'accountId' | 'type' | 'scope' | 'billingViewArn'>,
  managementAccountId: string,
): BudgetQuestion {
  const parts: ReportFilter[] = [];
  if (budget.accountId !== managementAccountId) {
    parts.push({ key: { dimension: 'account' }, equalsAny: [budget.accountId] });
  }
  const { scope } = budget;
  if (scope.form === 'expression') {
    if (scope.expression) parts.push(filterOf(scope.expression, BUDGET_GRAMMAR));
  } else {
    for (const [name, values] of Object.entries(scope.costFilters)) {
      parts.push(filterOf(legacyFilter(name, values), BUDGET_GRAMMAR));
    }
    const left = scope.costTypes ? leftOut(scope.costTypes) : [];
    if (left.length > 0) parts.push({ not: { key: { dimension: 'recordType' }, equalsAny: left } });
  }
  // Tokens are counted of calls alone: credits and fees have quantities of their own.
  if (budget.type === 'USAGE') parts.push({ key: { dimension: 'recordType' }, equalsAny: ['Usage'] });
  const measure = measureOf(budget);
  const { billingViewArn: viewArn } = budget;
  const question = { ...(viewArn !== undefined && billingView(viewArn, budget.accountId)), measure };
  if (parts.length === 0) return question;
  return { ...question, filter: parts.length === 1 ? parts[0]! : { and: parts } };
}

/** There are no reservations and plans here, so that amortized, blended and unblended costs are one; net is after discounts. */
function measureOf({ type, scope }: Pick<Budget, 'type' | 'scope'>): BudgetQuestion['measure'] {
  if (type === 'USAGE') return 'tokens';
  return scope.form === 'expression' && scope.metric?.startsWith('Net') ? 'netCost' : 'cost';
}

/** What a row of the answer says, in 1e-12 of the budget's unit: dollars, or thousands of tokens. */
export function rowAmount(row: ReportRow, measure: BudgetQuestion['measure']): bigint {
  if (measure === 'tokens') return row.tokens * AMOUNT_PER_TOKEN;
  return measure === 'netCost' ? row.netCostPicoUsd : row.costPicoUsd;
}

/** 1e-12 of 1K tokens that one token is. */
const AMOUNT_PER_TOKEN = 10n ** 9n;

/** Names of the older filters (AWS Budgets API reference, CostFilters; CloudFormation's and Terraform's lists). */
const LEGACY_DIMENSIONS: ReadonlyMap<string, string> = new Map([
  ['AZ', 'AZ'],
  ['BillingEntity', 'BILLING_ENTITY'],
  ['DatabaseEngine', 'DATABASE_ENGINE'],
  ['DeploymentOption', 'DEPLOYMENT_OPTION'],
  ['InstanceType', 'INSTANCE_TYPE'],
  ['InstanceTypeFamily', 'INSTANCE_TYPE_FAMILY'],
  ['InvoicingEntity', 'INVOICING_ENTITY'],
  ['LegalEntityName', 'LEGAL_ENTITY_NAME'],
  ['LinkedAccount', 'LINKED_ACCOUNT'],
  ['LinkedAccountName', 'LINKED_ACCOUNT_NAME'],
  ['Operation', 'OPERATION'],
  ['Platform', 'PLATFORM'],
  ['PurchaseType', 'PURCHASE_TYPE'],
  ['RecordType', 'RECORD_TYPE'],
  ['Region', 'REGION'],
  ['Service', 'SERVICE'],
  ['Tenancy', 'TENANCY'],
  ['UsageType', 'USAGE_TYPE'],
  ['UsageTypeGroup', 'USAGE_TYPE_GROUP'],
]);

const LEGACY_NAMES = [...LEGACY_DIMENSIONS.keys(), 'CostCategory', 'TagKeyValue'];

export function isLegacyFilter(name: string): boolean {
  return LEGACY_NAMES.includes(name);
}

/** A filter of the older form, `TagKeyValue: ["user:team$ds"]`, as the expression that says the same. */
function legacyFilter(name: string, values: readonly string[]): CostExpression {
  const dimension = LEGACY_DIMENSIONS.get(name);
  if (dimension) return { Dimensions: { Key: dimension, Values: values } };
  // `user:` marks tags that users define; keys with another prefix (`iamPrincipal/team`) stand as they are.
  const pairs = values.map((value) => splitPair(name === 'TagKeyValue' ? value.replace(/^user:/, '') : value));
  const byKey = Map.groupBy(pairs, ([key]) => key);
  const leaves = [...byKey].map(([Key, ofKey]): CostExpression => {
    const leaf = { Key, Values: ofKey.map(([, value]) => value) };
    return name === 'TagKeyValue' ? { Tags: leaf } : { CostCategories: leaf };
  });
  return leaves.length === 1 ? leaves[0]! : { Or: leaves };
}

/** `key$value`; without `$` the value is empty, which is usage without the key. */
function splitPair(text: string): [key: string, value: string] {
  const at = text.indexOf('$');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Record types that a budget of the older form leaves out. */
function leftOut(types: CostTypes): string[] {
  return [
    ...(types.IncludeTax ? [] : ['Tax']),
    ...(types.IncludeRefund ? [] : ['Refund']),
    ...(types.IncludeCredit ? [] : ['Credit']),
    ...(types.IncludeDiscount ? [] : ['Discount']),
    // A fee here is a subscription that is no reservation.
    ...(types.IncludeSubscription && types.IncludeOtherSubscription ? [] : ['Fee']),
  ];
}
