import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useMay, useSession } from '../api/session.ts';
import { useChange } from '../api/use-call.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { type Column, DataTable } from '../components/data-table.tsx';
import { DateRange } from '../components/date-range.tsx';
import { Field, Refusal } from '../components/field.tsx';
import { Money } from '../components/figures.tsx';
import { NameBadge } from '../components/name-badge.tsx';
import { Page as Frame } from '../components/page.tsx';
import { Select } from '../components/select.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import { toast } from '../components/toast.tsx';
import { type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { useSpan } from '../spend/use-span.ts';
import { dayText, KINDS, SOURCES } from './organisation/entry-words.ts';
import { ImportDialog } from './organisation/import-dialog.tsx';
import { MemberDialog } from './organisation/member-dialog.tsx';
import { type Entry, OUTDATED, useEntries, usePastMoves, useStructures } from './organisation/membership-calls.ts';
import { MovesTable } from './organisation/moves-table.tsx';
import { ValueSpendCard } from './organisation/value-spend.tsx';

function parse(search: SearchParams) {
  return {
    structure: textOf(search, 'structure'),
    range: textOf(search, 'range') ?? '90d',
    text: textOf(search, 'q') ?? '',
    who: textOf(search, 'who'),
  };
}

/** Who belongs where and when, and what today's structure makes of the past. */
export function Page(): ReactElement {
  const [view, set] = useViewState(parse);
  const { TeamTagKey } = useSession();
  const { span } = useSpan(view.range, '90d');
  const list = useStructures();
  const structures = list.data?.Structures ?? [];
  const shown =
    structures.find(({ Name }) => Name === view.structure) ??
    structures.find(({ Name }) => Name === TeamTagKey) ??
    structures[0];
  const entries = useEntries(shown?.Name, view.text);
  const moves = usePastMoves(shown?.Name, span);
  const may = useMay('tallyline:ImportMembership', 'tallyline:DeriveMembership');
  const derive = useChange<{ readonly Added: number }>('tallyline', 'DeriveMembership', ...OUTDATED);
  const [isImporting, setImporting] = useState(false);
  const buttons = (
    <>
      {may('tallyline:DeriveMembership') && (
        <Button
          busy={derive.isPending}
          onClick={() =>
            derive.mutate(
              { Structure: shown?.Name ?? 'team', TagKey: TeamTagKey },
              { onSuccess: ({ Added }) => toast(`${Added} entries from the tag ${TeamTagKey}`, 'good') },
            )
          }
        >
          From the tag {TeamTagKey}
        </Button>
      )}
      {may('tallyline:ImportMembership') && (
        <Button look="primary" icon="plus" onClick={() => setImporting(true)}>
          Import
        </Button>
      )}
    </>
  );
  return (
    <Frame
      title="Org chart"
      about="Who belongs to which team, and when. Usage is never edited: reports read it as it was, or by today’s structure."
      actions={buttons}
      filters={
        <>
          {structures.length > 1 && (
            <Select
              label="Structure"
              value={shown?.Name ?? ''}
              options={structures.map(({ Name }) => ({ value: Name, label: Name }))}
              onChange={(structure) => set({ structure, q: undefined })}
            />
          )}
          <DateRange value={view.range} onChange={(range) => set({ range })} />
        </>
      }
    >
      <Refusal error={derive.error} />
      {list.error && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {!list.error && !list.data && <Skeleton lines={8} height={360} />}
      {list.data && !shown && (
        <EmptyState title="No structure yet" icon="team">
          Import a CSV file of who belongs where, let an identity provider push people and groups to{' '}
          <code>/scim/v2</code>, or take what the tag <code>{TeamTagKey}</code> said at each call.
        </EmptyState>
      )}
      {shown && (
        <>
          <ValueSpendCard structure={shown.Name} range={view.range} span={span} />
          <Card
            title="What today’s structure would move"
            note={
              moves.data && (
                <>
                  <Money usd={moves.data.MovedUsd ?? '0'} /> of <Money usd={moves.data.TotalUsd ?? '0'} />
                </>
              )
            }
            busy={moves.isPlaceholderData}
            actions={
              <Link to="/explorer" search={{ by: `membership:${shown.Name}`, range: view.range, asof: 'is' } as never}>
                Explore as it is
              </Link>
            }
            flush
          >
            {moves.error && <ErrorState error={moves.error} onRetry={() => void moves.refetch()} />}
            {!moves.error && !moves.data && <Skeleton lines={3} height={120} />}
            {moves.data && (
              <MovesTable
                moves={moves.data.Moves}
                empty="Nothing: the spend of the range is where it would be today."
              />
            )}
          </Card>
          <Card
            title="Entries"
            note={entries.data && `${entries.data.Found} of ${shown.Entries}, ${shown.Members} members`}
            busy={entries.isPlaceholderData}
            actions={
              <Field label="Search">
                <input
                  type="search"
                  value={view.text}
                  onChange={(event) => set({ q: event.target.value || undefined }, { replace: true })}
                />
              </Field>
            }
            flush
          >
            {entries.error && <ErrorState error={entries.error} onRetry={() => void entries.refetch()} />}
            {!entries.error && !entries.data && <Skeleton lines={8} height={320} />}
            {entries.data && (
              <DataTable
                label="Entries"
                columns={COLUMNS}
                rows={entries.data.Entries}
                rowId={({ Who, From }) => `${Who} ${From}`}
                onOpen={({ Who }) => set({ who: Who })}
                empty={<p className="soft">Nobody is called so.</p>}
                download={`members-${shown.Name}`}
              />
            )}
          </Card>
          {view.who !== undefined && (
            <MemberDialog
              structure={shown.Name}
              who={view.who}
              values={shown.Values}
              onClose={() => set({ who: undefined })}
            />
          )}
        </>
      )}
      {isImporting && (
        <ImportDialog
          structure={shown?.Name ?? 'team'}
          span={span}
          onClose={(structure) => {
            setImporting(false);
            if (structure !== undefined) set({ structure });
          }}
        />
      )}
    </Frame>
  );
}

const COLUMNS: readonly Column<Entry>[] = [
  { id: 'who', header: 'Who', text: ({ Who }) => Who },
  { id: 'kind', header: 'Kind', text: ({ Kind }) => KINDS[Kind] },
  {
    ...{ id: 'value', header: 'Belongs to', text: ({ Value }) => Value },
    cell: ({ Value }) => <NameBadge name={Value} />,
  },
  { id: 'from', header: 'From', text: ({ From }) => dayText(From) },
  { id: 'to', header: 'To', text: ({ To }) => (To === undefined ? '' : dayText(To)) },
  { id: 'source', header: 'Said by', text: ({ Source }) => SOURCES[Source] },
];
