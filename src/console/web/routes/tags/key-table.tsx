import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { ShareBar } from '../../components/share-bar.tsx';
import { EmptyState } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import type { RangeText } from '../../time/range.ts';
import type { TagEntry } from './tag-calls.ts';
import { bareKey, explorerKey, type TagSource } from './tag-key.ts';

/** A key with what it covers of the range's spend. */
export interface KeyRow {
  /** As AWS's wire has it. */
  readonly key: string;
  readonly tag: TagEntry;
  readonly carriedUsd: string;
  readonly shownUsd: string;
  readonly values: number;
}

export interface KeyTableProps {
  readonly label: string;
  readonly rows: readonly KeyRow[];
  readonly totalUsd: string;
  readonly range: RangeText;
  readonly source: TagSource;
  readonly maySwitch: boolean;
  readonly onSwitch: (row: KeyRow) => void;
  readonly onOpen: (key: string) => void;
}

const HOW_TO_TAG: Readonly<Record<string, string>> = {
  principal:
    'Tag a user or a role, or let the identity provider pass session tags; the key is known a second after a call.',
  resource: 'Make an application inference profile with tags and call the model through it.',
  account: 'Tag an account of the organization: `tallyline account tag ACCOUNT unit=labs`.',
};

export function KeyTable(props: KeyTableProps): ReactElement {
  return (
    <DataTable
      label={props.label}
      columns={columnsOf(props)}
      rows={props.rows}
      rowId={({ key }) => key}
      sort={{ id: 'carried', descending: true }}
      onOpen={({ key }) => props.onOpen(key)}
      download="cost-allocation-tags"
      empty={
        <EmptyState title="No usage carries such a tag yet" icon="tag">
          {HOW_TO_TAG[props.source]}
        </EmptyState>
      }
    />
  );
}

function columnsOf({ totalUsd, range, maySwitch, onSwitch, onOpen }: KeyTableProps): Column<KeyRow>[] {
  return [
    {
      id: 'key',
      header: 'Key',
      text: ({ key }) => key,
      cell: ({ key }) => (
        <button type="button" className="text-button tag-key" title={key} onClick={() => onOpen(key)}>
          {bareKey(key)}
        </button>
      ),
    },
    {
      id: 'status',
      header: 'Status',
      text: ({ tag }) => tag.Status,
      cell: ({ tag }) => <StatusChip status={tag.Status} />,
    },
    {
      id: 'carried',
      header: 'Carried by spend',
      kind: 'number',
      text: ({ carriedUsd }) => carriedUsd,
      cell: ({ carriedUsd }) => <ShareBar part={carriedUsd} whole={totalUsd} />,
    },
    {
      id: 'shown',
      header: 'Shown in reports',
      kind: 'number',
      text: ({ shownUsd }) => shownUsd,
      cell: ({ shownUsd }) => <ShareBar part={shownUsd} whole={totalUsd} />,
    },
    { id: 'values', header: 'Values', kind: 'number', text: ({ values }) => String(values) },
    {
      id: 'first',
      header: 'First seen',
      text: ({ tag }) => tag.DiscoveredAt,
      cell: ({ tag }) => <TimeText at={tag.DiscoveredAt} show="date" zoneHidden />,
    },
    {
      id: 'last',
      header: 'Last seen',
      text: ({ tag }) => tag.LastUsedAt,
      cell: ({ tag }) => <TimeText at={tag.LastUsedAt} zoneHidden />,
    },
    {
      id: 'actions',
      header: 'Actions',
      text: () => '',
      cell: (row) => (
        <span className="row tag-actions">
          {row.tag.Status === 'Active' && (
            <Link to="/explorer" search={{ by: explorerKey(row.key), range } as never}>
              See in Explorer
            </Link>
          )}
          {maySwitch && (
            <Button small onClick={() => onSwitch(row)} aria-label={`${verbOf(row)} ${row.key}`}>
              {verbOf(row)}
            </Button>
          )}
        </span>
      ),
    },
  ];
}

export function verbOf({ tag }: Pick<KeyRow, 'tag'>): string {
  return tag.Status === 'Active' ? 'Deactivate' : 'Activate';
}

export function StatusChip({ status }: { readonly status: string }): ReactElement {
  return <span className={`chip ${status === 'Active' ? 'chip-good' : ''}`}>{status.toLowerCase()}</span>;
}
