import type { UseQueryResult } from '@tanstack/react-query';
import type { ApiError } from '../../api/api-error.ts';
import { useCall } from '../../api/use-call.ts';
import type { TimeSpan } from '../../time/range.ts';

export interface Structure {
  readonly Name: string;
  readonly Entries: number;
  readonly Members: number;
  /** Of today. */
  readonly Values: readonly string[];
}

export interface Entry {
  readonly Who: string;
  readonly Kind: 'principal' | 'person' | 'pattern' | 'tag' | 'account';
  readonly Value: string;
  readonly From: string;
  readonly To?: string;
  readonly Source: 'tag' | 'account' | 'scim' | 'csv';
}

export interface Move {
  readonly From: string;
  readonly To: string;
  readonly CostUsd: string;
  readonly Requests: string;
}

export interface Preview {
  readonly Errors: readonly { readonly Line: number; readonly Message: string }[];
  readonly Moves: readonly Move[];
  /** Absent with errors. */
  readonly TotalUsd?: string;
  readonly MovedUsd?: string;
  readonly Entries?: number;
}

/** What every change of entries makes out of date. */
export const OUTDATED = [
  ['tallyline', 'ListMembershipStructures'],
  ['tallyline', 'ListMembershipEntries'],
  ['tallyline', 'PreviewMembership'],
  ['tallyline', 'GetReport'],
] as const;

export function useStructures(enabled = true): UseQueryResult<{ readonly Structures: readonly Structure[] }, ApiError> {
  return useCall('tallyline', 'ListMembershipStructures', {}, { enabled });
}

const SHOWN_ENTRIES = 1_000;

export function useEntries(
  structure: string | undefined,
  text: string,
): UseQueryResult<{ readonly Entries: readonly Entry[]; readonly Found: number }, ApiError> {
  const input = { Structure: structure ?? '', MaxResults: SHOWN_ENTRIES, ...(text !== '' && { Text: text }) };
  return useCall('tallyline', 'ListMembershipEntries', input, { enabled: structure !== undefined });
}

/** What today's structure would move of the past. */
export function usePastMoves(structure: string | undefined, span: TimeSpan): UseQueryResult<Preview, ApiError> {
  const input = { Structure: structure ?? '', ...instants(span) };
  return useCall('tallyline', 'PreviewMembership', input, { enabled: structure !== undefined });
}

export function instants({ startMs, endMs }: TimeSpan): { readonly Start: string; readonly End: string } {
  return { Start: new Date(startMs).toISOString(), End: new Date(endMs).toISOString() };
}
