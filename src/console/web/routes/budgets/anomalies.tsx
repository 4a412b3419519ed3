import { type ReactElement, useState } from 'react';
import { DAY_MS } from '../../../../kernel/time.ts';
import { useMay } from '../../api/session.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Card } from '../../components/card.tsx';
import { Money } from '../../components/figures.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import { Segmented } from '../../components/select.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { toast } from '../../components/toast.tsx';
import { usePresent } from '../../display/present.ts';
import { count } from '../../format/amounts.ts';
import { compare, divide, round } from '../../format/decimal.ts';
import { sentence } from '../../format/sentence.ts';
import { type Anomaly, type AnomalyMonitor, type Feedback, type RootCause, watchedText } from './anomaly-answers.ts';
import { AnomalyWatch } from './anomaly-watch.tsx';

/** As long as anomalies are kept. */
const LOOK_BACK_DAYS = 90;
const EVERY_MS = 60_000;

export function Anomalies(): ReactElement {
  const StartDate = new Date(usePresent().atMs - LOOK_BACK_DAYS * DAY_MS).toISOString().slice(0, 10);
  const found = useCall<{ readonly Anomalies: readonly Anomaly[] }>(
    'ce',
    'GetAnomalies',
    { DateInterval: { StartDate }, MaxResults: 100 },
    { everyMs: EVERY_MS },
  );
  const monitors = useCall<{ readonly AnomalyMonitors: readonly AnomalyMonitor[] }>('ce', 'GetAnomalyMonitors');
  if (found.error) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data || !monitors.data) return <Skeleton lines={8} height={420} />;
  const { AnomalyMonitors } = monitors.data;
  const byImpact = found.data.Anomalies.toSorted(
    (a, b) => b.AnomalyStartDate.localeCompare(a.AnomalyStartDate) || b.Impact.TotalImpact - a.Impact.TotalImpact,
  );
  return (
    <>
      {byImpact.length === 0 && (
        <Card>
          <EmptyState title="Nothing out of the ordinary" icon="search">
            {AnomalyMonitors.length === 0
              ? 'Nothing is watched yet: add a monitor below.'
              : `No anomaly in the last ${LOOK_BACK_DAYS} days. A monitor judges nothing before it has ten days of history.`}
          </EmptyState>
        </Card>
      )}
      {byImpact.map((anomaly) => (
        <AnomalyCard
          key={anomaly.AnomalyId}
          anomaly={anomaly}
          monitor={AnomalyMonitors.find(({ MonitorArn }) => MonitorArn === anomaly.MonitorArn)}
        />
      ))}
      <AnomalyWatch monitors={AnomalyMonitors} />
    </>
  );
}

function AnomalyCard({
  anomaly,
  monitor,
}: {
  readonly anomaly: Anomaly;
  readonly monitor: AnomalyMonitor | undefined;
}): ReactElement {
  const { Impact, AnomalyStartDate, AnomalyEndDate, DimensionValue = '', RootCauses = [] } = anomaly;
  const days = [AnomalyStartDate, AnomalyEndDate].flatMap((date) => (date ? [date.slice(0, 10)] : []));
  const { TotalImpact, TotalActualSpend, TotalExpectedSpend, TotalImpactPercentage } = Impact;
  return (
    <Card
      title={<NameBadge name={DimensionValue} none="no value" />}
      note={`${[...new Set(days)].join(' – ')} · monitor ${monitor?.MonitorName ?? 'that is gone'}${monitor ? `, ${watchedText(monitor)}` : ''}`}
      actions={<FeedbackChoice anomaly={anomaly} />}
    >
      <div className="anomaly">
        <div>
          <div className="stat-value">
            +<Money usd={String(TotalImpact)} />
          </div>
          {TotalActualSpend !== undefined && TotalExpectedSpend !== undefined && (
            <p className="faint small">
              <Money usd={String(TotalActualSpend)} /> spent, <Money usd={String(TotalExpectedSpend)} /> expected
              {TotalImpactPercentage !== undefined && `, ${count(round(String(TotalImpactPercentage), 0))} % more`}
            </p>
          )}
        </div>
        <CauseList causes={RootCauses} total={String(TotalImpact)} />
      </div>
    </Card>
  );
}

function CauseList({ causes, total }: { readonly causes: readonly RootCause[]; readonly total: string }): ReactElement {
  const [all, setAll] = useState(false);
  const shown = all ? causes : causes.slice(0, 3);
  return (
    <div>
      <ul aria-label="Root causes">
        {shown.map((cause) => {
          const amount = String(cause.Impact?.Contribution ?? 0);
          const share = Math.max(0, Math.min(100, 100 * Number(divide(amount, total, 4) ?? 0)));
          return (
            <li key={causeText(cause)} className="history-row">
              <span className="small cause-name" title={causeText(cause)}>
                {causeText(cause)}
              </span>
              <div className="history-bar" aria-hidden="true">
                <span style={{ width: `${share}%` }} />
              </div>
              <span className="small figures">
                {compare(amount, 0) >= 0 && '+'}
                <Money usd={amount} />
              </span>
            </li>
          );
        })}
      </ul>
      {causes.length > 3 && (
        <button type="button" className="text-button" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Fewer causes' : `All ${causes.length} causes`}
        </button>
      )}
    </div>
  );
}

function causeText({ Service, Region, LinkedAccountName, LinkedAccount, UsageType }: RootCause): string {
  const parts = [UsageType ?? Service, Region, LinkedAccountName ?? LinkedAccount].filter(Boolean);
  return parts.join(' · ') || 'everything else';
}

function FeedbackChoice({ anomaly }: { readonly anomaly: Anomaly }): ReactElement | null {
  const may = useMay('ce:ProvideAnomalyFeedback');
  const tell = useChange<object, { readonly AnomalyId: string; readonly Feedback: Feedback }>(
    'ce',
    'ProvideAnomalyFeedback',
    ['ce', 'GetAnomalies'],
  );
  if (!may('ce:ProvideAnomalyFeedback')) return null;
  return (
    <>
      <span className="faint small">Was it one?</span>
      <Segmented<Feedback | ''>
        label={`Feedback on ${anomaly.DimensionValue ?? 'this anomaly'}`}
        value={anomaly.Feedback ?? ''}
        options={[
          { value: 'YES', label: 'Yes' },
          { value: 'NO', label: 'No' },
          { value: 'PLANNED_ACTIVITY', label: 'Planned' },
        ]}
        onChange={(Feedback) =>
          Feedback !== '' &&
          tell.mutate(
            { AnomalyId: anomaly.AnomalyId, Feedback },
            {
              onSuccess: () => toast('Thank you: it is taken into account from now on'),
              onError: (error) => toast(sentence(error.message), 'bad'),
            },
          )
        }
      />
    </>
  );
}
