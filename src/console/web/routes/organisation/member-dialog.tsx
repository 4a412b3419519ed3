import { type ReactElement, useState } from 'react';
import { useMay } from '../../api/session.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field, Refusal } from '../../components/field.tsx';
import { dayText, SOURCES } from './entry-words.ts';
import { type Entry, OUTDATED } from './membership-calls.ts';

/** Where one member was and is, and a way to move on. */
export function MemberDialog(props: {
  readonly structure: string;
  readonly who: string;
  readonly values: readonly string[];
  readonly onClose: () => void;
}): ReactElement {
  const { structure, who } = props;
  const input = { Structure: structure, Text: who, MaxResults: 1_000 };
  const { data } = useCall<{ readonly Entries: readonly Entry[] }>('tallyline', 'ListMembershipEntries', input);
  const own = data?.Entries.filter(({ Who }) => Who === who) ?? [];
  const may = useMay('tallyline:PutMembershipEntry', 'tallyline:DeleteMembershipEntry');
  const put = useChange('tallyline', 'PutMembershipEntry', ...OUTDATED);
  const remove = useChange('tallyline', 'DeleteMembershipEntry', ...OUTDATED);
  const [value, setValue] = useState('');
  const [from, setFrom] = useState(new Date().toISOString().slice(0, 10));
  const columns: readonly Column<Entry>[] = [
    { id: 'value', header: 'Belongs to', text: ({ Value }) => Value },
    { id: 'from', header: 'From', text: ({ From }) => dayText(From) },
    { id: 'to', header: 'To', text: ({ To }) => (To === undefined ? 'today' : dayText(To)) },
    { id: 'source', header: 'Said by', text: ({ Source }) => SOURCES[Source] },
    ...(may('tallyline:DeleteMembershipEntry')
      ? [
          {
            ...{ id: 'actions', header: '', kind: 'actions' as const, text: () => '' },
            cell: ({ From }: Entry) => (
              <Button
                small
                look="ghost"
                busy={remove.isPending}
                onClick={() => remove.mutate({ Structure: structure, Who: who, From })}
              >
                Delete
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <Dialog wide title={who} onClose={props.onClose}>
      <div className="stack">
        <DataTable
          label={`History of ${who}`}
          columns={columns}
          rows={own}
          rowId={({ From }) => From}
          empty={<p className="soft">No entry.</p>}
        />
        {may('tallyline:PutMembershipEntry') && (
          <form
            className="row"
            onSubmit={(event) => {
              event.preventDefault();
              put.mutate({ Structure: structure, Who: who, Value: value, From: `${from}T00:00:00Z` });
            }}
          >
            <Field label="Move to">
              <input list="membership-values" value={value} onChange={(event) => setValue(event.target.value)} />
            </Field>
            <datalist id="membership-values">
              {props.values.map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
            <Field label="From (UTC day)">
              <input type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
            </Field>
            <Button type="submit" look="primary" disabled={value === '' || from === ''} busy={put.isPending}>
              Move
            </Button>
          </form>
        )}
        <Refusal error={put.error ?? remove.error} />
      </div>
    </Dialog>
  );
}
