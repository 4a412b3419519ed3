import { type ReactElement, useState } from 'react';
import { useCall } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { ErrorState, Skeleton } from '../../components/states.tsx';
import type { ExportSample } from '../exports/export-calls.ts';
import { SampleTable } from '../exports/sample-table.tsx';

/** Rows that the query would deliver now, on demand: the question is asked anew only when it is pressed again. */
export function SampleCard(props: {
  readonly statement: string;
  readonly table: string;
  readonly properties: Readonly<Record<string, string>>;
}): ReactElement {
  const { statement, table, properties } = props;
  const [asked, setAsked] = useState<object>();
  const question = { QueryStatement: statement, TableConfigurations: { [table]: properties } };
  const sample = useCall<ExportSample>('tallyline', 'GetExportSample', asked, { enabled: asked !== undefined });
  const isOld = asked !== undefined && JSON.stringify(asked) !== JSON.stringify(question);
  return (
    <Card
      title="Sample rows"
      note={isOld ? 'of the query before' : 'that a delivery would have now'}
      flush
      busy={sample.isFetching && sample.data !== undefined}
      actions={
        <Button small icon="table" busy={sample.isFetching} onClick={() => setAsked(question)}>
          {asked === undefined ? 'Show' : 'Show anew'}
        </Button>
      }
    >
      {asked === undefined && (
        <p className="faint card-foot">Shows what the files will hold, before anything is written.</p>
      )}
      {asked !== undefined && sample.isPending && <Skeleton lines={5} height={160} />}
      {sample.error && <ErrorState error={sample.error} />}
      {sample.data && !sample.error && <SampleTable sample={sample.data} />}
    </Card>
  );
}
