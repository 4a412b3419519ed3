import type { ReactElement } from 'react';
import { useCall } from '../../api/use-call.ts';
import { Card } from '../../components/card.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Count, Money } from '../../components/figures.tsx';
import { NameBadge, shortName } from '../../components/name-badge.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { multiply } from '../../format/decimal.ts';

interface Outlook {
  readonly Kind: 'AWS' | 'HARD';
  readonly Name: string;
  readonly Value?: string;
  readonly Unit: string;
  readonly End: string;
  readonly Limit: string;
  readonly Actual: string;
  readonly IsPassed: boolean;
  readonly MadeAt: string;
  /** Absent: too little history. */
  readonly Expected?: string;
  readonly Lower?: string;
  readonly Upper?: string;
  /** From 0 to 1. */
  readonly Chance?: string;
  readonly Earliest?: string;
  readonly Likely?: string;
  readonly Latest?: string;
}

/** Whether budgets will be passed in their period, and when; of one budget where there is a name. */
export function Outlooks(props: {
  readonly of?: { readonly kind: 'AWS' | 'HARD'; readonly name: string };
  readonly onOpen?: (id: string) => void;
}): ReactElement | null {
  const { of, onOpen } = props;
  const input = of ? { Kind: of.kind, Name: of.name } : {};
  const { data, error, refetch } = useCall<{ readonly Outlooks: readonly Outlook[] }>(
    'tallyline',
    'GetBudgetOutlooks',
    input,
  );
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={of ? 2 : 6} height={of ? 96 : 280} />;
  if (of && data.Outlooks.length === 0) return null;
  return (
    <Card
      title={of ? 'Will it be passed?' : 'Will budgets be passed, and when?'}
      note="worked out once a day (UTC), from the days up to yesterday"
      flush
    >
      <DataTable
        label="Outlook of budgets"
        columns={of ? COLUMNS.filter(({ id }) => id !== 'budget') : COLUMNS}
        rows={data.Outlooks}
        rowId={({ Kind, Name, Value = '' }) => JSON.stringify([Kind, Name, Value])}
        {...(onOpen && { onOpen: ({ Kind, Name }: Outlook) => onOpen(`${Kind.toLowerCase()}:${Name}`) })}
        empty={
          <EmptyState title="No budget to look ahead for" icon="budget">
            Budgets with a limit and a day, week, month, quarter or year that is under way are listed here.
          </EmptyState>
        }
      />
    </Card>
  );
}

/** A chance from here on is a warning, and from there on a bad one. */
const LIKELY = 0.3;
const SURE = 0.7;

const COLUMNS: readonly Column<Outlook>[] = [
  {
    ...{ id: 'budget', header: 'Budget', text: ({ Name }) => Name },
    cell: ({ Name, Kind }) => (
      <span className="row">
        <span>{Name}</span>
        <span className="chip">{Kind === 'AWS' ? 'AWS' : 'hard'}</span>
      </span>
    ),
  },
  {
    ...{ id: 'value', header: 'Of', text: ({ Value = '' }) => Value },
    cell: ({ Value }) => (Value ? <NameBadge name={Value}>{shortName(Value)}</NameBadge> : null),
  },
  { id: 'end', header: 'Ends', text: ({ End }) => End.slice(0, 10) },
  amount('limit', 'Limit', ({ Limit }) => Limit),
  amount('actual', 'So far', ({ Actual }) => Actual),
  amount('expected', 'Expected', ({ Expected }) => Expected),
  amount('lower', 'At least', ({ Lower }) => Lower),
  amount('upper', 'At most', ({ Upper }) => Upper),
  {
    ...{ id: 'chance', header: 'Chance of passing', kind: 'number', text: ({ Chance = '' }) => Chance },
    cell: ({ Chance, IsPassed }) => {
      if (IsPassed) return <span className="chip chip-bad">passed</span>;
      if (Chance === undefined) return <span className="faint">too little history</span>;
      const look = Number(Chance) >= SURE ? 'chip-bad' : Number(Chance) >= LIKELY ? 'chip-warn' : 'chip-good';
      return <span className={`chip ${look}`}>{multiply(Chance, '100')} %</span>;
    },
  },
  {
    ...{
      id: 'when',
      header: 'When',
      text: ({ Likely, IsPassed }) => (IsPassed ? 'passed' : (Likely?.slice(0, 10) ?? '')),
    },
    cell: ({ Earliest, Likely, Latest, IsPassed }) => {
      if (IsPassed || Earliest === undefined) return <span className="faint">–</span>;
      return (
        <span>
          {Likely ? <strong>{Likely.slice(0, 10)}</strong> : 'not expected'}{' '}
          <span className="faint small">
            {Earliest.slice(0, 10)} at the earliest, {Latest ? `${Latest.slice(0, 10)} at the latest` : 'or not at all'}
          </span>
        </span>
      );
    },
  },
];

function amount(id: string, header: string, of: (outlook: Outlook) => string | undefined): Column<Outlook> {
  return {
    ...{ id, header, kind: 'number', text: (outlook) => of(outlook) ?? '' },
    cell: (outlook) => {
      const value = of(outlook);
      if (value === undefined) return <span className="faint">–</span>;
      if (outlook.Unit === 'USD') return <Money usd={value} />;
      return (
        <span>
          <Count value={value} short /> {outlook.Unit}
        </span>
      );
    },
  };
}
