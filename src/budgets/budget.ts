import type { CostExpression } from '../allocation/cost-expression.ts';
import type { NoticeAddress } from '../kernel/notice.ts';

/** What is budgeted. Reservations and savings plans, AWS's other types, do not exist here. */
export type BudgetType = 'COST' | 'USAGE';

export type TimeUnit = 'DAILY' | 'MONTHLY' | 'QUARTERLY' | 'ANNUALLY' | 'CUSTOM';

/** An amount as it is kept: exact decimal text and its unit, `USD` for costs. */
export interface Spend {
  readonly amount: string;
  readonly unit: string;
}

export interface Budget {
  readonly accountId: string;
  /** Unique in the account. */
  readonly name: string;
  readonly type: BudgetType;
  readonly timeUnit: TimeUnit;
  readonly limit: BudgetLimit;
  /** The budget counts from here on. */
  readonly startMs: number;
  /** From here on the budget is no more. */
  readonly endMs: number;
  readonly scope: BudgetScope;
  /** As the request named it. Absent: the primary one. */
  readonly billingViewArn?: string;
  readonly updatedAtMs: number;
  readonly notifications: readonly BudgetNotification[];
  readonly tags: readonly (readonly [string, string])[];
}

/** Where the limit of a period comes from. */
export type BudgetLimit =
  | { readonly kind: 'fixed'; readonly spend: Spend }
  /** By the start of each period, in order. The last one stays when the plan is over. */
  | { readonly kind: 'planned'; readonly spends: readonly (readonly [startMs: number, Spend])[] }
  /** Average of so many periods before the current one. */
  | { readonly kind: 'historical'; readonly lookBackPeriods: number }
  /** What the period was expected to come to when it began. */
  | { readonly kind: 'forecast' };

/** What is counted, in one of the two forms that AWS has for it. */
export type BudgetScope =
  | {
      readonly form: 'expression';
      /** Absent: everything. */
      readonly expression?: CostExpression;
      /** Absent: not named, which is UnblendedCost or UsageQuantity. */
      readonly metric?: BudgetMetric;
    }
  | {
      readonly form: 'legacy';
      /** AWS's names of filters with their values: all filters hold, any of their values. */
      readonly costFilters: Readonly<Record<string, readonly string[]>>;
      /** Cost budgets only. */
      readonly costTypes?: CostTypes;
    };

export type BudgetMetric =
  | 'UnblendedCost'
  | 'BlendedCost'
  | 'AmortizedCost'
  | 'NetUnblendedCost'
  | 'NetAmortizedCost'
  | 'UsageQuantity';

/** Kinds of charges that a budget of the older form counts, in AWS's order. */
export const COST_TYPE_DEFAULTS = {
  IncludeTax: true,
  IncludeSubscription: true,
  UseBlended: false,
  IncludeRefund: true,
  IncludeCredit: true,
  IncludeUpfront: true,
  IncludeRecurring: true,
  IncludeOtherSubscription: true,
  IncludeSupport: true,
  IncludeDiscount: true,
  UseAmortized: false,
} as const;

export type CostTypes = Readonly<Record<keyof typeof COST_TYPE_DEFAULTS, boolean>>;

export interface Threshold {
  readonly value: number;
  readonly type: 'PERCENTAGE' | 'ABSOLUTE_VALUE';
}

export type NotificationType = 'ACTUAL' | 'FORECASTED';

export interface BudgetNotification {
  readonly type: NotificationType;
  readonly operator: 'GREATER_THAN' | 'LESS_THAN' | 'EQUAL_TO';
  readonly threshold: Threshold;
  readonly subscribers: readonly NoticeAddress[];
}

/** What tells a notification from the others of its budget: all of it but its subscribers. */
export function notificationKey({ type, operator, threshold }: Omit<BudgetNotification, 'subscribers'>): string {
  return [type, operator, threshold.value, threshold.type].join(' ');
}

export function budgetArn({ accountId, name }: Pick<Budget, 'accountId' | 'name'>): string {
  return `arn:aws:budgets::${accountId}:budget/${name}`;
}
