import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useMay } from '../api/session.ts';
import { useCall, useChange } from '../api/use-call.ts';
import { Button } from '../components/button.tsx';
import { Card, Stat } from '../components/card.tsx';
import { Money } from '../components/figures.tsx';
import { Page as Frame } from '../components/page.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import { TimeText } from '../components/time.tsx';
import { toast } from '../components/toast.tsx';
import { type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { isZero, subtract } from '../format/decimal.ts';
import './reconcile/reconcile.css';
import { Differences } from './reconcile/differences.tsx';
import { Matrix } from './reconcile/matrix.tsx';
import { useSourceNames } from './reconcile/source-names.ts';
import { Waterfall } from './reconcile/waterfall.tsx';
import { capitalised, type ReconciliationAnswer, type ReconciliationSummary } from './reconcile/wire.ts';

function parse(search: SearchParams) {
  return { source: textOf(search, 'source'), month: textOf(search, 'month'), code: textOf(search, 'code') };
}

/** Bill against ledger: months by sources, one of them from total to total, and its rows. */
export function Page(): ReactElement {
  const [view, set] = useViewState(parse);
  const may = useMay('tallyline:StartReconciliation');
  const nameOf = useSourceNames();
  const list = useCall<{ Reconciliations: ReconciliationSummary[] }>(
    'tallyline',
    'ListReconciliations',
    { MaxResults: 1_000 },
    { everyMs: 5_000 },
  );
  const all = list.data?.Reconciliations ?? [];
  const done = all.filter(({ State }) => State === 'DONE');
  const chosen =
    done.find(
      (one) =>
        (view.source === undefined || one.SourceId === view.source) &&
        (view.month === undefined || one.BillingPeriod === view.month),
    ) ?? done[0];
  const one = useCall<{ Reconciliation: ReconciliationAnswer }>(
    'tallyline',
    'GetReconciliation',
    { Id: chosen?.Id ?? '' },
    { enabled: chosen !== undefined },
  );
  const answer = one.data?.Reconciliation;
  const start = useChange<{ Reconciliations: ReconciliationSummary[] }>('tallyline', 'StartReconciliation', [
    'tallyline',
    'ListReconciliations',
  ]);
  const compare = () =>
    start.mutate(chosen ? { SourceId: chosen.SourceId, BillingPeriod: chosen.BillingPeriod } : {}, {
      onError: (error) => toast(error.message, 'bad'),
    });
  return (
    <Frame
      title="Reconcile"
      about="The bill of AWS against the ledger of the gateway: every difference with its cause, its amount and its rows."
      actions={
        may('tallyline:StartReconciliation') && (
          <Button look="primary" icon="retry" busy={start.isPending} onClick={compare}>
            Compare now
          </Button>
        )
      }
    >
      {list.error && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {!list.error && !list.data && <Skeleton lines={8} height={360} />}
      {list.data && all.length === 0 && (
        <EmptyState title="Nothing was compared yet" icon="check" action={<Link to="/imports">Import a bill</Link>}>
          A bill of AWS is compared with the ledger as soon as it is imported, here or with{' '}
          <code>tallyline import</code>, if calls go to an upstream of type <code>bedrock</code> or come from an
          imported invocation log.
        </EmptyState>
      )}
      {all.length > 0 && (
        <Matrix
          all={all}
          chosen={chosen}
          nameOf={nameOf}
          onChoose={({ SourceId, BillingPeriod }) => set({ source: SourceId, month: BillingPeriod, code: undefined })}
        />
      )}
      {chosen && one.error && <ErrorState error={one.error} onRetry={() => void one.refetch()} />}
      {chosen && !one.error && !answer && <Skeleton lines={6} height={280} />}
      {answer && (
        <Comparison
          answer={answer}
          source={nameOf(answer.SourceId)}
          code={view.code}
          onChoose={(code) => set({ code })}
        />
      )}
    </Frame>
  );
}

function Comparison(props: {
  readonly answer: ReconciliationAnswer;
  readonly source: string;
  readonly code: string | undefined;
  readonly onChoose: (code: string | undefined) => void;
}): ReactElement {
  const { answer, source, code, onChoose } = props;
  const { BillUsd, LedgerUsd, OpenUsd = '0', Sentence, BillThrough, LedgerThrough, OutOfScope, IsFinal } = answer;
  return (
    <>
      <Card title={`${answer.BillingPeriod}, ${source}`}>
        <div className="stack">
          <p>{capitalised(Sentence ?? '')}.</p>
          <div className="grid-4">
            <Stat
              label="Ledger"
              value={<Money usd={LedgerUsd} />}
              note={
                <span>
                  through <TimeText at={LedgerThrough} />
                </span>
              }
            />
            <Stat
              label="Bill"
              value={<Money usd={BillUsd} />}
              note={
                <span>
                  {IsFinal ? 'final' : 'not final'}, through <TimeText at={BillThrough} />
                </span>
              }
            />
            <Stat label="Difference" value={<Money usd={subtract(BillUsd, LedgerUsd)} />} />
            <Stat
              label="Open"
              value={<Money usd={OpenUsd} />}
              note={isZero(OpenUsd) ? 'nobody has to look' : 'somebody has to look'}
            />
          </div>
        </div>
      </Card>
      <Waterfall answer={answer} code={code} onChoose={onChoose} />
      <Differences key={`${answer.Id} ${code}`} answer={answer} code={code} />
      {OutOfScope.length > 0 && (
        <Card title="Not compared" note="what the other side knows nothing of">
          <ul className="reconcile-calls">
            {OutOfScope.map(({ Side, Reason, Usd, Lines }) => (
              <li key={`${Side} ${Reason}`}>
                <Money usd={Usd} /> of the {Side.toLowerCase()}: {Reason}, {Lines} lines
              </li>
            ))}
          </ul>
        </Card>
      )}
    </>
  );
}
