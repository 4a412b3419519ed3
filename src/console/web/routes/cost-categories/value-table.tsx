import type { ReactElement } from 'react';
import { DataTable } from '../../components/data-table.tsx';
import { Money } from '../../components/figures.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import { ShareBar } from '../../components/share-bar.tsx';
import { EmptyState } from '../../components/states.tsx';
import { add } from '../../format/decimal.ts';
import type { ValueSpend } from './category-calls.ts';

/** Spend by value; the sum is all spend of the range. */
export function ValueTable(props: { readonly label: string; readonly spend: readonly ValueSpend[] }): ReactElement {
  const total = add('0', ...props.spend.map(({ costUsd }) => costUsd));
  return (
    <DataTable
      label={props.label}
      columns={[
        {
          id: 'value',
          header: 'Value',
          text: ({ value }: ValueSpend) => value,
          cell: ({ value }) => <NameBadge name={value} none="no value" />,
        },
        {
          id: 'cost',
          header: 'Spend',
          kind: 'number',
          text: ({ costUsd }) => costUsd,
          cell: ({ costUsd }) => <Money usd={costUsd} />,
        },
        {
          id: 'share',
          header: 'Share',
          kind: 'number',
          text: ({ costUsd }) => costUsd,
          cell: ({ costUsd }) => <ShareBar part={costUsd} whole={total} />,
        },
      ]}
      rows={props.spend}
      rowId={({ value }) => value}
      sort={{ id: 'cost', descending: true }}
      foot={{ value: 'Total', cost: <Money usd={total} /> }}
      maxHeight="460px"
      empty={<EmptyState title="No spend in this range">Choose a longer range.</EmptyState>}
    />
  );
}
