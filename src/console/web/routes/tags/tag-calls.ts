import { useMemo } from 'react';
import { useCall } from '../../api/use-call.ts';
import { usePresent } from '../../display/present.ts';
import { type RangeText, spanOf } from '../../time/range.ts';

/** Answer of `tallyline:GetTagHistory`; times are ISO 8601. */
export interface TagHistory {
  readonly Tags: readonly TagEntry[];
  readonly Backfills: readonly TagBackfill[];
  readonly NextToken?: string;
}

export interface TagEntry {
  readonly TagKey: string;
  readonly Status: 'Active' | 'Inactive';
  readonly DiscoveredAt: string;
  readonly LastUsedAt: string;
  readonly LastUpdatedAt?: string;
  readonly LastUpdatedBy?: string;
  readonly Shown: readonly { readonly From: string; readonly Until?: string }[];
  /** Of one key alone. */
  readonly Switches?: readonly TagSwitch[];
}

export interface TagSwitch {
  readonly Status: string;
  readonly At: string;
  readonly EffectiveFrom: string;
  readonly By: string;
}

export interface TagBackfill {
  readonly From: string;
  readonly RequestedAt: string;
  readonly CompletedAt: string;
  readonly IsDone: boolean;
  readonly RequestedBy?: string;
}

/** Answer of `tallyline:GetTagCoverage`. */
export interface TagCoverage {
  readonly TotalUsd: string;
  readonly Tags: readonly KeyCoverage[];
  readonly CostCategories: readonly { readonly Name: string; readonly ShownUsd: string; readonly Values: number }[];
}

export interface KeyCoverage {
  readonly TagKey: string;
  readonly CarriedUsd: string;
  readonly ShownUsd: string;
  readonly Values: number;
}

/** What is out of date when a key was switched, or the past filled in. */
export const OUTDATED_BY_SWITCH = [
  ['tallyline', 'GetTagHistory'],
  ['tallyline', 'GetTagCoverage'],
  ['tallyline', 'GetReport'],
  ['ce', 'ListCostAllocationTagBackfillHistory'],
] as const;

/** Start and end of a range for operations that take ISO 8601; undefined for text that is no range. */
export function useInstants(range: RangeText): { readonly Start: string; readonly End: string } | undefined {
  const span = spanOf(range, usePresent());
  const [startMs, endMs] = [span?.startMs, span?.endMs];
  return useMemo(() => {
    if (startMs === undefined || endMs === undefined) return undefined;
    return { Start: new Date(startMs).toISOString(), End: new Date(endMs).toISOString() };
  }, [startMs, endMs]);
}

export function useTagHistory() {
  return useCall<TagHistory>('tallyline', 'GetTagHistory', { MaxResults: 1_000 });
}

export function useTagCoverage(range: RangeText) {
  const instants = useInstants(range);
  return useCall<TagCoverage>('tallyline', 'GetTagCoverage', instants, { enabled: instants !== undefined });
}
