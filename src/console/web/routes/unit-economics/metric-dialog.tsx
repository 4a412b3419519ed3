import { type ReactElement, useState } from 'react';
import { useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field, Refusal } from '../../components/field.tsx';
import { Select } from '../../components/select.tsx';
import { toast } from '../../components/toast.tsx';
import { keyOf, wireKeyOf } from '../../report/report-key.ts';
import type { Metric } from './unit-cost-calls.ts';

const OUTDATED = [
  ['tallyline', 'ListBusinessMetrics'],
  ['tallyline', 'GetUnitCosts'],
] as const;

/** Values from a CSV file, of a metric that there is or of a new one. */
export function MetricDialog(props: {
  readonly metric: Metric | undefined;
  readonly onClose: (name?: string) => void;
}): ReactElement {
  const { metric } = props;
  const [name, setName] = useState(metric?.Name ?? '');
  const [unit, setUnit] = useState('');
  const [grain, setGrain] = useState<'DAY' | 'MONTH'>('DAY');
  const [by, setBy] = useState('');
  const [csv, setCsv] = useState('');
  // What it makes out of date is asked for once its values are there.
  const make = useChange('tallyline', 'PutBusinessMetric');
  const put = useChange<{ readonly Added: number; readonly Replaced: number }>(
    'tallyline',
    'PutBusinessMetricValues',
    ...OUTDATED,
  );
  const isNew = metric === undefined;
  const key = by === '' ? undefined : keyOf(by);
  const save = async () => {
    try {
      if (isNew) {
        await make.mutateAsync({ Name: name, Unit: unit, Grain: grain, ...(key && { By: wireKeyOf(key) }) });
      }
      const values = csv === '' ? { Values: [] } : { Csv: csv };
      const { Added, Replaced } = await put.mutateAsync({ Name: name, ...values });
      toast(`${Added} values added, ${Replaced} replaced`, 'good');
      props.onClose(name);
    } catch {
      // Shown below as the refusal of whichever call it was.
    }
  };
  return (
    <Dialog
      wide
      title={isNew ? 'New business metric' : `Values of ${metric.Name}`}
      onClose={() => props.onClose()}
      foot={
        <Button
          look="primary"
          disabled={isNew ? name === '' || unit === '' || (by !== '' && !key) : csv === ''}
          busy={make.isPending || put.isPending}
          onClick={() => void save()}
        >
          {isNew ? 'Create' : 'Import'}
        </Button>
      }
    >
      <div className="stack">
        {isNew && (
          <>
            <Field label="Name" hint="Small letters, digits and hyphens: tickets.">
              <input value={name} onChange={(event) => setName(event.target.value)} />
            </Field>
            <Field label="Unit" hint="One of what is counted: ticket.">
              <input value={unit} onChange={(event) => setUnit(event.target.value)} />
            </Field>
            <Select
              label="Values by"
              value={grain}
              options={[
                { value: 'DAY', label: 'day (UTC)' },
                { value: 'MONTH', label: 'month (UTC)' },
              ]}
              onChange={setGrain}
            />
            <Field
              label="Kept by"
              hint="A key of reports, such as membership:team, tag:team or principal. Empty: one value for everything."
              {...(by !== '' && !key && { error: `${by} is no key of reports.` })}
            >
              <input value={by} onChange={(event) => setBy(event.target.value)} />
            </Field>
          </>
        )}
        <Field label="CSV" hint="period,value or period,key,value. The same period and key again takes its place.">
          <textarea
            rows={8}
            className="mono"
            placeholder={'period,key,value\n2026-05-31,Platform,1200\n'}
            value={csv}
            onChange={(event) => setCsv(event.target.value)}
          />
        </Field>
        <Field label="Or a file">
          <input
            type="file"
            accept=".csv,text/csv"
            onChange={(event) => void event.target.files?.[0]?.text().then(setCsv)}
          />
        </Field>
        <Refusal error={make.error ?? put.error} />
      </div>
    </Dialog>
  );
}
