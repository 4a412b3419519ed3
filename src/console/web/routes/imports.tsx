import { useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useEffect } from 'react';
import { SESSION_KEY, useMay } from '../api/session.ts';
import { useCall, useChange } from '../api/use-call.ts';
import { Card } from '../components/card.tsx';
import { type Column, DataTable } from '../components/data-table.tsx';
import { Count, Money } from '../components/figures.tsx';
import { Page as Frame } from '../components/page.tsx';
import { Segmented } from '../components/select.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import { TimeText } from '../components/time.tsx';
import { Findings } from './imports/findings.tsx';
import type { BillPeriod, BillSource, ListedImport } from './imports/import-calls.ts';
import { ImportState } from './imports/import-state.tsx';
import { Logs } from './imports/logs.tsx';
import { StartImport } from './imports/start-import.tsx';
import { UnderWay } from './imports/under-way.tsx';

/** How often what is under way is asked for. */
const LOOK_EVERY_MS = 2_000;

const BOOKS = [
  { value: 'ledger', label: 'Ledger: metered here' },
  { value: 'bill', label: 'Bill: imported' },
] as const;

/** Where bills are imported from, what was, and what they cannot answer. */
export function Page(): ReactElement {
  const may = useMay('tallyline:StartBillImport', 'tallyline:SetPrimaryBook');
  const sources = useCall<{ readonly Sources: readonly BillSource[]; readonly PrimaryBook: string }>(
    ...(['tallyline', 'ListBillSources', {}, { everyMs: LOOK_EVERY_MS }] as const),
  );
  const imports = useCall<{ readonly Imports: readonly ListedImport[] }>(
    ...(['tallyline', 'ListBillImports', {}, { everyMs: LOOK_EVERY_MS }] as const),
  );
  const setPrimary = useChange('tallyline', 'SetPrimaryBook', ['tallyline'], SESSION_KEY);
  // The one that runs: the others wait in the order in which they were asked for.
  const underWay = imports.data?.Imports.findLast(({ EndedAt }) => EndedAt === undefined);
  // An import may make the bill the primary book, and moves its end.
  const queries = useQueryClient();
  const ended = imports.data?.Imports.filter(({ EndedAt }) => EndedAt !== undefined).length;
  useEffect(() => {
    if (ended !== undefined) void queries.invalidateQueries({ queryKey: SESSION_KEY });
  }, [queries, ended]);
  const failure = sources.error ?? imports.error;
  const periods = sources.data?.Sources.flatMap((source) => source.Periods.map((period) => ({ source, period }))) ?? [];
  return (
    <Frame
      title="Imports"
      about="Bills that AWS delivered: CUR 2.0, legacy CUR and FOCUS, which every page, budget and export can answer from; and logs of model invocations, whose calls go into the ledger."
    >
      {failure && <ErrorState error={failure} onRetry={() => void sources.refetch()} />}
      {may('tallyline:StartBillImport') && <StartImport />}
      {underWay && <UnderWay importId={underWay.ImportId} />}
      {sources.data && (
        <Card title="What reports show" note="Unless a question names the other book.">
          {may('tallyline:SetPrimaryBook') ? (
            <Segmented
              label="Primary book"
              value={sources.data.PrimaryBook}
              options={BOOKS}
              onChange={(Book) => setPrimary.mutate({ Book })}
            />
          ) : (
            <p>{BOOKS.find(({ value }) => value === sources.data.PrimaryBook)?.label}</p>
          )}
        </Card>
      )}
      <Card title="Billing periods" flush>
        {!sources.data ? (
          <Skeleton lines={4} height={160} />
        ) : (
          <DataTable
            label="Billing periods"
            columns={PERIODS}
            rows={periods}
            rowId={({ source, period }) => `${source.SourceId}/${period.BillingPeriod}`}
            sort={{ id: 'period', descending: true }}
            empty={
              <EmptyState title="No bill was imported yet" icon="export">
                Give a folder of the server or a prefix of a bucket above, or run <code>tallyline import PLACE</code>.
              </EmptyState>
            }
          />
        )}
      </Card>
      <Findings periods={periods.map(({ period }) => period)} />
      <Logs sources={sources.data?.Sources ?? []} />
      <Card title="Imports" flush>
        {!imports.data ? (
          <Skeleton lines={4} height={160} />
        ) : (
          <DataTable
            label="Imports"
            columns={IMPORTS}
            rows={imports.data.Imports}
            rowId={({ ImportId }) => ImportId}
            empty={<EmptyState title="No import yet" icon="export" />}
          />
        )}
      </Card>
    </Frame>
  );
}

interface PeriodRow {
  readonly source: BillSource;
  readonly period: BillPeriod;
}

const PERIODS: readonly Column<PeriodRow>[] = [
  { id: 'period', header: 'Billing period', text: ({ period }) => period.BillingPeriod },
  { id: 'place', header: 'From', wrap: true, text: ({ source }) => source.Location },
  {
    id: 'watch',
    header: 'Watched',
    text: ({ source }) => (source.Watch ? 'yes' : 'no'),
  },
  { id: 'format', header: 'Format', text: ({ period }) => period.Format },
  {
    id: 'rows',
    header: 'Rows',
    kind: 'number',
    text: ({ period }) => period.Rows,
    cell: ({ period }) => <Count value={period.Rows} />,
  },
  {
    id: 'cost',
    header: 'Cost',
    kind: 'number',
    text: ({ period }) => period.CostUsd,
    cell: ({ period }) => <Money usd={period.CostUsd} />,
  },
  {
    id: 'unrecognised',
    header: 'Not understood',
    kind: 'number',
    text: ({ period }) => String(period.Unrecognised.length),
  },
  {
    id: 'at',
    header: 'Imported',
    text: ({ period }) => String(period.ImportedAt),
    cell: ({ period }) => <TimeText at={period.ImportedAt} />,
  },
];

const IMPORTS: readonly Column<ListedImport>[] = [
  {
    id: 'at',
    header: 'Begun',
    text: ({ CreatedAt }) => String(CreatedAt),
    cell: ({ CreatedAt }) => <TimeText at={CreatedAt} />,
  },
  { id: 'by', header: 'By', text: ({ Cause, CreatedBy }) => (Cause === 'watch' ? 'the server, watching' : CreatedBy) },
  { id: 'state', header: 'State', text: ({ State }) => State, cell: (one) => <ImportState listed={one} /> },
  {
    id: 'outcome',
    header: 'Periods or problems',
    wrap: true,
    text: ({ Problems, ReplacedPeriods, Log }) =>
      Problems.map(({ File, Text }) => (File === undefined ? Text : `${File}: ${Text}`)).join('; ') ||
      (Log ? `${Log.Calls} calls` : ReplacedPeriods.join(', ')),
  },
];
