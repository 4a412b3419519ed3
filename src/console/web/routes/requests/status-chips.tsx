import type { ReactElement } from 'react';
import type { RequestSummary } from './request-summary.ts';

const LOOKS = { completed: 'chip-good', cut: 'chip-warn', failed: 'chip-bad', interrupted: 'chip-warn' } as const;

/** How a call ended, and what is to be known of its figures. */
export function StatusChips({ call }: { readonly call: RequestSummary }): ReactElement {
  return (
    <span className="row">
      <span className={`chip ${LOOKS[call.Status]}`}>{call.Status}</span>
      {call.ErrorCode && <span className="chip">{call.ErrorCode}</span>}
      {call.IsEstimated && <span className="chip chip-warn">estimated</span>}
      {call.AttemptOf !== undefined && <span className="chip">further attempt</span>}
      {call.ClientGone && <span className="chip">client gone</span>}
    </span>
  );
}
