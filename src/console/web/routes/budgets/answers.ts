import type { SpendScope } from '../../spend/spend-scope.ts';

export type BudgetUnit = 'USD' | 'tokens' | 'requests' | 'concurrency';

export interface BudgetWindow {
  readonly Unit: 'hour' | 'day' | 'week' | 'month' | 'rolling';
  readonly TimeZone?: string;
  readonly Hours?: number;
}

export interface Subscriber {
  readonly Type: 'EMAIL' | 'SNS';
  readonly Address: string;
}

/** What makes a hard budget: input of `tallyline:CreateHardBudget` and `UpdateHardBudget`. */
export interface HardBudgetDefinition {
  readonly Name: string;
  readonly Scope: SpendScope;
  /** Absent: one counter for all. */
  readonly Each?: string;
  /** Absent for concurrency. */
  readonly Window?: BudgetWindow;
  readonly Unit: BudgetUnit;
  readonly Limit: string;
  readonly WarnAtPercent: readonly number[];
  readonly Mode: 'enforce' | 'warn';
  readonly Unpriced: 'allow' | 'refuse';
  readonly Subscribers: readonly Subscriber[];
}

export interface HardBudget extends HardBudgetDefinition {
  /** With the increases that are in force. */
  readonly EffectiveLimit: string;
  readonly Increases: readonly BudgetIncrease[];
  /** Written in the server's configuration, and can be changed only there. */
  readonly IsDeclared: boolean;
  /** In lists alone. Absent: nobody was counted yet, each by itself. */
  readonly Fullest?: BudgetCounter;
  readonly CounterCount?: number;
}

export interface BudgetIncrease {
  readonly IncreaseId: string;
  readonly Amount: string;
  readonly Reason: string;
  readonly ExpiresAt: string;
  readonly CreatedAt: string;
  readonly CreatedBy: string;
}

export interface BudgetCounter {
  readonly Value: string;
  readonly Spent: string;
  readonly Held: string;
  readonly Limit: string;
  readonly ResetsAt?: string;
  /** When it last had no room for a call, in this window. */
  readonly RefusedAt?: string;
}

export interface HardBudgetAnswer {
  readonly HardBudget: HardBudget;
  readonly Counters?: readonly BudgetCounter[];
  readonly NextToken?: string;
}

export interface WindowSpend {
  readonly Start: string;
  readonly End: string;
  readonly Values: readonly { readonly Value: string; readonly Used: string }[];
  readonly ValueCount: number;
  readonly OverLimit: number;
}

export interface Spend {
  readonly Amount: string;
  readonly Unit: string;
}

/** Answer of `budgets:DescribeBudgets`; whatever else it has is handed back when it is changed. */
export interface AwsBudget {
  readonly BudgetName: string;
  readonly TimeUnit: 'DAILY' | 'MONTHLY' | 'QUARTERLY' | 'ANNUALLY' | 'CUSTOM';
  readonly BudgetType: string;
  readonly BudgetLimit?: Spend;
  readonly FilterExpression?: FilterExpression;
  readonly CostFilters?: Readonly<Record<string, readonly string[]>>;
  readonly CalculatedSpend?: { readonly ActualSpend: Spend; readonly ForecastedSpend?: Spend };
  readonly LastUpdatedTime?: number;
}

export interface FilterExpression {
  readonly And?: readonly FilterExpression[];
  readonly Or?: readonly FilterExpression[];
  readonly Not?: FilterExpression;
  readonly Tags?: FilterValues;
  readonly Dimensions?: FilterValues;
  readonly CostCategories?: FilterValues;
}

export interface FilterValues {
  readonly Key: string;
  readonly Values?: readonly string[];
  readonly MatchOptions?: readonly string[];
}

export interface AwsNotification {
  readonly NotificationType: 'ACTUAL' | 'FORECASTED';
  readonly ComparisonOperator: 'GREATER_THAN' | 'LESS_THAN' | 'EQUAL_TO';
  readonly Threshold: number;
  readonly ThresholdType?: 'PERCENTAGE' | 'ABSOLUTE_VALUE';
  readonly NotificationState?: 'OK' | 'ALARM';
}

export interface BudgetNotifications {
  readonly BudgetName: string;
  readonly Notifications: readonly AwsNotification[];
}
