import type { ReactElement } from 'react';
import { useMay } from '../../api/session.ts';
import { useCall } from '../../api/use-call.ts';
import { Card } from '../../components/card.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Money } from '../../components/figures.tsx';
import { EmptyState } from '../../components/states.tsx';

/** As GetAnomalies of Cost Explorer answers it: amounts are numbers, as AWS has them. */
interface MonitorAnomaly {
  readonly AnomalyId: string;
  readonly AnomalyStartDate?: string;
  readonly AnomalyEndDate?: string;
  readonly DimensionValue?: string;
  readonly MonitorArn: string;
  readonly Impact: { readonly TotalImpact?: number; readonly TotalActualSpend?: number };
  readonly Feedback?: string;
}

const usd = (amount = 0) => amount.toFixed(2);

const COLUMNS: readonly Column<MonitorAnomaly>[] = [
  { id: 'from', header: 'From', text: ({ AnomalyStartDate }) => AnomalyStartDate?.slice(0, 10) ?? '' },
  { id: 'to', header: 'To', text: ({ AnomalyEndDate }) => AnomalyEndDate?.slice(0, 10) ?? '' },
  { id: 'value', header: 'Value', wrap: true, text: ({ DimensionValue }) => DimensionValue ?? 'all that it watches' },
  {
    ...{ id: 'spent', header: 'Spent', kind: 'number', text: ({ Impact }) => usd(Impact.TotalActualSpend) },
    cell: ({ Impact }) => <Money usd={usd(Impact.TotalActualSpend)} />,
  },
  {
    ...{ id: 'impact', header: 'Impact', kind: 'number', text: ({ Impact }) => usd(Impact.TotalImpact) },
    cell: ({ Impact }) => <Money usd={usd(Impact.TotalImpact)} />,
  },
  { id: 'monitor', header: 'Monitor', hidden: true, text: ({ MonitorArn }) => MonitorArn },
  { id: 'feedback', header: 'Feedback', text: ({ Feedback }) => Feedback ?? '' },
];

/** What monitors of Cost Anomaly Detection found, day by day; nothing for who may not see it. */
export function MonitorAnomalies({ sinceMs }: { readonly sinceMs: number }): ReactElement | null {
  const may = useMay('ce:GetAnomalies')('ce:GetAnomalies');
  const DateInterval = { StartDate: new Date(sinceMs).toISOString().slice(0, 10) };
  const { data } = useCall<{ readonly Anomalies: readonly MonitorAnomaly[] }>(
    'ce',
    'GetAnomalies',
    { DateInterval, MaxResults: 100 },
    { enabled: may },
  );
  if (!may || !data) return null;
  return (
    <Card title="Monitors of Cost Anomaly Detection" note="AWS's way: whole days, by what each monitor watches." flush>
      <DataTable
        label="Anomalies of monitors"
        columns={COLUMNS}
        rows={data.Anomalies}
        rowId={({ AnomalyId }) => AnomalyId}
        empty={
          <EmptyState title="No anomaly of a monitor" icon="check">
            Monitors are made with <code>aws ce create-anomaly-monitor</code>.
          </EmptyState>
        }
      />
    </Card>
  );
}
