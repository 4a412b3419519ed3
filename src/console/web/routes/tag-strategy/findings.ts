import { useCall } from '../../api/use-call.ts';
import { add } from '../../format/decimal.ts';
import type { RangeText } from '../../time/range.ts';
import { useInstants } from '../tags/tag-calls.ts';

/** Answer of `tallyline:GetTagStrategy`. */
export interface TagStrategy {
  readonly RequiredTags: readonly RequiredTag[];
  /** Absent: none was ever made. */
  readonly UpdatedAt?: string;
  readonly UpdatedBy?: string;
}

export interface RequiredTag {
  readonly TagKey: string;
  /** Empty: any. */
  readonly AllowedValues?: readonly string[];
  readonly Description?: string;
}

/** Answer of `tallyline:GetTagFindings`. */
export interface TagFindings {
  readonly TotalUsd: string;
  readonly Missing: readonly MissingTag[];
  readonly NotAllowed: readonly NotAllowedValue[];
  readonly Similar: readonly SimilarValues[];
  readonly KeyVariants: readonly KeyVariants[];
}

export interface MissingTag {
  readonly TagKey: string;
  readonly CostUsd: string;
  readonly Subjects: number;
  readonly Holders: readonly Holder[];
}

export interface NotAllowedValue {
  readonly TagKey: string;
  readonly Value: string;
  readonly CostUsd: string;
  /** An allowed value that it is like. */
  readonly Meant?: string;
  readonly Holders: readonly Holder[];
}

export interface SimilarValues {
  readonly TagKey: string;
  readonly Likeness: string;
  readonly Kept: CostlyName;
  readonly Others: readonly CostlyName[];
  readonly Holders: readonly Holder[];
}

export interface KeyVariants {
  readonly Kept: CostlyName;
  readonly Others: readonly CostlyName[];
  readonly Holders: readonly Holder[];
}

export interface CostlyName {
  readonly Value: string;
  readonly CostUsd: string;
}

/** Who carried it, and how later calls carry something else. */
export interface Holder {
  readonly TagKey: string;
  readonly Value: string;
  readonly Subject: string;
  readonly AccountId: string;
  readonly CostUsd: string;
  readonly LastUsedAt: string;
  readonly Fixes: readonly Fix[];
}

export interface Fix {
  readonly Text: string;
  readonly Code?: string;
}

export function useTagStrategy() {
  return useCall<TagStrategy>('tallyline', 'GetTagStrategy');
}

export function useTagFindings(range: RangeText) {
  const instants = useInstants(range);
  return useCall<TagFindings>('tallyline', 'GetTagFindings', instants, { enabled: instants !== undefined });
}

export function costOf(names: readonly CostlyName[]): string {
  return add('0', ...names.map(({ CostUsd }) => CostUsd));
}
