import { useNavigate } from '@tanstack/react-router';
import { type ReactElement, useMemo } from 'react';
import { useCall } from '../../api/use-call.ts';
import { Card } from '../../components/card.tsx';
import { Chart } from '../../components/chart.tsx';
import { Segmented } from '../../components/select.tsx';
import { ErrorState, Skeleton } from '../../components/states.tsx';
import { usePreferences } from '../../display/preferences.ts';
import { usePresent } from '../../display/present.ts';
import { useScope } from '../../display/scope.ts';
import { choiceOf, type SearchParams, useViewState } from '../../display/view-state.ts';
import { compactMoney, money } from '../../format/amounts.ts';
import { type ReportRow, reportInput } from '../../report/get-report.ts';
import { keyOf } from '../../report/report-key.ts';
import type { TimeSpan } from '../../time/range.ts';
import type { Overview } from './answer.ts';
import { monthPicture } from './month-picture.ts';
import { monthRange } from './month-range.ts';

const GROUPS = ['team', 'model'] as const;
const COURSES = ['sum', 'day'] as const;
const GROUPS_SHOWN = 8;

const parseView = (search: SearchParams) => ({
  by: choiceOf(search, 'by', GROUPS),
  course: choiceOf(search, 'course', COURSES),
});

/** This month day by day or added up, by team or model, beside the month before and with what is expected. */
export function MonthChart({ overview }: { readonly overview: Overview }): ReactElement {
  const { zone } = usePresent();
  const scope = useScope();
  const navigate = useNavigate();
  const { currency } = usePreferences();
  const [{ by, course }, set] = useViewState(parseView);
  const { MonthToDate: month, LastMonth: before, TeamTagKey: teamTagKey } = overview;
  const key = keyOf(by === 'team' ? `tag:${teamTagKey}` : 'model')!;
  const ask = (span: TimeSpan, groupBy: readonly (typeof key)[]) =>
    reportInput({ span, granularity: 'DAILY', timeZone: zone.name, groupBy, topN: GROUPS_SHOWN, scope });
  const days = useCall<Answer>('tallyline', 'GetReport', ask(spanOf(month.Start, month.End), [key]));
  const earlier = useCall<Answer>(
    'tallyline',
    'GetReport',
    ask(spanOf(before?.Start ?? month.Start, month.Start), []),
    { enabled: before !== undefined },
  );
  const picture = useMemo(
    () =>
      days.data &&
      monthPicture({
        rows: days.data.Rows,
        before: before ? (earlier.data?.Rows ?? []) : [],
        overview,
        zone,
        isSum: course === 'sum',
        none: by === 'team' ? 'untagged' : 'no model',
      }),
    [days.data, earlier.data, before, overview, zone, course, by],
  );
  return (
    <Card
      title={course === 'sum' ? 'Month so far' : 'Day by day'}
      note={before && 'dashed: the month before'}
      busy={days.isPlaceholderData}
      actions={
        <>
          <Segmented
            label="Course"
            value={course}
            options={[
              { value: 'sum', label: 'Added up' },
              { value: 'day', label: 'By day' },
            ]}
            onChange={(next) => set({ course: next === COURSES[0] ? undefined : next })}
          />
          <Segmented
            label="Group by"
            value={by}
            options={[
              { value: 'team', label: 'Teams' },
              { value: 'model', label: 'Models' },
            ]}
            onChange={(next) => set({ by: next === GROUPS[0] ? undefined : next })}
          />
        </>
      }
    >
      {days.error && !days.data ? (
        <ErrorState error={days.error} onRetry={() => void days.refetch()} />
      ) : picture ? (
        <Chart
          {...picture}
          kind={course === 'sum' ? 'area' : 'bars'}
          title={course === 'sum' ? 'Cost of the month, added up' : 'Cost of the month by day'}
          labelHeader="Day"
          format={(value) => money(value, currency)}
          axisText={(value) => compactMoney(String(value), currency)}
          height={384}
          onSelect={({ key: value }) => {
            if (value.startsWith('other'))
              void navigate({ to: '/explorer', search: { range: monthRange(overview, zone), by } as never });
            else void navigate({ to: `/${by}s/$id`, params: { id: value.slice('name:'.length) } as never });
          }}
        />
      ) : (
        <Skeleton lines={8} height={428} />
      )}
    </Card>
  );
}

interface Answer {
  readonly Rows: readonly ReportRow[];
}

function spanOf(start: string, end: string): TimeSpan {
  return { startMs: Date.parse(start), endMs: Date.parse(end) };
}
