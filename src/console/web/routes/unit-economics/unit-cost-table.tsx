import type { ReactElement } from 'react';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Count, Money } from '../../components/figures.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import type { UnitCostChange, UnitCostRow, UnitCosts } from './unit-cost-calls.ts';

interface Line {
  readonly row: UnitCostRow;
  readonly change: UnitCostChange | undefined;
}

/** What a unit cost over the range by key, and what drove its change against the time before: two parts that sum to it. */
export function UnitCostTable({ answer }: { readonly answer: UnitCosts }): ReactElement {
  const idOf = ({ Key, IsTotal }: Pick<UnitCostRow, 'Key' | 'IsTotal'>) => (IsTotal ? 'all' : `=${Key}`);
  const changes = new Map(answer.Changes.map((change) => [idOf(change), change]));
  const lines = answer.Rows.map((row): Line => ({ row, change: changes.get(idOf(row)) }));
  const { Unit, Grain } = answer.Metric;
  const columns: readonly Column<Line>[] = [
    {
      ...{ id: 'key', header: 'Of', text: ({ row }) => (row.IsTotal ? 'all' : row.Key) },
      cell: ({ row }) => (row.IsTotal ? <strong>all</strong> : <NameBadge name={row.Key} none="unassigned" />),
    },
    amount('cost', 'Cost', ({ row }) => row.CostUsd),
    {
      ...{ id: 'units', header: `Units (${Unit})`, kind: 'number', text: ({ row }) => row.Units ?? '' },
      cell: ({ row }) =>
        row.Units === undefined ? <span className="faint">missing</span> : <Count value={row.Units} />,
    },
    amount('unit-cost', `Per ${Unit}`, ({ row }) => row.UnitCostUsd),
    amount('before', 'Before', ({ change }) => change?.PreviousUnitCostUsd),
    amount('by-cost', 'By cost', ({ change }) => change?.ByCostUsd),
    amount('by-units', 'By units', ({ change }) => change?.ByUnitsUsd),
    {
      id: 'covered',
      header: Grain === 'DAY' ? 'Days with a count' : 'Months with a count',
      text: ({ row }) => `${row.CoveredPeriods} of ${row.Periods}`,
      cell: ({ row }) => (
        <span className={row.CoveredPeriods < row.Periods ? 'chip chip-warn' : ''}>
          {row.CoveredPeriods} of {row.Periods}
        </span>
      ),
    },
  ];
  return (
    <DataTable
      label={`Cost per ${Unit}`}
      columns={columns}
      rows={lines}
      rowId={({ row }) => idOf(row)}
      empty={<p className="soft">No whole day or month in this range.</p>}
      download={`unit-cost-${answer.Metric.Name}`}
    />
  );
}

function amount(id: string, header: string, of: (line: Line) => string | undefined): Column<Line> {
  return {
    ...{ id, header, kind: 'number', text: (line) => of(line) ?? '' },
    cell: (line) => {
      const usd = of(line);
      return usd === undefined ? <span className="faint">–</span> : <Money usd={usd} />;
    },
  };
}
