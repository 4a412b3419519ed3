import type { ReportFilter } from '../../../../reports/report-query.ts';
import type { SuggestionKind } from '../../../../reports/saving-suggestions.ts';
import type { ChangeReason } from '../../spend/spend-change.ts';
import type { RequestSummary } from '../requests/request-summary.ts';

/** What ExplainSpend answers. Amounts are decimal text, times ISO 8601. */
export interface Why {
  readonly Before: Period;
  readonly After: Period;
  readonly ComparedAs: string;
  readonly PreviousUsd: string;
  readonly CostUsd: string;
  readonly ChangeUsd: string;
  readonly Sentence: string;
  /** Add up to the difference. */
  readonly Reasons: readonly ChangeReason[];
  readonly Path: readonly Driver[];
  /** By each key; the values add up to the difference. */
  readonly Drivers: readonly { readonly Key: WireKey; readonly Values: readonly Driver[] }[];
  readonly Course: {
    readonly Grain: 'hour' | 'day';
    readonly Before: readonly Point[];
    readonly After: readonly Point[];
  };
  readonly Since?: { readonly At: string; readonly Text: string; readonly IsInside: boolean };
  readonly PathFilter: ReportFilter;
  readonly Requests?: readonly RequestSummary[];
  readonly RequestsFrom?: string;
  readonly RequestsTo?: string;
  readonly Suggestions: readonly Suggestion[];
  readonly Anomaly?: {
    readonly AnomalyId: string;
    readonly Value: string;
    readonly ActualUsd: string;
    readonly ExpectedUsd: string;
  };
}

export interface Period {
  readonly Start: string;
  readonly End: string;
}

export interface WireKey {
  readonly Type: string;
  readonly Key: string;
}

export interface Driver {
  /** Of a step of the path. */
  readonly Key?: WireKey;
  readonly Value: string;
  readonly IsOther?: boolean;
  readonly PreviousUsd: string;
  readonly CostUsd: string;
  readonly ChangeUsd: string;
  /** `92.0 %` of the difference, or of the step before; absent where that is nothing. */
  readonly Share?: string;
  readonly Sentence: string;
}

export interface Point {
  readonly Start: string;
  readonly CostUsd: string;
}

export interface Suggestion {
  readonly Kind: SuggestionKind;
  readonly Principals: readonly string[];
  readonly ModelId: string;
  readonly CostUsd: string;
  readonly SavingUsd: string;
  /** What it saves beside those before it. */
  readonly AddsUsd: string;
  readonly Sentence: string;
  readonly Text: string;
  readonly Assumption: string;
  readonly IsWhatIf: boolean;
}
