import { type ReactElement, useState } from 'react';
import { useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { Field } from '../../components/field.tsx';
import { sentence } from '../../format/sentence.ts';

/** Starts an import of a place that the server may read. */
export function StartImport(): ReactElement {
  const [place, setPlace] = useState('');
  const [isWatched, setIsWatched] = useState(false);
  const start = useChange('tallyline', 'StartBillImport', ['tallyline', 'ListBillImports']);
  const submit = () => {
    start.mutate({ Location: place.trim(), ...(isWatched && { Watch: true }) }, { onSuccess: () => setPlace('') });
  };
  return (
    <Card title="Import a bill">
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
          {...(start.error && { error: sentence(start.error.message) })}
        >
          <input
            value={place}
            placeholder="s3://billing-exports/cur2/bedrock-cur2/"
            onChange={(event) => setPlace(event.target.value)}
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
        </div>
      </form>
    </Card>
  );
}
