import type { ReactElement } from 'react';
import { Money, Share } from '../../components/figures.tsx';
import { Freshness } from '../../components/time.tsx';
import { isZero } from '../../format/decimal.ts';
import { useFreshness } from '../../report/freshness.ts';
import type { ExplorerQuestion } from './question.ts';

/** What the figures of the range rest on, whatever is filtered: how far they reach, and how much of them is estimated. */
export function Basis({ question }: { readonly question: ExplorerQuestion }): ReactElement {
  const { data } = useFreshness(question.span, question.scope, { book: question.view.book });
  const through = data?.BilledThrough ?? data?.ActualThrough;
  if (!data || through === undefined) return <span>{'\u00a0'}</span>;
  const { EstimatedUsd, Interrupted, ReconcilableUsd, UnreconciledUsd } = data;
  return (
    <span className="row basis">
      <Freshness through={through} billed={data.BilledThrough !== undefined} />
      {!isZero(EstimatedUsd) && (
        <span>
          <Money usd={EstimatedUsd} /> of the range is estimated
        </span>
      )}
      {ReconcilableUsd !== undefined && UnreconciledUsd !== undefined && !isZero(ReconcilableUsd) && (
        <span>
          <Share part={UnreconciledUsd} whole={ReconcilableUsd} /> unreconciled
        </span>
      )}
      {Interrupted > 0 && (
        <span>
          {Interrupted} interrupted {Interrupted === 1 ? 'call is' : 'calls are'} in it by an estimate
        </span>
      )}
    </span>
  );
}
