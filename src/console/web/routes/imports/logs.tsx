import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Count } from '../../components/figures.tsx';
import { TimeText } from '../../components/time.tsx';
import { sentence } from '../../format/sentence.ts';
import type { BillSource, LogTally } from './import-calls.ts';

/** Model invocation logs that calls of the ledger come from, and what of them is not in it. */
export function Logs({ sources }: { readonly sources: readonly BillSource[] }): ReactElement | null {
  const logs = sources.flatMap((source) => (source.Log ? [{ ...source, Log: source.Log }] : []));
  if (logs.length === 0) return null;
  return (
    <>
      <Card title="Model invocation logs" note="Their calls are in the ledger, marked as estimated." flush>
        <DataTable
          label="Model invocation logs"
          columns={COLUMNS}
          rows={logs}
          rowId={({ SourceId }) => SourceId}
          empty={null}
        />
      </Card>
      {logs.some(({ Log }) => Log.Notes.length + Log.Refused.length > 0) && (
        <Card title="What was met in these logs">
          <ul className="stack">
            {logs.flatMap(({ SourceId, Log }) => [
              ...Log.Refused.map(({ File, Text }) => (
                <li key={`${SourceId}/${File}`}>
                  <span className="chip chip-bad">refused</span> <code className="mono">{File}</code> {sentence(Text)}
                </li>
              )),
              ...Log.Notes.map(({ IsKept, Reason, Records, Examples }) => (
                <li key={`${SourceId}/${IsKept}/${Reason}`}>
                  <span className={IsKept ? 'chip chip-warn' : 'chip'}>{IsKept ? 'kept' : 'left out'}</span>{' '}
                  <Count value={Records} /> records: {Reason}{' '}
                  <span className="soft small">({Examples.join(', ')})</span>
                </li>
              )),
            ])}
          </ul>
        </Card>
      )}
    </>
  );
}

type Row = BillSource & { readonly Log: LogTally };

const COLUMNS: readonly Column<Row>[] = [
  { id: 'place', header: 'From', wrap: true, text: ({ Location }) => Location },
  { id: 'watch', header: 'Watched', text: ({ Watch }) => (Watch ? 'yes' : 'no') },
  { id: 'upstream', header: 'Upstream', text: ({ Upstream = '' }) => Upstream },
  {
    id: 'calls',
    header: 'Calls',
    kind: 'number',
    text: ({ Log }) => Log.Calls,
    cell: ({ Log }) => <Count value={Log.Calls} />,
  },
  {
    id: 'tokens',
    header: 'Tokens',
    kind: 'number',
    text: ({ Log }) => Log.Tokens,
    cell: ({ Log }) => <Count value={Log.Tokens} short />,
  },
  {
    id: 'from',
    header: 'First call',
    text: ({ Log }) => String(Log.From ?? ''),
    cell: ({ Log }) => (Log.From === undefined ? '' : <TimeText at={Log.From} />),
  },
  {
    id: 'to',
    header: 'Latest call',
    text: ({ Log }) => String(Log.To ?? ''),
    cell: ({ Log }) => (Log.To === undefined ? '' : <TimeText at={Log.To} />),
  },
];
