import type { ReactElement } from 'react';
import { useCall } from '../../api/use-call.ts';
import { Card } from '../../components/card.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Count, Money } from '../../components/figures.tsx';
import { ErrorState, Skeleton } from '../../components/states.tsx';

interface UsageType {
  readonly UsageType: string;
  readonly Service: string;
  readonly Operation: string;
  readonly PricingUnit: string;
  readonly LineType: string;
  readonly Unread: readonly { readonly Part: string; readonly Text: string }[];
  readonly Rows: string;
  readonly CostUsd: string;
  readonly Descriptions: readonly string[];
  readonly Principals: readonly string[];
}

interface Unrecognised {
  readonly UsageTypes: readonly UsageType[];
  readonly Rows: string;
  readonly CostUsd: string;
  readonly AllRows: string;
  readonly AllUsd: string;
}

const COLUMNS: readonly Column<UsageType>[] = [
  {
    id: 'type',
    header: 'Usage type',
    text: ({ UsageType, LineType }) => UsageType || LineType,
    cell: ({ UsageType, LineType }) => <span className="mono">{UsageType || LineType}</span>,
  },
  {
    id: 'unread',
    header: 'Not understood',
    wrap: true,
    text: ({ Unread }) => Unread.map(({ Part, Text }) => (Text ? `${Part} ${Text}` : Part)).join(', '),
  },
  { id: 'service', header: 'Service', text: ({ Service }) => Service },
  {
    id: 'rows',
    header: 'Rows',
    kind: 'number',
    text: ({ Rows }) => Rows,
    cell: ({ Rows }) => <Count value={Rows} />,
  },
  {
    id: 'cost',
    header: 'Cost',
    kind: 'number',
    text: ({ CostUsd }) => CostUsd,
    cell: ({ CostUsd }) => <Money usd={CostUsd} />,
  },
  { id: 'example', header: 'Example', wrap: true, text: ({ Descriptions }) => Descriptions[0] ?? '' },
  { id: 'operation', header: 'Operation', text: ({ Operation }) => Operation, hidden: true },
  { id: 'unit', header: 'Unit', text: ({ PricingUnit }) => PricingUnit, hidden: true },
  { id: 'principal', header: 'Somebody who used it', text: ({ Principals }) => Principals[0] ?? '', hidden: true },
];

/** Usage of imported bills of which a word was not understood; says so, too, when there is none. */
export function UnrecognisedUsage({ asked }: { readonly asked: object }): ReactElement {
  const found = useCall<Unrecognised>('tallyline', 'ListUnrecognisedUsage', asked);
  if (found.error) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton lines={3} height={120} />;
  const { UsageTypes: types, Rows, CostUsd, AllRows } = found.data;
  if (types.length === 0) {
    return (
      <Card title="Not understood" note="nothing">
        <p className="soft">
          All <Count value={AllRows} /> rows of the bill are understood.
        </p>
      </Card>
    );
  }
  return (
    <Card flush busy={found.isPlaceholderData} title="Not understood" note={String(types.length)}>
      <p className="soft small">
        <Count value={Rows} /> of <Count value={AllRows} /> rows, <Money usd={CostUsd} />: counted under the bill’s own
        words.
      </p>
      <DataTable
        label="Usage that was not understood"
        columns={COLUMNS}
        rows={types}
        rowId={(one) => [one.UsageType, one.Service, one.Operation, one.PricingUnit, one.LineType].join(' ')}
        download="unrecognised-usage"
        pickColumns
        empty={null}
      />
    </Card>
  );
}
