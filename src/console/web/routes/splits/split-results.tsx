import type { ReactElement } from 'react';
import { useCall } from '../../api/use-call.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Money } from '../../components/figures.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { add, isZero } from '../../format/decimal.ts';

/** A row of `tallyline:GetSplitCharges`. */
export interface SplitRow {
  readonly BillingPeriod: string;
  /** Empty: what has no value. */
  readonly Value: string;
  readonly CostUsd: string;
  readonly AllocatedInUsd: string;
  readonly AllocatedOutUsd: string;
  readonly TotalUsd: string;
}

/** What a value costs after costs were shared out; the sum of all is what it was before. */
export function SplitResults(props: {
  readonly category: string;
  readonly firstPeriod: string;
  readonly lastPeriod: string;
}): ReactElement {
  const { category, firstPeriod, lastPeriod } = props;
  const split = useCall<{ readonly Rows: readonly SplitRow[] }>('tallyline', 'GetSplitCharges', {
    ...{ CostCategory: category, FirstPeriod: firstPeriod, LastPeriod: lastPeriod },
  });
  if (split.error) return <ErrorState error={split.error} onRetry={() => void split.refetch()} />;
  if (!split.data) return <Skeleton lines={6} height={240} />;
  const { Rows: rows } = split.data;
  const sum = (what: 'CostUsd' | 'AllocatedInUsd' | 'AllocatedOutUsd' | 'TotalUsd') => (
    <Money usd={add('0', ...rows.map((row) => row[what]))} />
  );
  return (
    <DataTable
      label={`Split charges of ${category}`}
      columns={firstPeriod === lastPeriod ? COLUMNS.slice(1) : COLUMNS}
      rows={rows}
      rowId={({ BillingPeriod, Value }) => `${BillingPeriod} ${Value}`}
      download={`splits-${category}`}
      foot={{
        [firstPeriod === lastPeriod ? 'value' : 'period']: 'Total',
        ...{ cost: sum('CostUsd'), in: sum('AllocatedInUsd'), out: sum('AllocatedOutUsd'), total: sum('TotalUsd') },
      }}
      empty={
        <EmptyState title="No spend in these months" icon="split">
          Choose other months.
        </EmptyState>
      }
    />
  );
}

/** Nothing is faint, so that what moves stands out. */
function moved(usd: string, sign: '+' | '−'): ReactElement {
  if (isZero(usd)) return <span className="faint">–</span>;
  return (
    <span>
      {sign}
      <Money usd={usd.replace('-', '')} />
    </span>
  );
}

const COLUMNS: readonly Column<SplitRow>[] = [
  { id: 'period', header: 'Month', text: ({ BillingPeriod }) => BillingPeriod },
  {
    id: 'value',
    header: 'Value',
    text: ({ Value }) => Value,
    cell: ({ Value }) => <NameBadge name={Value} none="no value" />,
  },
  {
    id: 'cost',
    header: 'Own cost',
    kind: 'number',
    text: ({ CostUsd }) => CostUsd,
    cell: ({ CostUsd }) => <Money usd={CostUsd} />,
  },
  {
    id: 'in',
    header: 'Shared in',
    kind: 'number',
    text: ({ AllocatedInUsd }) => AllocatedInUsd,
    cell: ({ AllocatedInUsd }) => moved(AllocatedInUsd, '+'),
  },
  {
    id: 'out',
    header: 'Shared out',
    kind: 'number',
    text: ({ AllocatedOutUsd }) => AllocatedOutUsd,
    cell: ({ AllocatedOutUsd }) => moved(AllocatedOutUsd, '−'),
  },
  {
    id: 'total',
    header: 'After the split',
    kind: 'number',
    text: ({ TotalUsd }) => TotalUsd,
    cell: ({ TotalUsd }) => (
      <b>
        <Money usd={TotalUsd} />
      </b>
    ),
  },
];
