import { Link } from '@tanstack/react-router';
import { type ReactElement, type ReactNode, useState } from 'react';
import { useSession } from '../api/session.ts';
import { DateRange } from '../components/date-range.tsx';
import { NameBadge } from '../components/name-badge.tsx';
import { Page as Frame } from '../components/page.tsx';
import { useScope } from '../display/scope.ts';
import { type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { useShortcut } from '../keyboard/shortcuts.ts';
import { conditionText, filterOf } from '../report/report-filter.ts';
import { nameOf, SUBJECTS, type SubjectKind, wordOf } from './subject.ts';
import { SubjectCalls } from './subject-calls.tsx';
import { SubjectChange } from './subject-change.tsx';
import { SubjectCourse } from './subject-course.tsx';
import { SubjectForecast } from './subject-forecast.tsx';
import type { SubjectQuestion } from './subject-question.ts';
import { SubjectStats } from './subject-stats.tsx';
import { useSpan } from './use-span.ts';
import './subject.css';

const FALLBACK = '30d';

const parseView = (search: SearchParams) => ({ range: textOf(search, 'range') ?? FALLBACK });

/** Everything about the spend of one principal, team or model. `aside` stands beside its changes, `about` below its name. */
export function SubjectPage(props: {
  readonly kind: SubjectKind;
  readonly value: string;
  readonly about?: ReactNode;
  readonly aside?: ReactNode;
  /** Below the chart. */
  readonly children?: (question: SubjectQuestion) => ReactNode;
}): ReactElement {
  const { kind, value } = props;
  const scope = useScope();
  const { TeamTagKey: teamTagKey } = useSession();
  const [{ range }, set] = useViewState(parseView);
  const [opened, setOpened] = useState(0);
  useShortcut('t', 'Range of time', () => setOpened((before) => before + 1));
  const words = SUBJECTS[kind];
  const condition = { word: wordOf(kind, teamTagKey), mode: 'include' as const, values: [value] };
  const question: SubjectQuestion = {
    ...{ kind, value, range, scope, teamTagKey },
    ...useSpan(range, FALLBACK),
    filter: filterOf([condition])!,
    filterText: conditionText(condition),
  };
  const search = { range, filter: question.filterText };
  return (
    <Frame
      title={nameOf(kind, value)}
      heading={
        <span className="row subject-heading">
          <Link to={`/${kind}s`}>{words.many}</Link>
          <span className="faint">/</span>
          <NameBadge name={value}>{nameOf(kind, value)}</NameBadge>
        </span>
      }
      about={props.about ?? <span className="mono small">{value}</span>}
      actions={
        <>
          <Link
            to="/explorer"
            search={{ ...search, by: words.by[0] === 'team' ? `tag:${teamTagKey}` : words.by[0] } as never}
          >
            Explore
          </Link>
          <Link to="/why" search={search as never}>
            Why?
          </Link>
          <Link to="/requests" search={{ ...search, range: question.callsRange, order: 'costliest' } as never}>
            Most expensive calls
          </Link>
        </>
      }
      filters={<DateRange value={range} onChange={(next) => set({ range: next })} openSignal={opened} />}
    >
      <SubjectStats question={question} />
      <div className="subject-columns">
        <SubjectCourse question={question} />
        <div className="stack">
          <SubjectForecast question={question} />
          <SubjectChange question={question} />
          {props.aside}
        </div>
      </div>
      {props.children?.(question)}
      <SubjectCalls question={question} />
    </Frame>
  );
}
