import type { SpendChange } from '../../spend/spend-change.ts';
import type { BudgetStanding } from '../../spend/standing.ts';

/** Answer of `tallyline:GetOverview`: amounts are decimal text, instants ISO 8601. */
export interface Overview {
  readonly At: string;
  readonly TimeZone: string;
  readonly TeamTagKey: string;
  readonly MonthToDate: SpentIn;
  /** Up to the same day and time; absent: nothing was used before this month. */
  readonly LastMonth?: SpentIn & { readonly WholeUsd: string; readonly BeganAt?: string };
  readonly Days: readonly SpentIn[];
  readonly MonthEnd: string;
  /** Absent: there is not enough history. */
  readonly Forecast?: Outlook & { readonly LevelPercent: number; readonly Days: readonly ForecastDay[] };
  readonly Movers: readonly Mover[];
  readonly ComparedFrom: string;
  readonly MoversFrom: string;
  readonly MoversTo: string;
  readonly Budgets: readonly BudgetStanding[];
  readonly Quality: Quality;
  /** Absent: they are of everybody's spend, which the scope does not show. */
  readonly Anomalies?: readonly OverviewAnomaly[];
}

export interface SpentIn {
  readonly Start: string;
  readonly End: string;
  readonly CostUsd: string;
  readonly Tokens: string;
  readonly Requests: string;
}

export interface Outlook {
  readonly MeanUsd: string;
  readonly LowerUsd: string;
  readonly UpperUsd: string;
}

export interface ForecastDay extends Outlook {
  readonly Start: string;
  readonly End: string;
  /** The month up to the end of the day. */
  readonly Month: Outlook;
}

export type MoverType = 'PRINCIPAL' | 'MODEL' | 'TEAM';

export interface Mover extends SpendChange {
  readonly Type: MoverType;
}

export interface Quality {
  /** Of usage alone. */
  readonly CostUsd: string;
  readonly UnattributedUsd: string;
  readonly UntaggedUsd: string;
  readonly IsTeamTagActive: boolean;
  readonly EstimatedUsd: string;
  readonly Quantity: string;
  readonly Unpriced: string;
  readonly UnpricedModels: readonly string[];
  readonly Calls: string;
  readonly Interrupted: string;
  readonly Cut: string;
  readonly Failed: string;
  readonly ActualThrough?: string;
  readonly EstimatedSince?: string;
}

export interface OverviewAnomaly {
  readonly AnomalyId: string;
  readonly Monitor: string;
  readonly Value: string;
  readonly From: string;
  readonly To: string;
  readonly ActualUsd: string;
  readonly ExpectedUsd: string;
  readonly ImpactUsd: string;
  readonly Cause?: {
    readonly Service: string;
    readonly Region: string;
    readonly AccountId: string;
    readonly UsageType: string;
    readonly ContributionUsd: string;
  };
  readonly Principal?: string;
  readonly PrincipalUsd?: string;
}
