import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { bucketEndMs, bucketStartMs } from '../../../kernel/time.ts';
import type { ApiError } from '../api/api-error.ts';
import { call } from '../api/call.ts';
import { useSession } from '../api/session.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { DateRange } from '../components/date-range.tsx';
import { Page as Frame } from '../components/page.tsx';
import { ScopeChooser } from '../components/scope-chooser.tsx';
import { Segmented, Select } from '../components/select.tsx';
import { EmptyState, ErrorState, PartialNotice, Skeleton } from '../components/states.tsx';
import { useScope } from '../display/scope.ts';
import { choiceOf, listOf, type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { useShortcut } from '../keyboard/shortcuts.ts';
import { filterOf, readCondition } from '../report/report-filter.ts';
import { DIMENSIONS, labelOfKey } from '../report/report-key.ts';
import { useSpan } from '../spend/use-span.ts';
import { filterParams } from './explorer/drill.ts';
import { FilterBar } from './explorer/filter-bar.tsx';
import { MinCost } from './requests/min-cost.tsx';
import type { RequestSummary } from './requests/request-summary.ts';
import { RequestTable } from './requests/request-table.tsx';
import './explorer/explorer.css';

const PAGE_SIZE = 50;
const STATUSES = ['any', 'completed', 'cut', 'failed', 'interrupted'] as const;
/** Calls become several lines of a bill, so that they have none of these. */
const OF_LINES = ['usage-type', 'direction', 'service', 'billing-entity', 'record-type'];

const parseView = (search: SearchParams) => ({
  range: textOf(search, 'range') ?? '7d',
  filters: listOf(search, 'filter').flatMap((text) => readCondition(text) ?? []),
  status: choiceOf(search, 'status', STATUSES),
  order: choiceOf(search, 'order', ['latest', 'costliest']),
  minUsd: /^\d{1,12}(\.\d{1,12})?$/.exec(textOf(search, 'min') ?? '')?.[0],
});

interface Answer {
  readonly Requests: readonly RequestSummary[];
  readonly NextToken?: string;
}

/** Single calls: the latest or the most expensive first. */
export function Page(): ReactElement {
  const scope = useScope();
  const { TeamTagKey: teamTagKey } = useSession();
  const [view, set] = useViewState(parseView);
  const [opened, setOpened] = useState({ range: 0, filter: 0 });
  useShortcut('t', 'Range of time', () => setOpened((before) => ({ ...before, range: before.range + 1 })));
  useShortcut('/', 'Filter', () => setOpened((before) => ({ ...before, filter: before.filter + 1 })));
  const { span } = useSpan(view.range, '7d', { book: 'ledger' });
  const ofLines = view.filters.filter(({ word }) => OF_LINES.includes(word));
  const filter = filterOf(view.filters.filter((condition) => !ofLines.includes(condition)));
  const input = {
    ...(scope !== 'ALL' && { Scope: scope }),
    Start: new Date(span.startMs).toISOString(),
    End: new Date(span.endMs).toISOString(),
    ...(filter && { Filter: filter }),
    ...(view.status !== 'any' && { Status: view.status }),
    ...(view.minUsd !== undefined && { MinCostUsd: view.minUsd }),
    OrderBy: view.order.toUpperCase(),
    MaxResults: PAGE_SIZE,
  };
  const found = useInfiniteQuery<Answer, ApiError>({
    queryKey: ['tallyline', 'ListRequests', 'pages', input],
    queryFn: ({ pageParam, signal }) =>
      call<Answer>(
        'tallyline',
        'ListRequests',
        { ...input, ...(pageParam !== '' && { NextToken: pageParam }) } as object,
        {
          signal,
        },
      ),
    initialPageParam: '' as unknown,
    getNextPageParam: ({ NextToken: next }) => next,
  });
  const calls = found.data?.pages.flatMap(({ Requests }) => Requests) ?? [];
  const words = [`tag:${teamTagKey}`, ...DIMENSIONS.map(({ word }) => word).filter((word) => !OF_LINES.includes(word))];
  return (
    <Frame
      title="Requests"
      about="Every call, with what it used and what that cost. Prompts and answers are never kept."
      actions={<ScopeChooser />}
      filters={
        <>
          <DateRange book="ledger" value={view.range} onChange={(range) => set({ range })} openSignal={opened.range} />
          <Segmented
            label="Order"
            value={view.order}
            options={[
              { value: 'latest', label: 'Latest' },
              { value: 'costliest', label: 'Most expensive' },
            ]}
            onChange={(order) => set({ order: order === 'latest' ? undefined : order })}
          />
          <Select
            label="Status"
            labelHidden
            value={view.status}
            options={STATUSES.map((value) => ({ value, label: value === 'any' ? 'Any status' : value }))}
            onChange={(status) => set({ status: status === 'any' ? undefined : status })}
          />
          <MinCost value={view.minUsd} onChange={(min) => set({ min })} />
          <FilterBar
            question={{ view: { filters: view.filters, book: 'ledger' }, span: wholeQuarters(span), scope }}
            keys={words.map((value) => ({ value, label: labelOfKey(value) }))}
            openSignal={opened.filter}
            onChange={(filters) => set({ filter: filterParams(filters) })}
          />
        </>
      }
    >
      {ofLines.length > 0 && (
        <PartialNotice look="plain">
          A call becomes several lines of a bill, so that it has no{' '}
          {ofLines.map(({ word }) => labelOfKey(word)).join(', ')}: these are the calls whatever that is.
        </PartialNotice>
      )}
      <Card flush busy={found.isFetching && !found.isPending}>
        {found.error && !found.data ? (
          <ErrorState error={found.error} onRetry={() => void found.refetch()} />
        ) : found.isPending ? (
          <div className="card-body">
            <Skeleton lines={12} height={460} />
          </div>
        ) : (
          <RequestTable
            label={view.order === 'latest' ? 'Calls, the latest first' : 'Calls, the most expensive first'}
            calls={calls}
            download="requests"
            empty={
              <EmptyState
                title="No call is like this"
                icon="request"
                action={
                  <Button onClick={() => set({ range: '90d', filter: undefined, status: undefined, min: undefined })}>
                    Show all of the last 90 days
                  </Button>
                }
              >
                Nothing was called in this range that passes the filters. A call is listed within a second of its end.
              </EmptyState>
            }
          />
        )}
        {found.hasNextPage && (
          <div className="card-foot">
            <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
              Show {PAGE_SIZE} more
            </Button>
          </div>
        )}
      </Card>
    </Frame>
  );
}

/** Reports, which offer the values of filters, are asked by quarter hours. */
function wholeQuarters({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }) {
  return { startMs: bucketStartMs(startMs), endMs: bucketEndMs(endMs) };
}
