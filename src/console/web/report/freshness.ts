import type { Book } from '../../../reports/book.ts';
import type { Scope } from '../api/session.ts';
import { useCall } from '../api/use-call.ts';
import type { TimeSpan } from '../time/range.ts';
import { instant } from './get-report.ts';

/** Answer of `tallyline:GetFreshness`: what the figures of a span rest on. */
export interface FreshnessAnswer {
  /** All usage that the server admitted before is in the figures. */
  readonly ActualThrough?: string;
  /** Instead, where the figures are those of an imported bill: the end of the latest usage in it. */
  readonly BilledThrough?: string;
  /** Of usage that nobody counted. */
  readonly EstimatedUsd: string;
  /** Of upstreams that an imported bill was compared for. Absent: no bill was compared. */
  readonly ReconcilableUsd?: string;
  /** The part of it that no bill confirms so far. */
  readonly UnreconciledUsd?: string;
  /** Pieces without a price: in no cost. */
  readonly Unpriced: string;
  /** Calls whose process died before they were answered: estimated. */
  readonly Interrupted: number;
}

export function useFreshness(
  { startMs, endMs }: TimeSpan,
  scope: Scope | undefined,
  { everyMs, book }: { readonly everyMs?: number; readonly book?: Book | undefined } = {},
) {
  return useCall<FreshnessAnswer>(
    'tallyline',
    'GetFreshness',
    {
      ...(scope !== undefined && scope !== 'ALL' && { Scope: scope }),
      ...(book && { Book: book }),
      Start: instant(startMs),
      End: instant(endMs),
    },
    { enabled: scope !== undefined, ...(everyMs !== undefined && { everyMs }) },
  );
}
