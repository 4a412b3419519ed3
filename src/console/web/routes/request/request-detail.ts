import type { RequestSummary } from '../requests/request-summary.ts';

/** Answer of `tallyline:GetRequest`. */
export interface RequestDetail {
  readonly Request: RequestSummary;
  readonly Identity: {
    readonly Chain: readonly ChainLink[];
    readonly PrincipalId: string;
    readonly AccountId: string;
    readonly AccountName?: string;
    readonly SourceIp: string;
    readonly UserAgent: string;
    readonly RequestMetadata: Readonly<Record<string, string>>;
  };
  /** Absent: the reader sees their own or their team's calls alone. */
  readonly Access?: RequestAccess;
  readonly Tags: readonly RequestTag[];
  readonly Charges: readonly RequestCharge[];
  readonly CostUsd: string;
  readonly NetCostUsd: string;
  readonly LineItem: {
    readonly BillingPeriod: string;
    readonly BucketStart: string;
    readonly BucketEnd: string;
    readonly IamPrincipal: string;
    readonly ResourceId: string;
  };
  readonly Attempts: readonly RequestSummary[];
  readonly Budgets: readonly CountedBudget[];
  readonly RawUsage?: string;
  readonly Copies: { readonly Curl?: string; readonly AwsCli?: string; readonly Sql: string };
}

export interface ChainLink {
  readonly Type: string;
  readonly Id: string;
  readonly Name?: string;
  readonly Evidence: 'event' | 'audit' | 'directory';
}

export interface RequestAccess {
  readonly EvaluatedAt: string;
  readonly Decision?: string;
  readonly Permissions: readonly {
    readonly Action: string;
    readonly Resource: string;
    readonly Decision: string;
    readonly Message?: string;
    readonly Layers: readonly {
      readonly Layer: string;
      readonly Verdict: string;
      readonly Statements: readonly {
        readonly PolicyId: string;
        readonly StatementId: string;
        readonly Effect: string;
      }[];
    }[];
  }[];
  readonly Reason?: string;
}

export interface RequestTag {
  readonly Key: string;
  readonly Value: string;
  readonly Origin: string;
  readonly TagKey: string;
  readonly IsShown: boolean;
}

export interface RequestCharge {
  readonly Meter: string;
  readonly ModelId: string;
  readonly Context: string;
  readonly Quantity: string;
  readonly CostUsd: string;
  readonly IsUnpriced: boolean;
  readonly UnitPriceUsd?: string;
  readonly QuotedPriceUsd?: string;
  readonly QuotedPer?: string;
  readonly NetCostUsd?: string;
  readonly Discounts: readonly { readonly Name: string; readonly UnitPriceUsd: string }[];
  readonly Price?: {
    readonly PriceId: string;
    readonly Source: string;
    readonly Certainty: string;
    readonly EffectiveFrom?: string;
    readonly EffectiveTo?: string;
    readonly Checked?: string;
    readonly Note?: string;
  };
  readonly UsageType: string;
  readonly ProductCode: string;
  readonly Service: string;
  readonly PricingUnit: string;
}

export interface CountedBudget {
  readonly Name: string;
  readonly Mode: string;
  readonly Unit: string;
  readonly Scope: string;
  readonly Each?: string;
  readonly Value?: string;
  readonly Limit: string;
  readonly Spent: string;
  readonly ResetsAt?: string;
  readonly IsCounted: boolean;
}
