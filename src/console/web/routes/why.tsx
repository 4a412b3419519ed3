import { type ReactElement, useState } from 'react';
import { useCall } from '../api/use-call.ts';
import { Button } from '../components/button.tsx';
import { DateRange } from '../components/date-range.tsx';
import { Page as Frame } from '../components/page.tsx';
import { ScopeChooser } from '../components/scope-chooser.tsx';
import { Segmented } from '../components/select.tsx';
import { ErrorState, Skeleton } from '../components/states.tsx';
import { usePresent } from '../display/present.ts';
import { useScope } from '../display/scope.ts';
import { useViewState } from '../display/view-state.ts';
import { useShortcut } from '../keyboard/shortcuts.ts';
import type { Condition } from '../report/report-filter.ts';
import { rangeOf } from '../time/range.ts';
import { useKeyOptions } from './explorer/controls.tsx';
import { filterParams, withConditions } from './explorer/drill.ts';
import { FilterBar } from './explorer/filter-bar.tsx';
import type { Period, Why } from './why/answer.ts';
import { Calls } from './why/calls.tsx';
import { Course } from './why/course.tsx';
import { Drivers } from './why/drivers.tsx';
import { Headline } from './why/headline.tsx';
import { DrillPath } from './why/path.tsx';
import { inputOf, parseView } from './why/question.ts';
import { Reasons } from './why/reasons.tsx';
import { Suggestions } from './why/suggestions.tsx';
import './explorer/explorer.css';
import './why/why.css';

const spanOfPeriod = ({ Start, End }: Period) => ({ startMs: Date.parse(Start), endMs: Date.parse(End) });

/** Why two periods cost a different amount: reasons, drivers, since when, which calls, and what would cost less. */
export function Page(): ReactElement {
  const scope = useScope();
  const keys = useKeyOptions();
  const [view, set] = useViewState(parseView);
  const present = usePresent(view.book);
  const { zone } = present;
  const [opened, setOpened] = useState({ range: 0, filter: 0 });
  useShortcut('t', 'Range of time', () => setOpened((before) => ({ ...before, range: before.range + 1 })));
  useShortcut('/', 'Filter', () => setOpened((before) => ({ ...before, filter: before.filter + 1 })));
  const input = inputOf(view, scope, present);
  const { data, error, isPlaceholderData: busy, refetch } = useCall<Why>('tallyline', 'ExplainSpend', input);
  const setFilters = (filters: readonly Condition[]) => set({ filter: filterParams(filters) });
  const shown = data && { after: spanOfPeriod(data.After), before: spanOfPeriod(data.Before) };
  return (
    <Frame
      title="Why"
      about="Why one period cost more or less than another, down to who, what and since when."
      actions={<ScopeChooser />}
      filters={
        <>
          {view.anomaly === undefined ? (
            <>
              <DateRange
                book={view.book}
                value={view.range ?? (shown ? rangeOf(shown.after, zone) : '7d')}
                onChange={(range) => set({ range })}
                openSignal={opened.range}
              />
              <Segmented
                label="Compared with"
                value={view.before === undefined ? 'usual' : 'chosen'}
                options={[
                  { value: 'usual', label: 'the time before' },
                  { value: 'chosen', label: 'another time' },
                ]}
                onChange={(which) =>
                  set({ before: which === 'usual' || !shown ? undefined : rangeOf(shown.before, zone) })
                }
              />
              {view.before !== undefined && (
                <DateRange book={view.book} value={view.before} onChange={(before) => set({ before })} openSignal={0} />
              )}
            </>
          ) : (
            <Button small icon="close" onClick={() => set({ anomaly: undefined })}>
              One anomaly
            </Button>
          )}
          {shown && (
            <FilterBar
              question={{
                view: { filters: view.filters, ...(view.book && { book: view.book }) },
                span: shown.after,
                scope,
              }}
              keys={keys}
              openSignal={opened.filter}
              onChange={setFilters}
            />
          )}
        </>
      }
    >
      {error && !data ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Loading />
      ) : (
        <div className="stack" aria-busy={busy}>
          <Headline why={data} zone={zone} busy={busy} />
          <div className="why-columns">
            <Reasons why={data} busy={busy} />
            <DrillPath why={data} busy={busy} />
          </div>
          <Drivers
            why={data}
            busy={busy}
            onOnly={(condition) => setFilters(withConditions(view.filters, [condition]))}
          />
          <Course why={data} zone={zone} busy={busy} />
          <Calls why={data} view={view} busy={busy} />
          <Suggestions why={data} busy={busy} />
        </div>
      )}
    </Frame>
  );
}

function Loading(): ReactElement {
  return (
    <div className="stack">
      {[120, 360, 300].map((height) => (
        <div key={height} className="card card-body">
          <Skeleton lines={4} height={height} />
        </div>
      ))}
    </div>
  );
}
