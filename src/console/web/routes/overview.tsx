import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useMay } from '../api/session.ts';
import { useCall } from '../api/use-call.ts';
import { Page as Frame } from '../components/page.tsx';
import { ScopeChooser } from '../components/scope-chooser.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import { Freshness } from '../components/time.tsx';
import { usePresent } from '../display/present.ts';
import { useScope } from '../display/scope.ts';
import { isZero } from '../format/decimal.ts';
import { Anomalies } from './overview/anomalies.tsx';
import type { Overview } from './overview/answer.ts';
import { BudgetMeters } from './overview/budget-meters.tsx';
import { MonthChart } from './overview/month-chart.tsx';
import { Movers } from './overview/movers.tsx';
import { QualityStrip } from './overview/quality-strip.tsx';
import { MonthStats } from './overview/stats.tsx';
import './overview/overview.css';

/** How often a page that is left open asks anew. */
const EVERY_MS = 60_000;

/** The month at a glance. */
export function Page(): ReactElement {
  const { zone } = usePresent();
  const scope = useScope();
  const input = { TimeZone: zone.name, ...(scope !== 'ALL' && { Scope: scope }) };
  const { data, error, isPending, isPlaceholderData, refetch } = useCall<Overview>('tallyline', 'GetOverview', input, {
    everyMs: EVERY_MS,
  });
  return (
    <Frame
      title="Overview"
      about={
        data?.Quality.ActualThrough && (
          <Freshness
            through={data.Quality.ActualThrough}
            {...(data.Quality.EstimatedSince !== undefined && { estimatedSince: data.Quality.EstimatedSince })}
          />
        )
      }
      actions={<ScopeChooser />}
    >
      {error && !data ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : isPending || !data ? (
        <Loading />
      ) : hasNothing(data) ? (
        <NothingYet />
      ) : (
        <Figures overview={data} busy={isPlaceholderData} />
      )}
    </Frame>
  );
}

function hasNothing({ Days, LastMonth }: Overview): boolean {
  return LastMonth === undefined && Days.every(({ CostUsd, Requests }) => isZero(CostUsd) && isZero(Requests));
}

function Figures({ overview, busy }: { readonly overview: Overview; readonly busy: boolean }): ReactElement {
  return (
    <div className="stack" aria-busy={busy}>
      <MonthStats overview={overview} />
      <div className="overview-columns">
        <MonthChart overview={overview} />
        <BudgetMeters budgets={overview.Budgets} />
      </div>
      <QualityStrip overview={overview} />
      {overview.Anomalies ? (
        <div className="overview-columns">
          <Movers overview={overview} />
          <Anomalies anomalies={overview.Anomalies} />
        </div>
      ) : (
        <Movers overview={overview} />
      )}
    </div>
  );
}

function NothingYet(): ReactElement {
  const may = useMay('tallyline:StartBillImport')('tallyline:StartBillImport');
  const steps = (
    <p className="row">
      <Link to="/set-up">Open the set-up guide</Link>
      {may && <Link to="/imports">Import a bill of AWS</Link>}
    </p>
  );
  return (
    <div className="card">
      <EmptyState title="No calls yet" icon="overview" action={steps}>
        As soon as somebody calls a model through this server{may && ', or a bill of AWS is imported'}, this page says
        who spends what, what the month will come to and what changed.
      </EmptyState>
    </div>
  );
}

function Loading(): ReactElement {
  return (
    <div className="stack">
      <div className="grid-4">
        {['month', 'forecast', 'today', 'calls'].map((name) => (
          <div key={name} className="stat">
            <Skeleton lines={3} height={76} />
          </div>
        ))}
      </div>
      <div className="overview-columns">
        <div className="card overview-loading">
          <Skeleton lines={8} height={360} />
        </div>
        <div className="card overview-loading">
          <Skeleton lines={6} height={360} />
        </div>
      </div>
    </div>
  );
}
