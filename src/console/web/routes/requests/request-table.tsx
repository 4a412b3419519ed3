import { useNavigate } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Count, Money } from '../../components/figures.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import { TimeText } from '../../components/time.tsx';
import { useScope } from '../../display/scope.ts';
import { add } from '../../format/decimal.ts';
import { shortModel } from '../../format/model-name.ts';
import { durationMs, durationText, type RequestSummary } from './request-summary.ts';
import { StatusChips } from './status-chips.tsx';

const tokens = (
  id: string,
  header: string,
  of: (call: RequestSummary) => string | undefined,
): Column<RequestSummary> => ({
  ...{ id, header, kind: 'number' as const },
  text: (call) => of(call) ?? '',
  cell: (call) => {
    const value = of(call);
    return value === undefined ? <span className="faint">–</span> : <Count value={value} />;
  },
});

/** What matters most stands where a narrow window still shows it. */
const COLUMNS: readonly Column<RequestSummary>[] = [
  {
    id: 'time',
    header: 'Time',
    text: ({ AdmittedAt: at }) => at,
    cell: ({ AdmittedAt: at }) => <TimeText at={at} show="second" zoneHidden />,
  },
  {
    id: 'principal',
    header: 'Principal',
    text: ({ Principal: principal }) => principal,
    cell: ({ Principal: principal }) => <NameBadge name={principal} />,
  },
  {
    id: 'model',
    header: 'Model',
    text: ({ ModelId: model }) => model,
    cell: ({ ModelId: model }) => <NameBadge name={model}>{shortModel(model)}</NameBadge>,
  },
  {
    ...{ id: 'cost', header: 'Cost', kind: 'number' as const },
    text: ({ CostUsd: cost }) => cost,
    cell: ({ CostUsd: cost, IsUnpriced: unpriced }) =>
      unpriced ? <span className="chip chip-bad">unpriced</span> : <Money usd={cost} />,
  },
  {
    id: 'status',
    header: 'Status',
    text: ({ Status: status }) => status,
    cell: (call) => <StatusChips call={call} />,
  },
  { id: 'operation', header: 'API', text: ({ Operation: operation }) => operation, hidden: true },
  { id: 'region', header: 'Region', text: ({ Region: region }) => region, hidden: true },
  { id: 'route', header: 'Route', text: ({ Route: route }) => route, hidden: true },
  { id: 'tier', header: 'Tier', text: ({ Tier: tier }) => tier, hidden: true },
  { id: 'upstream', header: 'Upstream', text: ({ Upstream: upstream }) => upstream, hidden: true },
  tokens('input', 'Input', ({ InputTokens: input }) => input),
  tokens('cacheRead', 'Cache read', ({ CacheReadInputTokens: read }) => read),
  tokens('cacheWrite', 'Cache write', ({ CacheWrite5mInputTokens: short, CacheWrite1hInputTokens: long }) =>
    short === undefined && long === undefined ? undefined : add(short ?? '0', long ?? '0'),
  ),
  tokens('output', 'Output', ({ OutputTokens: output }) => output),
  {
    ...{ id: 'duration', header: 'Took', kind: 'number' as const },
    text: (call) => String(durationMs(call)),
    cell: (call) => durationText(durationMs(call)),
  },
  { id: 'id', header: 'Request id', text: ({ RequestId: id }) => id, hidden: true },
];

/** Calls, each of which leads to its page. */
export function RequestTable(props: {
  readonly label: string;
  readonly calls: readonly RequestSummary[];
  readonly empty: ReactNode;
  /** Columns that say the same in every row. */
  readonly without?: readonly string[];
  readonly download?: string;
}): ReactElement {
  const { without = [], download } = props;
  const navigate = useNavigate();
  const scope = useScope();
  return (
    <DataTable
      label={props.label}
      columns={COLUMNS.filter(({ id }) => !without.includes(id))}
      rows={props.calls}
      rowId={({ RequestId: id }) => id}
      onOpen={({ RequestId: id }) => {
        const search = scope === 'ALL' ? {} : { scope };
        void navigate({ to: '/requests/$id', params: { id } as never, search: search as never });
      }}
      empty={props.empty}
      {...(download !== undefined && { download, pickColumns: true })}
    />
  );
}
