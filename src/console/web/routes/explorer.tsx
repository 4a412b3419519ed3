import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactElement, useCallback, useMemo, useState } from 'react';
import { type TimeZone, timeZoneOf } from '../../../kernel/time-zone.ts';
import { useMay, useSession } from '../api/session.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { DateRange } from '../components/date-range.tsx';
import { Page as Frame } from '../components/page.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import { rangeOfCalls, useClock } from '../display/present.ts';
import { useTimeZone } from '../display/time-zone.ts';
import { type SearchParams, useViewState } from '../display/view-state.ts';
import { useShortcut } from '../keyboard/shortcuts.ts';
import type { Condition } from '../report/report-filter.ts';
import { isoDate, rangeOf, type TimeSpan } from '../time/range.ts';
import { AnnotationDialog, AnnotationList, useAnnotations, useNotes } from './explorer/annotations.tsx';
import type { Group } from './explorer/answer.ts';
import { AnswerChart } from './explorer/answer-chart.tsx';
import { AnswerTable } from './explorer/answer-table.tsx';
import { Asking } from './explorer/asking.tsx';
import { Basis } from './explorer/basis.tsx';
import { GroupBy, useKeyOptions, ViewControls } from './explorer/controls.tsx';
import { conditionsOf, filterParams, stepInto, stepOut, withConditions } from './explorer/drill.ts';
import { FilterBar } from './explorer/filter-bar.tsx';
import { titleOf } from './explorer/names.tsx';
import { resolve } from './explorer/question.ts';
import { SavedViewsMenu } from './explorer/saved-views.tsx';
import { ShareMenu } from './explorer/share-menu.tsx';
import { Summary } from './explorer/summary.tsx';
import { type AnswerState, useAnswer } from './explorer/use-answer.ts';
import { byParam, CHART_KINDS, parseView, type ViewChart } from './explorer/view.ts';
import './explorer/explorer.css';

/** Words of the granularity that was asked for, for the note beside the chart's title. */
const PER = {
  TOTAL: 'in all',
  QUARTER_HOURLY: 'per 15 minutes',
  HOURLY: 'per hour',
  DAILY: 'per day',
  MONTHLY: 'per month',
};

export function Page(): ReactElement {
  const { Scopes } = useSession();
  if (Scopes.length > 0) return <Explorer />;
  return (
    <Frame title="Explorer">
      <EmptyState title="No figures are shown to you" icon="key">
        Ask an administrator for a policy that allows <code>tallyline:GetOwnReport</code>, to see your own usage, or{' '}
        <code>tallyline:GetReport</code>, to see everybody’s.
      </EmptyState>
    </Frame>
  );
}

function Explorer(): ReactElement {
  const { Scopes } = useSession();
  const [view, set] = useViewState(parseView);
  const readersZone = useTimeZone();
  const clock = useClock(view.book, (view.zone && timeZoneOf(view.zone)) || undefined);
  // What is asked changes with the view, and not with every second: until then `now` is when it last changed.
  const { question, present } = useMemo(() => {
    const at = clock();
    return { question: resolve(view, at, Scopes), present: at };
  }, [view, Scopes, clock]);
  const { zone } = present;
  const state = useAnswer(question);
  const { answer, before } = state;
  const keys = useKeyOptions();
  const annotations = useAnnotations(question.span, zone);
  const notes = useNotes(annotations, answer?.buckets ?? NO_BUCKETS, zone);
  const may = useMay('tallyline:PutAnnotation');
  const [isNoting, setNoting] = useState(false);
  const keysPressed = useKeys(() => {
    const out = stepOut(view);
    if (out) set(out);
  });

  const callsRange = rangeOfCalls(view.range, question.span, present, readersZone);
  const { toRequests, stepTo, leaveOut, setFilters } = useSteps(view, callsRange, { zone, readersZone }, set);
  const charts = question.measure.adds ? CHART_KINDS : SHARE_CHARTS;
  const shownChart = charts.includes(view.chart) ? view.chart : 'line';

  return (
    <Frame
      title="Explorer"
      actions={
        <>
          {may('tallyline:PutAnnotation') && (
            <Button icon="note" onClick={() => setNoting(true)}>
              Note
            </Button>
          )}
          <Link
            to="/why"
            search={
              { range: view.range, filter: filterParams(view.filters), ...(view.book && { book: view.book }) } as never
            }
          >
            Why?
          </Link>
          <SavedViewsMenu onOpen={(search) => set({ ...CLEARED, ...search })} />
          {answer && <ShareMenu answer={answer} />}
        </>
      }
      filters={
        <>
          <DateRange
            book={view.book}
            value={view.range}
            openSignal={keysPressed.t}
            onChange={(range) => set({ range, every: undefined })}
          />
          <GroupBy view={view} keys={keys} openSignal={keysPressed.g} onChange={(by) => set({ by: byParam(by) })} />
          <FilterBar question={question} keys={keys} openSignal={keysPressed.filter} onChange={setFilters} />
        </>
      }
    >
      <div className="page-filters">
        <ViewControls
          view={{ ...view, chart: shownChart }}
          scopes={Scopes}
          scope={question.scope}
          charts={charts}
          onChange={set}
        />
      </div>
      <Card
        title={answer ? `${answer.question.measure.label} by ${titleOf(answer.question.view.by)}` : 'Adding up'}
        note={answer && `${PER[answer.question.granularity]}, ${answer.question.zoneName}`}
        busy={state.isAsking && answer !== undefined}
        foot={<Basis question={question} />}
      >
        <div className="answer-figure">
          {state.isAsking && <Asking key={JSON.stringify(question)} onCancel={state.cancel} />}
          <Outcome state={state}>
            {answer && (
              <>
                <Summary
                  answer={answer}
                  before={before}
                  onUnallocated={() => {
                    const group = answer.groups.find(({ kind }) => kind === 'unallocated');
                    if (group) stepTo(group);
                  }}
                  onUnpriced={() => {
                    const unpriced: Condition = { word: 'unpriced', mode: 'include', values: ['yes'] };
                    set({ filter: filterParams(withConditions(view.filters, [unpriced])), measure: 'tokens' });
                  }}
                />
                {shownChart !== 'table' && answer.groups.length > 0 && (
                  <AnswerChart
                    answer={answer}
                    before={before}
                    kind={shownChart}
                    zone={zone}
                    notes={notes}
                    onZoom={(span) => set({ range: rangeOf(span, zone), every: undefined })}
                    onStep={stepTo}
                  />
                )}
                <AnnotationList annotations={annotations} />
              </>
            )}
          </Outcome>
        </div>
      </Card>
      {answer && !state.error && !state.isCancelled && (
        <Card flush>
          <AnswerTable
            key={answer.question.view.by.join(' ')}
            answer={answer}
            before={before}
            onStep={stepTo}
            onExclude={leaveOut}
            onRequests={toRequests}
          />
        </Card>
      )}
      {isNoting && <AnnotationDialog day={isoDate(question.span.endMs - 1, zone)} onClose={() => setNoting(false)} />}
    </Frame>
  );
}

