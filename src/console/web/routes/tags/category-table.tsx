import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { ShareBar } from '../../components/share-bar.tsx';
import { EmptyState } from '../../components/states.tsx';
import type { RangeText } from '../../time/range.ts';
import type { TagCoverage } from './tag-calls.ts';

type Row = TagCoverage['CostCategories'][number];

/** Cost categories beside the tags: in bills they are keys of the same map. */
export function CategoryTable(props: { readonly coverage: TagCoverage; readonly range: RangeText }): ReactElement {
  const { coverage, range } = props;
  const columns: Column<Row>[] = [
    {
      id: 'name',
      header: 'Name',
      text: ({ Name }) => Name,
      cell: ({ Name }) => (
        <Link to="/cost-categories/name/$id" params={{ id: Name } as never}>
          {Name}
        </Link>
      ),
    },
    {
      id: 'key',
      header: 'Key in bills',
      text: ({ Name }) => `costCategory/${Name}`,
      cell: ({ Name }) => <code>{`costCategory/${Name}`}</code>,
    },
    {
      id: 'shown',
      header: 'Spend with a value',
      kind: 'number',
      text: ({ ShownUsd }) => ShownUsd,
      cell: ({ ShownUsd }) => <ShareBar part={ShownUsd} whole={coverage.TotalUsd} />,
    },
    { id: 'values', header: 'Values in use', kind: 'number', text: ({ Values }) => String(Values) },
    {
      id: 'actions',
      header: 'Actions',
      text: () => '',
      cell: ({ Name }) => (
        <Link to="/explorer" search={{ by: `category:${Name}`, range } as never}>
          See in Explorer
        </Link>
      ),
    },
  ];
  return (
    <DataTable
      label="Cost categories"
      columns={columns}
      rows={coverage.CostCategories}
      rowId={({ Name }) => Name}
      sort={{ id: 'shown', descending: true }}
      download="cost-categories"
      empty={
        <EmptyState
          title="No cost category speaks about this range"
          icon="category"
          action={<Link to="/cost-categories/new">Make one</Link>}
        >
          A cost category sorts spend into names of your own by rules.
        </EmptyState>
      }
    />
  );
}
