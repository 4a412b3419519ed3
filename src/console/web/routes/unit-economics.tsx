import { type ReactElement, useState } from 'react';
import { UTC } from '../../../kernel/time-zone.ts';
import { useMay } from '../api/session.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { DateRange } from '../components/date-range.tsx';
import { Page as Frame } from '../components/page.tsx';
import { Segmented, Select } from '../components/select.tsx';
import { EmptyState, ErrorState, PartialNotice, Skeleton } from '../components/states.tsx';
import { choiceOf, type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { useSpan } from '../spend/use-span.ts';
import { MetricDialog } from './unit-economics/metric-dialog.tsx';
import { type Metric, type UnitCosts, useMetrics, useUnitCosts } from './unit-economics/unit-cost-calls.ts';
import { UnitCostChart } from './unit-economics/unit-cost-chart.tsx';
import { lacksCounts, Uncounted, UnitCostTable } from './unit-economics/unit-cost-table.tsx';

const FALLBACK = '30d';

function parse(search: SearchParams) {
  return {
    metric: textOf(search, 'metric'),
    range: textOf(search, 'range') ?? FALLBACK,
    every: choiceOf(search, 'every', ['day', 'month'] as const),
    asof: choiceOf(search, 'asof', ['was', 'is'] as const),
  };
}

/** Spend divided by what the business counts. */
export function Page(): ReactElement {
  const [view, set] = useViewState(parse);
  const list = useMetrics();
  const metrics = list.data?.Metrics ?? [];
  const metric = metrics.find(({ Name }) => Name === view.metric) ?? metrics[0];
  // Metrics have days of UTC.
  const { span } = useSpan(view.range, FALLBACK, { zone: UTC });
  // Nobody has counted a day that goes on.
  const unfinished = span.endMs > Date.now() ? 1 : 0;
  const granularity = metric?.Grain === 'MONTH' || view.every === 'month' ? 'MONTHLY' : 'DAILY';
  const isStructured = metric?.By?.Type === 'MEMBERSHIP';
  const isAsIs = isStructured && view.asof === 'is';
  const course = useUnitCosts(metric, span, granularity, isAsIs);
  const sums = useUnitCosts(metric, span, 'TOTAL', isAsIs);
  const may = useMay('tallyline:PutBusinessMetric', 'tallyline:PutBusinessMetricValues');
  const [edited, setEdited] = useState<{ readonly metric: Metric | undefined }>();
  return (
    <Frame
      title="Unit economics"
      about="What one request served, customer or ticket costs: spend divided by what the business counts, in days of UTC."
      actions={
        may('tallyline:PutBusinessMetric') && (
          <>
            {metric && <Button onClick={() => setEdited({ metric })}>Import values</Button>}
            <Button look="primary" icon="plus" onClick={() => setEdited({ metric: undefined })}>
              New metric
            </Button>
          </>
        )
      }
      filters={
        metric && (
          <>
            <Select
              label="Metric"
              value={metric.Name}
              options={metrics.map(({ Name }) => ({ value: Name, label: Name }))}
              onChange={(next) => set({ metric: next })}
            />
            <DateRange value={view.range} onChange={(range) => set({ range })} />
            {metric.Grain === 'DAY' && (
              <Segmented
                label="per"
                value={view.every}
                options={[
                  { value: 'day', label: 'Day' },
                  { value: 'month', label: 'Month' },
                ]}
                onChange={(every) => set({ every: every === 'day' ? undefined : every })}
              />
            )}
            {isStructured && (
              <Segmented
                label="Org chart"
                value={view.asof}
                options={[
                  { value: 'was', label: 'As it was' },
                  { value: 'is', label: 'As it is' },
                ]}
                onChange={(asof) => set({ asof: asof === 'was' ? undefined : asof })}
              />
            )}
          </>
        )
      }
    >
      {list.error && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {!list.error && !list.data && <Skeleton lines={8} height={420} />}
      {list.data && !metric && (
        <EmptyState title="No business metric yet" icon="price">
          Say what your spend is for: make a metric, and import how many requests, customers or tickets there were, by
          day or month and, if you like, by team or tenant. In a terminal: <code>tallyline metrics import</code>.
        </EmptyState>
      )}
      {metric && (
        <>
          <Missing answer={sums.data} unfinished={unfinished} />
          <Card title={`Cost per ${metric.Unit}`} note="gaps are days without a count" busy={course.isPlaceholderData}>
            {course.error && <ErrorState error={course.error} onRetry={() => void course.refetch()} />}
            {!course.error && !course.data && <Skeleton lines={6} height={300} />}
            {course.data && <UnitCostChart answer={course.data} granularity={granularity} />}
          </Card>
          <Card
            title="Over the range"
            note="of days with a count, beside the equally long time before; by cost and by units sum to the change"
            busy={sums.isPlaceholderData}
            flush
          >
            {sums.error && <ErrorState error={sums.error} onRetry={() => void sums.refetch()} />}
            {!sums.error && !sums.data && <Skeleton lines={4} height={200} />}
            {sums.data && <UnitCostTable answer={sums.data} unfinished={unfinished} />}
          </Card>
          {sums.data && <Uncounted answer={sums.data} />}
        </>
      )}
      {edited && (
        <MetricDialog
          metric={edited.metric}
          onClose={(name) => {
            setEdited(undefined);
            if (name !== undefined) set({ metric: name });
          }}
        />
      )}
    </Frame>
  );
}

/** Days without a count are said, and their spend is in no quotient. */
function Missing(props: { readonly answer: UnitCosts | undefined; readonly unfinished: number }): ReactElement | null {
  const { answer, unfinished } = props;
  if (!answer?.Rows.some((row) => lacksCounts(row, unfinished))) return null;
  const { Grain, Unit } = answer.Metric;
  return (
    <PartialNotice>
      Some {Grain === 'DAY' ? 'days' : 'months'} have spend and no count: they are missing below, never zero, and their
      spend is in no cost per {Unit}.
    </PartialNotice>
  );
}
