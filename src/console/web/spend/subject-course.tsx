import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactElement, useMemo } from 'react';
import { billingPeriodOf } from '../../../kernel/time.ts';
import { useCall } from '../api/use-call.ts';
import { Card } from '../components/card.tsx';
import { Chart, type ChartSeries } from '../components/chart.tsx';
import { DataTable } from '../components/data-table.tsx';
import { Count, Money } from '../components/figures.tsx';
import { NameBadge } from '../components/name-badge.tsx';
import { Segmented } from '../components/select.tsx';
import { ShareBar } from '../components/share-bar.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import { usePreferences } from '../display/preferences.ts';
import { choiceOf, type SearchParams, useViewState } from '../display/view-state.ts';
import { compactMoney, money } from '../format/amounts.ts';
import { add } from '../format/decimal.ts';
import { colourIndexesOf } from '../format/name-colour.ts';
import { type ReportRow, reportInput } from '../report/get-report.ts';
import { keyOf, noneOfKey } from '../report/report-key.ts';
import { bucketsOf } from '../time/buckets.ts';
import { dayText } from '../time/day-text.ts';
import { rangeOf } from '../time/range.ts';
import { type GroupCourse, groupCourses } from './group-course.ts';
import { GROUP_LABELS, nameOf, SUBJECTS, type SubjectGroup, wordOf } from './subject.ts';
import type { SubjectQuestion } from './subject-question.ts';

const GROUPS_SHOWN = 9;
const GROUPS = ['', 'model', 'principal', 'direction', 'team', 'region'] as const;

const parseView = (search: SearchParams) => ({ by: choiceOf(search, 'by', GROUPS) });

interface Answer {
  readonly Rows: readonly ReportRow[];
}

/** The spend of a subject day by day and told apart, with the sums below. */
export function SubjectCourse({ question }: { readonly question: SubjectQuestion }): ReactElement {
  const { kind, span, scope, filter, teamTagKey } = question;
  const { zone, isByMonth } = question.present;
  const granularity = isByMonth ? 'MONTHLY' : 'DAILY';
  const unit = isByMonth ? 'Month' : 'Day';
  const [view, set] = useViewState(parseView);
  const navigate = useNavigate();
  const { currency } = usePreferences();
  const { by: offered } = SUBJECTS[kind];
  const by = offered.find((group) => group === view.by) ?? offered[0]!;
  const word = wordOf(by, teamTagKey);
  const { data, error, isPlaceholderData, refetch } = useCall<Answer>(
    'tallyline',
    'GetReport',
    reportInput({
      ...{ span, granularity, timeZone: zone.name, groupBy: [keyOf(word)!], filter, scope },
      ...{ topN: GROUPS_SHOWN, measures: ['COST', 'TOKENS'] },
    }),
  );
  const starts = useMemo(
    () => bucketsOf(span, granularity, zone).map(({ startMs }) => startMs),
    [span.startMs, span.endMs, granularity, zone],
  );
  const courses = useMemo(() => data && groupCourses(data.Rows, starts), [data, starts]);
  const series = useMemo(() => courses && seriesOf(courses, by, noneOfKey(word)), [courses, by, word]);
  const labels = useMemo(
    () => starts.map((startMs) => (granularity === 'MONTHLY' ? billingPeriodOf(startMs) : dayText(startMs, zone))),
    [starts, granularity, zone],
  );
  return (
    <Card
      title={`${unit} by ${unit.toLowerCase()}`}
      busy={isPlaceholderData}
      actions={
        <Segmented
          label="Group by"
          value={by}
          options={offered.map((value) => ({ value, label: GROUP_LABELS[value] }))}
          onChange={(next) => set({ by: next === offered[0] ? undefined : next }, { replace: true })}
        />
      }
    >
      {error && !data ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : courses && series ? (
        courses.length === 0 ? (
          <EmptyState title="Nothing was spent in this range" icon="calendar">
            Choose a longer range.
          </EmptyState>
        ) : (
          <>
            <Chart
              kind="bars"
              title={`Cost by ${unit.toLowerCase()}`}
              labelHeader={unit}
              labels={labels}
              series={series}
              format={(value) => money(value, currency)}
              axisText={(value) => compactMoney(String(value), currency)}
              height={230}
              legend={false}
              onZoom={(first, last) => {
                const endMs = starts[last + 1] ?? span.endMs;
                set({ range: rangeOf({ startMs: starts[first]!, endMs }, zone) });
              }}
              onSelect={({ key }) => {
                const value = key.slice(1);
                if (by !== 'direction' && by !== 'region' && value !== '' && key.startsWith('='))
                  void navigate({
                    to: `/${by}s/$id`,
                    params: { id: value } as never,
                    search: { range: question.range } as never,
                  });
              }}
            />
            <GroupTable courses={courses} series={series} by={by} none={noneOfKey(word)} />
          </>
        )
      ) : (
        <Skeleton lines={9} height={480} />
      )}
    </Card>
  );
}

function seriesOf(courses: readonly GroupCourse[], by: SubjectGroup, none: string): ChartSeries[] {
  const colours = colourIndexesOf(courses.map(({ value }) => value));
  return courses.map(({ value, isOther, costs }, index) => {
    if (isOther) return { key: 'other', name: 'other', colour: '--other', striped: true, values: costs };
    if (value === '') return { key: '=', name: none, colour: '--untagged', striped: true, values: costs };
    return { key: `=${value}`, name: nameOf(by, value), colour: `--name-${colours[index]! + 1}`, values: costs };
  });
}

function GroupTable(props: {
  readonly courses: readonly GroupCourse[];
  readonly series: readonly ChartSeries[];
  readonly by: SubjectGroup;
  readonly none: string;
}): ReactElement {
  const { courses, by, none } = props;
  const total = add('0', ...courses.map(({ sums }) => sums.CostUsd ?? '0'));
  const isLinked = by !== 'direction' && by !== 'region';
  return (
    <div className="subject-groups">
      <DataTable
        label={`${GROUP_LABELS[by]} by cost`}
        rows={courses}
        rowId={({ value, isOther }) => (isOther ? 'other' : `=${value}`)}
        empty={null}
        columns={[
          {
            id: by,
            header: GROUP_LABELS[by],
            text: ({ value, isOther }) => (isOther ? 'other' : value),
            cell: ({ value, isOther }) =>
              isOther ? (
                <span className="faint">other</span>
              ) : (
                <NameBadge name={value} none={none}>
                  {value === '' ? undefined : isLinked ? (
                    <Link to={`/${by}s/$id`} params={{ id: value } as never}>
                      {nameOf(by, value)}
                    </Link>
                  ) : (
                    value
                  )}
                </NameBadge>
              ),
          },
          {
            ...{ id: 'cost', header: 'Cost', kind: 'number' },
            text: ({ sums }) => sums.CostUsd ?? '0',
            cell: ({ sums }) => <Money usd={sums.CostUsd ?? '0'} />,
          },
          {
            ...{ id: 'share', header: 'Share', kind: 'number' },
            text: ({ sums }) => sums.CostUsd ?? '0',
            cell: ({ sums }) => <ShareBar part={sums.CostUsd ?? '0'} whole={total} />,
          },
          {
            ...{ id: 'tokens', header: 'Tokens', kind: 'number' },
            text: ({ sums }) => sums.Tokens ?? '0',
            cell: ({ sums }) => <Count value={sums.Tokens ?? '0'} short />,
          },
        ]}
      />
    </div>
  );
}
