import { useNavigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { DAY_MS } from '../../../kernel/time.ts';
import { useCall } from '../api/use-call.ts';
import { Card } from '../components/card.tsx';
import { type Column, DataTable } from '../components/data-table.tsx';
import { Money } from '../components/figures.tsx';
import { Page as Frame } from '../components/page.tsx';
import { ScopeChooser } from '../components/scope-chooser.tsx';
import { Segmented, Select } from '../components/select.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import { TimeText } from '../components/time.tsx';
import { usePresent } from '../display/present.ts';
import { useScope } from '../display/scope.ts';
import { choiceOf, type SearchParams, useViewState } from '../display/view-state.ts';
import { type Finding, KINDS, kindText, SEVERITY_CHIPS, stateText, subjectName } from './anomalies/finding.ts';
import { MonitorAnomalies } from './anomalies/monitor-anomalies.tsx';

const LATEST_EVERY_MS = 30_000;
const SHOWN_DAYS = 30;

const parse = (search: SearchParams) => ({
  state: choiceOf(search, 'state', ['all', 'open', 'ended']),
  severity: choiceOf(search, 'severity', ['medium', 'low', 'high']),
  kind: choiceOf(search, 'kind', ['any', ...KINDS]),
});

const COLUMNS: readonly Column<Finding>[] = [
  {
    id: 'since',
    header: 'Since',
    text: ({ Since }) => Since,
    cell: ({ Since }) => <TimeText at={Since} show="minute" />,
  },
  {
    ...{ id: 'severity', header: 'Severity', text: ({ Severity }) => Severity },
    cell: ({ Severity }) => <span className={`chip ${SEVERITY_CHIPS[Severity]}`}>{Severity}</span>,
  },
  {
    id: 'who',
    header: 'Who or what',
    wrap: true,
    text: ({ Subject }) => Subject.Value,
    cell: (one) => subjectName(one.Subject),
  },
  { id: 'kind', header: 'What is wrong', wrap: true, text: ({ Kind }) => kindText(Kind) },
  {
    ...{ id: 'actual', header: 'Spent', kind: 'number', text: ({ ActualUsd }) => ActualUsd },
    cell: ({ ActualUsd }) => <Money usd={ActualUsd} />,
  },
  {
    ...{ id: 'expected', header: 'Usual', kind: 'number', text: ({ ExpectedUsd }) => ExpectedUsd },
    cell: ({ ExpectedUsd }) => <Money usd={ExpectedUsd} />,
  },
  { id: 'state', header: 'State', text: stateText },
  { id: 'book', header: 'Found in', text: ({ Book }) => (Book === 'bill' ? 'Bill' : 'Calls') },
];

/** Spend that is out of the ordinary: what the standing watch found, and what AWS-style monitors did. */
export function Page(): ReactElement {
  const [view, set] = useViewState(parse);
  const navigate = useNavigate();
  const scope = useScope();
  const sinceMs = Math.floor(usePresent().atMs / DAY_MS - SHOWN_DAYS) * DAY_MS;
  const input = {
    ...{ Scope: scope, Since: new Date(sinceMs).toISOString(), MinSeverity: view.severity, MaxResults: 1_000 },
    ...(view.state !== 'all' && { State: view.state }),
    ...(view.kind !== 'any' && { Kind: view.kind }),
  };
  const { data, error, isPlaceholderData, refetch } = useCall<{ readonly Findings: readonly Finding[] }>(
    'tallyline',
    'ListFindings',
    input,
    { everyMs: LATEST_EVERY_MS },
  );
  return (
    <Frame
      title="Anomalies"
      about="Every principal, role, tag value and model is watched against its own past: calls all the time, an imported bill whenever it comes. One cause is one line."
      actions={<ScopeChooser />}
      filters={
        <>
          <Segmented
            label="State"
            value={view.state}
            options={[
              { value: 'all', label: 'All' },
              { value: 'open', label: 'Go on' },
              { value: 'ended', label: 'Ended' },
            ]}
            onChange={(state) => set({ state: state === 'all' ? undefined : state })}
          />
          <Select
            label="Severity"
            labelHidden
            value={view.severity}
            options={[
              { value: 'low', label: 'Every severity' },
              { value: 'medium', label: 'Medium and high' },
              { value: 'high', label: 'High' },
            ]}
            onChange={(severity) => set({ severity: severity === 'medium' ? undefined : severity })}
          />
          <Select
            label="Kind"
            labelHidden
            value={view.kind}
            options={[
              { value: 'any', label: 'Any kind' },
              ...KINDS.map((value) => ({ value, label: kindText(value) })),
            ]}
            onChange={(kind) => set({ kind: kind === 'any' ? undefined : kind })}
          />
        </>
      }
    >
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton lines={8} height={420} />}
      {data && (
        <Card title="Found in the last 30 days" flush busy={isPlaceholderData}>
          <DataTable
            label="Findings"
            columns={COLUMNS}
            rows={data.Findings}
            rowId={({ FindingId }) => FindingId}
            onOpen={({ FindingId }) => void navigate({ to: '/anomalies/$id', params: { id: FindingId } } as never)}
            download="findings"
            empty={
              <EmptyState title="Nothing out of the ordinary" icon="check">
                The watch looks every minute. It needs a day of usage before it calls anything usual, and three weeks
                before it knows the hours of the week.
              </EmptyState>
            }
          />
        </Card>
      )}
      <MonitorAnomalies sinceMs={sinceMs} />
    </Frame>
  );
}
