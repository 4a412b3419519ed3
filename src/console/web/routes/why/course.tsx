import { type ReactElement, useMemo } from 'react';
import type { TimeZone } from '../../../../kernel/time-zone.ts';
import { Card } from '../../components/card.tsx';
import { Chart } from '../../components/chart.tsx';
import { EmptyState } from '../../components/states.tsx';
import { usePreferences } from '../../display/preferences.ts';
import { compactMoney, money } from '../../format/amounts.ts';
import { isZero } from '../../format/decimal.ts';
import { timeText } from '../../time/time-text.ts';
import type { Why } from './answer.ts';

/** What the driver that the path leads to cost hour by hour, over the same time of the earlier period, and since when. */
export function Course(props: {
  readonly why: Why;
  /** Whose hours and days. */
  readonly zone: TimeZone;
  readonly busy: boolean;
}): ReactElement {
  const { why, zone, busy } = props;
  const { currency } = usePreferences();
  const { Course: course, Since: since } = why;
  const drawn = useMemo(() => {
    const show = course.Grain === 'day' ? 'date' : 'minute';
    const sinceMs = since ? Date.parse(since.At) : Number.NaN;
    const index = course.After.findLastIndex(({ Start }) => Date.parse(Start) <= sinceMs);
    return {
      // The year is the period's.
      labels: course.After.map(({ Start }) => timeText(Date.parse(Start), zone, show).slice('2026-'.length)),
      series: [
        { key: 'after', name: 'Later period', colour: '--name-1', values: course.After.map(({ CostUsd }) => CostUsd) },
      ],
      before: course.After.map((_, at) => course.Before[at]?.CostUsd ?? null),
      notes: since && index >= 0 ? [{ index, text: `since ${timeText(Date.parse(since.At), zone, 'minute')}` }] : [],
    };
  }, [course, since, zone]);
  const isEmpty = [...course.Before, ...course.After].every(({ CostUsd }) => isZero(CostUsd));
  return (
    <Card
      title={course.Grain === 'day' ? 'First bad day' : 'First bad hour'}
      note={
        since
          ? since.IsInside
            ? `since ${since.Text}`
            : 'from the beginning of the later period on, or before'
          : 'no hour in particular'
      }
      busy={busy}
    >
      {isEmpty ? (
        <EmptyState title="Nothing was used" icon="same" />
      ) : (
        <div className="stack">
          <Chart
            kind="line"
            title="Cost of the driver by time, with the earlier period dashed"
            labelHeader={course.Grain === 'day' ? 'Day' : 'Hour'}
            {...drawn}
            height={220}
            legend={false}
            format={(value) => money(value, currency)}
            axisText={(value) => compactMoney(String(value), currency)}
          />
        </div>
      )}
    </Card>
  );
}
