import type { CostExpression } from '../allocation/cost-expression.ts';
import { Fault } from '../kernel/fault.ts';
import type { NoticeAddress } from '../kernel/notice.ts';
import type { Impact } from './anomaly.ts';

export type SubscriptionFrequency = 'DAILY' | 'IMMEDIATE' | 'WEEKLY';

/** Who is told of a monitor's anomalies, how often, and from which impact on. */
export interface AnomalySubscription {
  readonly arn: string;
  readonly accountId: string;
  readonly name: string;
  readonly monitorArns: readonly string[];
  readonly frequency: SubscriptionFrequency;
  readonly subscribers: readonly NoticeAddress[];
  /** The deprecated form, in USD, kept for answers; `thresholdExpression` says the same. */
  readonly threshold?: number;
  readonly thresholdExpression: CostExpression;
  readonly createdAtMs: number;
  /** End of the period that the last summary was about, or would have been; absent: when it was created. */
  readonly summarisedUntilMs?: number;
  readonly tags: readonly (readonly [string, string])[];
}

const ABSOLUTE = 'ANOMALY_TOTAL_IMPACT_ABSOLUTE';
const PERCENTAGE = 'ANOMALY_TOTAL_IMPACT_PERCENTAGE';

/** API reference, AnomalySubscription, checked 2026-11. */
const MAX_THRESHOLD = 10_000_000_000;
/** Expressions inside one another; AWS publishes no number. */
const MAX_DEPTH = 5;

/** The expression that the deprecated `Threshold` is short for. */
export function absoluteThreshold(thresholdUsd: number): CostExpression {
  return { Dimensions: { Key: ABSOLUTE, Values: [String(thresholdUsd)], MatchOptions: ['GREATER_THAN_OR_EQUAL'] } };
}

/** Whether an anomaly is large enough to be told. An impact on nothing expected is above every percentage. */
export function meetsThreshold(expression: CostExpression, impact: Impact): boolean {
  if (expression.And) return expression.And.every((part) => meetsThreshold(part, impact));
  if (expression.Or) return expression.Or.some((part) => meetsThreshold(part, impact));
  const { Key: key, Values: values } = expression.Dimensions!;
  const limit = Number(values![0]);
  return key === ABSOLUTE ? impact.totalUsd >= limit : (impact.percentage ?? Number.POSITIVE_INFINITY) >= limit;
}

/** Throws ValidationException for an expression that is no threshold. AWS publishes no wording for these. */
export function validateThreshold(expression: CostExpression, depth = 1): void {
  const [root, another] = Object.entries(expression).filter(([, part]) => part !== undefined);
  if (!root || another || !['And', 'Or', 'Dimensions'].includes(root[0]) || depth > MAX_DEPTH) {
    throw invalid('ThresholdExpression must be one of: And, Or, Dimensions');
  }
  const operands = expression.And ?? expression.Or;
  if (operands) {
    if (operands.length < 2) throw invalid(`${root[0]} expression must have at least 2 operands`);
    for (const operand of operands) validateThreshold(operand, depth + 1);
    return;
  }
  const { Key: key = '', Values: values = [], MatchOptions: options = [] } = expression.Dimensions!;
  if (key !== ABSOLUTE && key !== PERCENTAGE) {
    throw invalid(`Dimension ${key} is not allowed. Allowed dimension(s): ${ABSOLUTE}, ${PERCENTAGE}`);
  }
  if (options.length !== 1 || options[0] !== 'GREATER_THAN_OR_EQUAL') {
    throw invalid('MatchOptions of a ThresholdExpression must be GREATER_THAN_OR_EQUAL');
  }
  const isNumber = values.length === 1 && /^\d+(\.\d+)?$/.test(values[0]!) && Number(values[0]) <= MAX_THRESHOLD;
  if (!isNumber) throw invalid(`Values of a ThresholdExpression must be one number between 0 and ${MAX_THRESHOLD}`);
}

/** Throws ValidationException. The first text is AWS's (public error reports, 2026-11); the others are not published. */
export function validateSubscribers(frequency: SubscriptionFrequency, subscribers: readonly NoticeAddress[]): void {
  if (subscribers.length === 0) throw invalid('Subscribers must not be empty');
  const hasTopic = subscribers.some(({ type }) => type === 'SNS');
  if (frequency !== 'IMMEDIATE' && hasTopic) {
    throw invalid('Daily or weekly frequencies only support Email subscriptions');
  }
  if (frequency === 'IMMEDIATE' && subscribers.some(({ type }) => type === 'EMAIL')) {
    throw invalid('Immediate frequency only supports SNS subscriptions');
  }
  for (const { type, address } of subscribers) {
    if (address.startsWith('arn:') !== (type === 'SNS')) throw invalid(`${address} is no address of type ${type}`);
  }
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
