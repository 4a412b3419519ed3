import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useMemo } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { Card } from '../../components/card.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Money } from '../../components/figures.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import { ErrorState, Skeleton } from '../../components/states.tsx';
import { add, compare } from '../../format/decimal.ts';
import { getReport } from '../../report/get-report.ts';
import { conditionText } from '../../report/report-filter.ts';
import { keyOf } from '../../report/report-key.ts';
import type { TimeSpan } from '../../time/range.ts';

interface ValueSpend {
  /** Empty: nobody's. */
  readonly value: string;
  readonly wasUsd: string;
  readonly isUsd: string;
}

/** What the values of a structure spent: as it was at the time of the usage, and as it would be by today's structure. */
export function ValueSpendCard(props: {
  readonly structure: string;
  readonly range: string;
  readonly span: TimeSpan;
}): ReactElement {
  const { structure, range, span } = props;
  const word = `membership:${structure}` as const;
  const columns = useMemo(() => columnsOf(word, range), [word, range]);
  const question = {
    ...({ span, granularity: 'TOTAL', timeZone: 'UTC', groupBy: [keyOf(word)!], measures: ['COST'] } as const),
  };
  const { data, error, refetch, isPlaceholderData } = useQuery<readonly ValueSpend[], ApiError>({
    queryKey: ['tallyline', 'GetReport', 'values', word, span],
    queryFn: async ({ signal }) => {
      const [was, is] = await Promise.all(
        ['WAS', 'IS'].map(async (asOf) => {
          const rows = await getReport({ ...question, asOf }, signal);
          return new Map(rows.map(({ Keys: [value = ''], CostUsd = '0' }) => [value, CostUsd]));
        }),
      );
      return [...new Set([...was!.keys(), ...is!.keys()])]
        .map((value) => ({ value, wasUsd: was!.get(value) ?? '0', isUsd: is!.get(value) ?? '0' }))
        .sort((a, b) => compare(b.isUsd, a.isUsd));
    },
  });
  return (
    <Card title={`Spend by ${structure}`} note="every cent in one row" busy={isPlaceholderData} flush>
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <Skeleton lines={6} height={240} />}
      {data && (
        <DataTable
          label={`Spend by ${structure}`}
          columns={columns}
          rows={data}
          rowId={({ value }) => value}
          empty={<p className="soft">Nothing was spent in this range.</p>}
          download={`spend-by-${structure}`}
          foot={{
            value: 'Total',
            was: <Money usd={add(...data.map(({ wasUsd }) => wasUsd))} />,
            is: <Money usd={add(...data.map(({ isUsd }) => isUsd))} />,
          }}
        />
      )}
    </Card>
  );
}

function columnsOf(word: `membership:${string}`, range: string): readonly Column<ValueSpend>[] {
  const filterOf = (value: string) => conditionText({ word, mode: 'include', values: [value] });
  return [
    {
      ...{ id: 'value', header: 'Belongs to', text: ({ value }) => value },
      cell: ({ value }) => (
        <Link to="/explorer" search={{ by: 'principal', range, filter: filterOf(value) } as never}>
          <NameBadge name={value} none="unassigned" />
        </Link>
      ),
    },
    {
      ...{ id: 'was', header: 'As it was', kind: 'number', text: ({ wasUsd }) => wasUsd },
      cell: ({ wasUsd }) => <Money usd={wasUsd} />,
    },
    {
      ...{ id: 'is', header: 'As it is today', kind: 'number', text: ({ isUsd }) => isUsd },
      cell: ({ isUsd }) => <Money usd={isUsd} />,
    },
  ];
}