const NO_BUCKETS: readonly TimeSpan[] = [];

/** Shares and prices of parts do not stack up to those of the whole. */
const SHARE_CHARTS: readonly ViewChart[] = ['line', 'table'];

/** A saved view says all of an address; what it does not say is at its default. */
const CLEARED: SearchParams = Object.fromEntries(
  ['range', 'every', 'measure', 'by', 'filter', 'chart', 'top', 'compare', 'scope', 'book', 'asof', 'zone'].map(
    (key) => [key, undefined],
  ),
);

function Outcome({
  state,
  children,
}: {
  readonly state: AnswerState;
  readonly children: ReactElement | undefined | false;
}) {
  if (state.error) return <ErrorState error={state.error} onRetry={state.askAgain} />;
  if (state.isCancelled)
    return (
      <EmptyState
        title="Cancelled"
        icon="stop"
        action={
          <Button icon="retry" onClick={state.askAgain}>
            Ask again
          </Button>
        }
      >
        The server has stopped adding up. A shorter range, or fewer groups, takes less time.
      </EmptyState>
    );
  if (!state.answer) return <Skeleton lines={8} height={420} />;
  if (state.answer.groups.length === 0)
    return (
      <EmptyState title="No usage in this range" icon="explorer">
        Choose a longer range or take filters away. If no call was ever made through this server, the set-up guide shows
        how.
      </EmptyState>
    );
  return children;
}

/** How often each key was pressed: what opens by a key opens when its number grows. */
function useKeys(out: () => void): { readonly g: number; readonly t: number; readonly filter: number } {
  const [pressed, setPressed] = useState({ g: 0, t: 0, filter: 0 });
  const press = (key: 'g' | 't' | 'filter') => setPressed((before) => ({ ...before, [key]: before[key] + 1 }));
  useShortcut('/', 'Filter', () => press('filter'));
  useShortcut('g', 'Group by', () => press('g'));
  useShortcut('t', 'Range of time', () => press('t'));
  useShortcut('Escape', 'One step up', out);
  return pressed;
}

function useSteps(
  view: ReturnType<typeof parseView>,
  callsRange: string,
  /** Of the view, and of pages of calls. */
  { zone, readersZone }: { readonly zone: TimeZone; readonly readersZone: TimeZone },
  set: (change: SearchParams) => void,
) {
  const navigate = useNavigate();
  const goToRequests = useCallback(
    (search: SearchParams) => void navigate({ to: '/requests', search: search as never }),
    [navigate],
  );
  const setFilters = (filters: readonly Condition[]) => set({ filter: filterParams(filters) });
  const stepTo = (group: Group, bucket?: TimeSpan) => {
    const step = stepInto(view, group, zone, bucket);
    if (step.kind === 'view') set(step.change);
    else goToRequests({ ...step.search, range: bucket ? rangeOf(bucket, readersZone) : callsRange });
  };
  const leaveOut = (group: Group) => {
    const conditions = conditionsOf(group, view.by).slice(0, 1);
    setFilters(
      withConditions(
        view.filters,
        conditions.map((one) => ({ ...one, mode: 'exclude' })),
      ),
    );
  };
  const toRequests = (group: Group) =>
    goToRequests({
      range: callsRange,
      filter: filterParams(withConditions(view.filters, conditionsOf(group, view.by))),
    });
  return { toRequests, stepTo, leaveOut, setFilters };
}
