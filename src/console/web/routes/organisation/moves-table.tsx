import type { ReactElement } from 'react';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Count, Money } from '../../components/figures.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import type { Move } from './membership-calls.ts';

const COLUMNS: readonly Column<Move>[] = [
  {
    id: 'from',
    header: 'From',
    text: ({ From }) => From,
    cell: ({ From }) => <NameBadge name={From} none="unassigned" />,
  },
  { id: 'to', header: 'To', text: ({ To }) => To, cell: ({ To }) => <NameBadge name={To} none="unassigned" /> },
  {
    ...{ id: 'cost', header: 'Spend', kind: 'number' },
    text: ({ CostUsd }) => CostUsd,
    cell: ({ CostUsd }) => <Money usd={CostUsd} />,
  },
  {
    ...{ id: 'calls', header: 'Calls', kind: 'number' },
    text: ({ Requests }) => Requests,
    cell: ({ Requests }) => <Count value={Requests} />,
  },
];

/** Spend that belongs to another value in another reading of a structure. */
export function MovesTable({
  moves,
  empty,
}: {
  readonly moves: readonly Move[];
  readonly empty: string;
}): ReactElement {
  return (
    <DataTable
      label="Spend that moves"
      columns={COLUMNS}
      rows={moves}
      rowId={({ From, To }) => JSON.stringify([From, To])}
      empty={<p className="soft">{empty}</p>}
      maxHeight="320px"
    />
  );
}
