import { type ReactElement, useMemo } from 'react';
import type { TimeZone } from '../../../../kernel/time-zone.ts';
import { Chart, type ChartNote, type ChartSeries } from '../../components/chart.tsx';
import { usePreferences } from '../../display/preferences.ts';
import { useClock } from '../../display/present.ts';
import { bucketText } from '../../time/buckets.ts';
import type { TimeSpan } from '../../time/range.ts';
import type { Answer, AnswerBefore, Group } from './answer.ts';
import { axisFigure, figure } from './measures.ts';
import { coloursOf, nameOf, titleOf } from './names.tsx';
import type { ViewChart } from './view.ts';

const HEIGHT = 340;

function seriesOf({ question, groups, buckets }: Answer, nowMs: number): ChartSeries[] {
  const { measure, view } = question;
  const colours = coloursOf(groups);
  // Nothing is known of what has not begun: no line may fall to zero there.
  const isToCome = buckets.map(({ startMs }) => startMs > nowMs);
  const empty = measure.adds ? '0' : null;
  return groups.map((group, index) => ({
    key: group.id,
    name: nameOf(group, view.by),
    colour: colours[index]!,
    striped: group.kind !== 'named',
    values: group.course.map((sums, place) => (isToCome[place] ? null : ((sums && measure.of(sums)) ?? empty))),
  }));
}

/** The chart of an answer. `kind` may differ from the view's: shares do not stack. */
export function AnswerChart(props: {
  readonly answer: Answer;
  readonly before: AnswerBefore | undefined;
  readonly kind: Exclude<ViewChart, 'table'>;
  readonly zone: TimeZone;
  readonly notes: readonly ChartNote[];
  readonly onZoom: (span: TimeSpan) => void;
  readonly onStep: (group: Group, bucket?: TimeSpan) => void;
}): ReactElement {
  const { answer, before, zone } = props;
  const { question, buckets, groups } = answer;
  const { measure, granularity } = question;
  const { currency } = usePreferences();
  const clock = useClock(question.view.book);
  const labels = useMemo(
    () => buckets.map((bucket) => bucketText(bucket, granularity, zone)),
    [buckets, granularity, zone],
  );
  const series = useMemo(() => seriesOf(answer, clock().atMs), [answer, clock]);
  const course = useMemo(() => before?.course.map((sums) => (sums && measure.of(sums)) ?? null), [before, measure]);
  const axisText = useMemo(() => (value: number) => axisFigure(measure, value, currency), [measure, currency]);
  return (
    <Chart
      kind={props.kind}
      title={`${measure.label} by ${titleOf(question.view.by)}`}
      labelHeader={granularity === 'MONTHLY' ? 'Month' : granularity === 'DAILY' ? 'Day' : 'From'}
      labels={labels}
      series={series}
      {...(course && props.kind !== 'treemap' && { before: course })}
      notes={props.notes}
      format={(value) => figure(measure, value, currency)}
      axisText={axisText}
      height={HEIGHT}
      sums={measure.adds}
      onZoom={(first, last) => props.onZoom({ startMs: buckets[first]!.startMs, endMs: buckets[last]!.endMs })}
      onSelect={({ key }, index) => {
        const group = groups.find(({ id }) => id === key);
        if (group) props.onStep(group, index === undefined || buckets.length === 1 ? undefined : buckets[index]);
      }}
    />
  );
}
