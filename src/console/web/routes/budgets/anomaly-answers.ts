/** Answers of `ce:GetAnomalies`, `GetAnomalyMonitors` and `GetAnomalySubscriptions`. Impacts are doubles, as on AWS. */
export interface Anomaly {
  readonly AnomalyId: string;
  readonly AnomalyScore: { readonly MaxScore: number; readonly CurrentScore: number };
  readonly Impact: {
    readonly MaxImpact: number;
    readonly TotalImpact: number;
    readonly TotalActualSpend?: number;
    readonly TotalExpectedSpend?: number;
    readonly TotalImpactPercentage?: number;
  };
  readonly MonitorArn: string;
  readonly AnomalyStartDate: string;
  readonly AnomalyEndDate?: string;
  readonly DimensionValue?: string;
  readonly RootCauses?: readonly RootCause[];
  readonly Feedback?: Feedback;
}

export type Feedback = 'YES' | 'NO' | 'PLANNED_ACTIVITY';

/** Without members: everything else that the impact is made of. */
export interface RootCause {
  readonly Service?: string;
  readonly Region?: string;
  readonly LinkedAccount?: string;
  readonly LinkedAccountName?: string;
  readonly UsageType?: string;
  readonly Impact?: { readonly Contribution: number };
}

export interface AnomalyMonitor {
  readonly MonitorArn: string;
  readonly MonitorName: string;
  readonly MonitorType: 'DIMENSIONAL' | 'CUSTOM';
  readonly MonitorDimension?: 'SERVICE' | 'LINKED_ACCOUNT' | 'TAG' | 'COST_CATEGORY';
  readonly MonitorSpecification?: {
    readonly Tags?: { readonly Key: string };
    readonly CostCategories?: { readonly Key: string };
  };
  readonly LastEvaluatedDate?: string;
  readonly DimensionalValueCount?: number;
}

export interface AnomalySubscription {
  readonly SubscriptionArn: string;
  readonly SubscriptionName: string;
  readonly MonitorArnList: readonly string[];
  readonly Frequency: 'DAILY' | 'IMMEDIATE' | 'WEEKLY';
  readonly Subscribers: readonly { readonly Type: string; readonly Address: string }[];
  readonly ThresholdExpression?: { readonly Dimensions?: { readonly Key: string; readonly Values: readonly string[] } };
}

/** What a monitor watches, each value by itself. */
export function watchedText({ MonitorType, MonitorDimension, MonitorSpecification }: AnomalyMonitor): string {
  if (MonitorType === 'CUSTOM') return 'chosen values together';
  switch (MonitorDimension) {
    case 'TAG':
      return `each ${MonitorSpecification?.Tags?.Key.replace(/^iamPrincipal\//, '') ?? 'tag'}`;
    case 'COST_CATEGORY':
      return `each ${MonitorSpecification?.CostCategories?.Key ?? 'cost category'}`;
    case 'LINKED_ACCOUNT':
      return 'each account';
    default:
      return 'each service';
  }
}

/** Queries that a change of a monitor or of a subscription makes out of date. */
export const OUTDATED_BY_ANOMALY_CHANGE = [
  ['ce', 'GetAnomalyMonitors'],
  ['ce', 'GetAnomalySubscriptions'],
  ['ce', 'GetAnomalies'],
] as const;
