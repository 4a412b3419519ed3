import { type ReactElement, useState } from 'react';
import { useMay } from '../../api/session.ts';
import { useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { Field } from '../../components/field.tsx';
import { sentence } from '../../format/sentence.ts';
import { CheckedPlace } from './checked-place.tsx';
import type { PlaceCheck } from './import-calls.ts';

/** Starts an import of a place that the server may read, and says before what it could not answer. */
export function StartImport(): ReactElement {
  const [place, setPlace] = useState('');
  const may = useMay('tallyline:CheckBillLocation');
  const [isWatched, setIsWatched] = useState(false);
  const start = useChange('tallyline', 'StartBillImport', ['tallyline', 'ListBillImports']);
  const look = useChange<PlaceCheck, { readonly Location: string }>('tallyline', 'CheckBillLocation');
  const error = start.error ?? look.error;
  const submit = () => {
    look.reset();
    start.mutate({ Location: place.trim(), ...(isWatched && { Watch: true }) }, { onSuccess: () => setPlace('') });
  };
  return (
    <Card title="Import a bill or a model invocation log">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Field
          label="Place"
          hint="s3://bucket/prefix/ of a bucket under import.buckets, or a folder of the server under import.folders"
          {...(error && { error: sentence(error.message) })}
        >
          <input
            value={place}
            placeholder="s3://billing-exports/cur2/bedrock-cur2/"
            onChange={(event) => {
              setPlace(event.target.value);
              look.reset();
              start.reset();
            }}
          />
        </Field>
        <label className="row">
          <input type="checkbox" checked={isWatched} onChange={(event) => setIsWatched(event.target.checked)} />
          look for new deliveries from now on
        </label>
        <div className="row">
          <Button look="primary" type="submit" busy={start.isPending} disabled={place.trim() === ''}>
            Import
          </Button>
          {may('tallyline:CheckBillLocation') && (
            <Button
              busy={look.isPending}
              disabled={place.trim() === ''}
              onClick={() => look.mutate({ Location: place.trim() })}
            >
              Check
            </Button>
          )}
        </div>
        {look.data && <CheckedPlace check={look.data} />}
      </form>
    </Card>
  );
}
