import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactElement, useMemo, useState } from 'react';
import { useSession } from '../api/session.ts';
import { useCall } from '../api/use-call.ts';
import { Card } from '../components/card.tsx';
import { type Column, DataTable } from '../components/data-table.tsx';
import { DateRange } from '../components/date-range.tsx';
import { Count, Delta, Money } from '../components/figures.tsx';
import { NameBadge } from '../components/name-badge.tsx';
import { Page as Frame } from '../components/page.tsx';
import { ScopeChooser } from '../components/scope-chooser.tsx';
import { ShareBar } from '../components/share-bar.tsx';
import { Sparkline } from '../components/sparkline.tsx';
import { EmptyState, ErrorState, PartialNotice, Skeleton } from '../components/states.tsx';
import { useScope } from '../display/scope.ts';
import { type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { add, divide, isZero, multiply } from '../format/decimal.ts';
import { useShortcut } from '../keyboard/shortcuts.ts';
import { type ReportRow, reportInput } from '../report/get-report.ts';
import { keyOf } from '../report/report-key.ts';
import { Calls } from './calls.tsx';
import { dayStarts, type GroupCourse, groupCourses } from './group-course.ts';
import { nameOf, SUBJECTS, type SubjectKind, wordOf } from './subject.ts';
import { useSpan } from './use-span.ts';

const LISTED = 500;
const FALLBACK = '30d';

const parseView = (search: SearchParams) => ({
  range: textOf(search, 'range') ?? FALLBACK,
  find: textOf(search, 'q') ?? '',
});

interface Answer {
  readonly Rows: readonly ReportRow[];
}

interface ListedSubject extends GroupCourse {
  /** What it came to in the span before; absent: nothing. */
  readonly beforeUsd?: string;
}

/** All principals, teams or models by what they cost, each of which leads to its page. */
export function SubjectList({ kind, about }: { readonly kind: SubjectKind; readonly about: string }): ReactElement {
  const scope = useScope();
  const { TeamTagKey: teamTagKey } = useSession();
  const [view, set] = useViewState(parseView);
  const [opened, setOpened] = useState(0);
  useShortcut('t', 'Range of time', () => setOpened((before) => before + 1));
  const { span, before, present } = useSpan(view.range, FALLBACK);
  const { zone } = present;
  const words = SUBJECTS[kind];
  const key = keyOf(wordOf(kind, teamTagKey))!;
  const ask = (granularity: 'DAILY' | 'TOTAL', asked: typeof span) =>
    reportInput({
      ...{ span: asked, granularity, timeZone: zone.name, groupBy: [key], topN: LISTED, scope },
      measures: ['COST', 'REQUESTS', 'TOKENS', 'UNPRICED'],
    });
  const now = useCall<Answer>('tallyline', 'GetReport', ask('DAILY', span));
  const earlier = useCall<Answer>('tallyline', 'GetReport', ask('TOTAL', before));
  const subjects = useMemo(
    () => now.data && listed(now.data.Rows, earlier.data?.Rows ?? [], dayStarts(span, zone)),
    [now.data, earlier.data, span.startMs, span.endMs, zone],
  );
  const found = subjects?.filter(({ value }) => value.toLowerCase().includes(view.find.toLowerCase()));
  return (
    <Frame
      title={words.many}
      about={about}
      actions={<ScopeChooser />}
      filters={
        <>
          <DateRange value={view.range} onChange={(range) => set({ range })} openSignal={opened} />
          <input
            className="input"
            aria-label={`Find a ${words.one.toLowerCase()}`}
            placeholder={`Find a ${words.one.toLowerCase()}`}
            value={view.find}
            onChange={(event) => set({ q: event.target.value || undefined }, { replace: true })}
          />
        </>
      }
    >
      {kind === 'team' && subjects && subjects.length > 0 && subjects.every(({ value }) => value === '') && (
        <PartialNotice>
          No usage of this range shows the tag <code>{teamTagKey}</code>. Tag people and roles with it, and{' '}
          <Link to="/tags">activate it</Link> as a cost allocation tag.
        </PartialNotice>
      )}
      <Card flush busy={now.isPlaceholderData}>
        {now.error && !now.data ? (
          <ErrorState error={now.error} onRetry={() => void now.refetch()} />
        ) : found ? (
          <SubjectTable kind={kind} subjects={found} range={view.range} />
        ) : (
          <div className="card-body">
            <Skeleton lines={12} height={460} />
          </div>
        )}
      </Card>
    </Frame>
  );
}

function listed(rows: readonly ReportRow[], before: readonly ReportRow[], starts: readonly number[]): ListedSubject[] {
  const costBefore = new Map(before.filter(({ IsOther }) => !IsOther).map(({ Keys, CostUsd }) => [Keys[0], CostUsd]));
  return groupCourses(rows, starts).map((course) => {
    const beforeUsd = course.isOther ? undefined : costBefore.get(course.value);
    return { ...course, ...(beforeUsd !== undefined && { beforeUsd }) };
  });
}

function SubjectTable(props: {
  readonly kind: SubjectKind;
  readonly subjects: readonly ListedSubject[];
  readonly range: string;
}): ReactElement {
  const { kind, subjects, range } = props;
  const navigate = useNavigate();
  const words = SUBJECTS[kind];
  const total = add('0', ...subjects.map(({ sums }) => sums.CostUsd ?? '0'));
  const columns: readonly Column<ListedSubject>[] = [
    {
      id: kind,
      header: words.one,
      text: ({ value, isOther }) => (isOther ? 'other' : value),
      cell: (subject) => <SubjectName kind={kind} subject={subject} />,
    },
    {
      ...{ id: 'cost', header: 'Cost', kind: 'number' },
      text: ({ sums }) => sums.CostUsd ?? '0',
      cell: ({ sums }) => <Money usd={sums.CostUsd ?? '0'} />,
    },
    {
      id: 'course',
      header: 'Day by day',
      text: ({ costs }) => costs.join(' '),
      cell: ({ costs }) => <Sparkline values={costs} width={120} />,
    },
    {
      ...{ id: 'change', header: 'Than before', kind: 'number' },
      text: ({ sums, beforeUsd = '0' }) => divide(sums.CostUsd ?? '0', beforeUsd, 6) ?? '',
      cell: ({ sums, beforeUsd, isOther }) =>
        isOther ? '' : <Delta now={sums.CostUsd ?? '0'} before={beforeUsd ?? '0'} good="down" />,
    },
    {
      ...{ id: 'share', header: 'Share', kind: 'number' },
      text: ({ sums }) => divide(sums.CostUsd ?? '0', total, 9) ?? '0',
      cell: ({ sums }) => <ShareBar part={sums.CostUsd ?? '0'} whole={total} />,
    },
    {
      ...{ id: 'calls', header: 'Calls', kind: 'number' },
      text: ({ sums }) => sums.Requests ?? '0',
      cell: ({ sums }) => <Calls value={sums.Requests ?? '0'} />,
    },
    {
      ...{ id: 'tokens', header: 'Tokens', kind: 'number' },
      text: ({ sums }) => sums.Tokens ?? '0',
      cell: ({ sums }) => <Count value={sums.Tokens ?? '0'} short />,
    },
    {
      ...{ id: 'perMillion', header: 'Per 1M tokens', kind: 'number' },
      text: ({ sums }) => divide(multiply(sums.CostUsd ?? '0', '1000000'), sums.Tokens ?? '0', 6) ?? '',
      cell: ({ sums }) => {
        const price = divide(multiply(sums.CostUsd ?? '0', '1000000'), sums.Tokens ?? '0', 6);
        return price === undefined ? <span className="faint">–</span> : <Money usd={price} />;
      },
    },
    {
      ...{ id: 'unpriced', header: 'Unpriced', kind: 'number', hidden: true },
      text: ({ sums }) => sums.Unpriced ?? '0',
    },
  ];
  return (
    <DataTable
      label={`${words.many} by cost`}
      columns={columns}
      rows={subjects}
      rowId={({ value, isOther }) => (isOther ? 'other' : `=${value}`)}
      sort={{ id: 'cost', descending: true }}
      onOpen={({ value, isOther }) => {
        if (value === '' || isOther) return;
        void navigate({ to: `/${kind}s/$id`, params: { id: value } as never, search: { range } as never });
      }}
      download={words.many.toLowerCase()}
      pickColumns
      foot={{ [kind]: 'Total', cost: <Money usd={total} /> }}
      empty={
        <EmptyState
          title={`No ${words.one.toLowerCase()} spent anything`}
          icon="search"
          action={<Link to="/set-up">Make a first call</Link>}
        >
          Nothing was called in this range, or nothing is called like that: choose a longer range, or another name.
        </EmptyState>
      }
    />
  );
}

function SubjectName({ kind, subject }: { readonly kind: SubjectKind; readonly subject: ListedSubject }): ReactElement {
  const { value, isOther, sums } = subject;
  if (isOther) return <span className="faint">other</span>;
  return (
    <span className="row">
      <NameBadge name={value} none={SUBJECTS[kind].none}>
        {value && (
          <Link to={`/${kind}s/$id`} params={{ id: value } as never}>
            {nameOf(kind, value)}
          </Link>
        )}
      </NameBadge>
      {!isZero(sums.Unpriced ?? '0') && <span className="chip chip-bad">unpriced</span>}
    </span>
  );
}
