import { type ReactElement, useState } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field, Refusal } from '../../components/field.tsx';
import { Money } from '../../components/figures.tsx';
import { toast } from '../../components/toast.tsx';
import type { TimeSpan } from '../../time/range.ts';
import { instants, OUTDATED, type Preview } from './membership-calls.ts';
import { MovesTable } from './moves-table.tsx';

const EXAMPLE = 'who,value,from,to\nalice@example.com,Platform,2026-01-01,\n';

/** A CSV file: what is wrong in it, line by line, and what it would move, before anything is imported. */
export function ImportDialog(props: {
  readonly structure: string;
  readonly span: TimeSpan;
  readonly onClose: (structure?: string) => void;
}): ReactElement {
  const [structure, setStructure] = useState(props.structure);
  const [csv, setCsv] = useState('');
  const [endsOpen, setEndsOpen] = useState(false);
  const [preview, setPreview] = useState<Preview>();
  const [refusal, setRefusal] = useState<ApiError | null>(null);
  const [isAsking, setAsking] = useState(false);
  const take = useChange<{ readonly Added: number }>('tallyline', 'ImportMembership', ...OUTDATED);
  const input = { Structure: structure, Csv: csv, ...(endsOpen && { OpenEntries: 'END' }) };
  const edit = (text: string) => {
    setCsv(text);
    setPreview(undefined);
  };
  const look = async () => {
    setAsking(true);
    setRefusal(null);
    try {
      setPreview(await call<Preview>('tallyline', 'PreviewMembership', { ...input, ...instants(props.span) }));
    } catch (error) {
      setRefusal(error as ApiError);
    } finally {
      setAsking(false);
    }
  };
  const isReady = preview !== undefined && preview.Errors.length === 0;
  return (
    <Dialog
      wide
      title="Import members"
      onClose={() => props.onClose()}
      foot={
        <>
          <Button disabled={csv === '' || structure === ''} busy={isAsking} onClick={() => void look()}>
            Preview
          </Button>
          <Button
            look="primary"
            disabled={!isReady}
            busy={take.isPending}
            onClick={() =>
              take.mutate(input, {
                onSuccess: ({ Added }) => {
                  toast(`${Added} entries added`, 'good');
                  props.onClose(structure);
                },
              })
            }
          >
            Import
          </Button>
        </>
      }
    >
      <div className="stack">
        <Field label="Structure" hint="Small letters, digits and hyphens: team, cost-center.">
          <input value={structure} onChange={(event) => setStructure(event.target.value)} />
        </Field>
        <Field
          label="CSV"
          hint="Who: a mail address, ACCOUNT/NAME, person:NAME (in every account), an ARN (with * for any text), account:ID, tag:KEY=VALUE. Days are UTC; “to” is the first day that is not meant."
        >
          <textarea
            rows={8}
            className="mono"
            placeholder={EXAMPLE}
            value={csv}
            onChange={(event) => edit(event.target.value)}
          />
        </Field>
        <Field label="Or a file">
          <input
            type="file"
            accept=".csv,text/csv"
            onChange={(event) => void event.target.files?.[0]?.text().then(edit)}
          />
        </Field>
        <label className="row small">
          <input
            type="checkbox"
            checked={endsOpen}
            onChange={(event) => {
              setEndsOpen(event.target.checked);
              setPreview(undefined);
            }}
          />
          End entries without an end where a new one of the same member begins
        </label>
        <Refusal error={refusal ?? take.error} />
        {preview && preview.Errors.length > 0 && (
          <ul className="stack small" aria-label="Errors">
            {preview.Errors.slice(0, 50).map(({ Line, Message }) => (
              <li key={`${Line} ${Message}`}>
                <strong>Line {Line}</strong>: {Message}
              </li>
            ))}
          </ul>
        )}
        {isReady && (
          <>
            <p>
              {preview.Entries} entries. Of <Money usd={preview.TotalUsd ?? '0'} /> in the range of the page,{' '}
              <Money usd={preview.MovedUsd ?? '0'} /> would move under today’s structure.
            </p>
            <MovesTable moves={preview.Moves} empty="No spend of the range moves." />
          </>
        )}
      </div>
    </Dialog>
  );
}
