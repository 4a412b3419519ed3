import type { ReactElement } from 'react';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Count, Money } from '../../components/figures.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import { compare } from '../../format/decimal.ts';
import type { Metric, UnitCostChange, UnitCostRow, UnitCosts } from './unit-cost-calls.ts';

interface Line {
  readonly row: UnitCostRow;
  readonly change: UnitCostChange | undefined;
}

/**
 * What a unit cost over the range by key, and what drove its change against the time before: two parts that sum to it. Keys
 * without any count have no row (`Uncounted`).
 */
export function UnitCostTable({
  answer,
  unfinished,
}: {
  readonly answer: UnitCosts;
  /** Periods at the end of the range that go on. */
  readonly unfinished: number;
}): ReactElement {
  const idOf = ({ Key, IsTotal }: Pick<UnitCostRow, 'Key' | 'IsTotal'>) => (IsTotal ? 'all' : `=${Key}`);
  const changes = new Map(answer.Changes.map((change) => [idOf(change), change]));
  const lines = answer.Rows.filter((row) => isShown(row, answer.Metric)).map(
    (row): Line => ({ row, change: changes.get(idOf(row)) }),
  );
  const { Unit, Grain } = answer.Metric;
  const columns: readonly Column<Line>[] = [
    {
      ...{ id: 'key', header: 'Of', text: ({ row }) => (row.IsTotal ? 'all' : row.Key) },
      cell: ({ row }) => (row.IsTotal ? <strong>all</strong> : <NameBadge name={row.Key} none="unassigned" />),
    },
    amount('cost', 'Cost', ({ row }) => row.CoveredCostUsd),
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
        <span className={lacksCounts(row, unfinished) ? 'chip chip-warn' : ''}>
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
      empty={<p className="soft">No whole day or month with a count in this range.</p>}
      download={`unit-cost-${answer.Metric.Name}`}
    />
  );
}

/** Spend whose keys have no count in the range at all: it is in no quotient. */
export function Uncounted({ answer }: { readonly answer: UnitCosts }): ReactElement | null {
  const rows = answer.Rows.filter((row) => !isCounted(row)).toSorted((a, b) => compare(b.CostUsd, a.CostUsd));
  if (rows.length === 0) return null;
  const more = rows.length - UNCOUNTED_SHOWN;
  return (
    <p className="soft small">
      Without a count, and in no figure above:{' '}
      {rows.slice(0, UNCOUNTED_SHOWN).map(({ Key, CostUsd }, index) => (
        <span key={Key}>
          {index > 0 && ', '}
          {Key || 'unassigned'} <Money usd={CostUsd} />
        </span>
      ))}
      {more > 0 && ` and ${more} more`}.
    </p>
  );
}

const UNCOUNTED_SHOWN = 6;

/** Of a metric without keys, the sum says it all. */
function isShown(row: UnitCostRow, { By }: Metric): boolean {
  return isCounted(row) && (row.IsTotal === true || By !== undefined);
}

function isCounted({ IsTotal, Units }: UnitCostRow): boolean {
  return IsTotal === true || Units !== undefined;
}

/** Whether periods that are over have spend and no count, although others have. */
export function lacksCounts({ Units, Periods, CoveredPeriods }: UnitCostRow, unfinished: number): boolean {
  return Units !== undefined && CoveredPeriods < Periods - unfinished;
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
