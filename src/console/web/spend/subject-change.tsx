import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useCall } from '../api/use-call.ts';
import { Card } from '../components/card.tsx';
import { Delta, Money } from '../components/figures.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import { compare, divide, isZero } from '../format/decimal.ts';
import { shortModel } from '../format/model-name.ts';
import { keyOf, wireKeyOf } from '../report/report-key.ts';
import { dayText } from '../time/day-text.ts';
import { reasonWord } from './change-reasons.tsx';
import type { ChangeReason, SpendChange } from './spend-change.ts';
import { wordOf } from './subject.ts';
import type { SubjectQuestion } from './subject-question.ts';

interface Answer {
  readonly Start: string;
  readonly End: string;
  readonly PreviousStart: string;
  readonly PreviousEnd: string;
  readonly Change: SpendChange;
}

/** What the last seven whole days, or the latest month of a bill by months, cost beside those before, and what each reason made of that. */
export function SubjectChange({ question }: { readonly question: SubjectQuestion }): ReactElement {
  const { kind, value, scope, teamTagKey } = question;
  const { zone, isByMonth } = question.present;
  const { data, error, refetch } = useCall<Answer>('tallyline', 'GetSpendChange', {
    ...(scope !== 'ALL' && { Scope: scope }),
    GroupBy: wireKeyOf(keyOf(wordOf(kind, teamTagKey))!),
    Value: value,
    TimeZone: zone.name,
  });
  return (
    <Card
      title="What changed"
      actions={
        <Link to="/why" search={{ filter: question.filterText } as never}>
          Why?
        </Link>
      }
      note={
        data &&
        `${dayText(data.Start, zone)} – ${dayText(Date.parse(data.End) - 1, zone)}, against the ${isByMonth ? 'month' : 'seven days'} before`
      }
    >
      {error && !data ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <ChangeFigures change={data.Change} isByMonth={isByMonth} />
      ) : (
        <Skeleton lines={5} height={150} />
      )}
    </Card>
  );
}

function ChangeFigures(props: { readonly change: SpendChange; readonly isByMonth: boolean }): ReactElement {
  const { change, isByMonth } = props;
  const { PreviousUsd: before, CostUsd: now, ChangeUsd: difference, Reasons: reasons } = change;
  if (isZero(before) && isZero(now))
    return (
      <EmptyState title={isByMonth ? 'Nothing in two months' : 'Nothing in two weeks'} icon="same">
        There was no spend in the {isByMonth ? 'latest month' : 'last seven whole days'}, nor in the{' '}
        {isByMonth ? 'one' : 'seven'} before.
      </EmptyState>
    );
  const largest = reasons.reduce((most, { ChangeUsd: usd }) => (compare(size(usd), most) > 0 ? size(usd) : most), '0');
  return (
    <div className="stack">
      <p>
        <Money usd={before} /> → <Money usd={now} />,{' '}
        <b>
          {signed(difference)}
          <Money usd={difference} />
        </b>{' '}
        {!isZero(before) && <Delta now={now} before={before} good="down" />}
      </p>
      <ul className="reasons">
        {reasons.map((reason) => (
          <ReasonLine key={reason.Reason} reason={reason} largest={largest} />
        ))}
      </ul>
      {reasons.length > 1 && <p className="small faint">The parts add up to the difference, to the last digit.</p>}
    </div>
  );
}

function ReasonLine({ reason, largest }: { readonly reason: ChangeReason; readonly largest: string }): ReactElement {
  const { ChangeUsd: usd, Text: text, ModelId: modelId } = reason;
  const width = Number(divide(size(usd), largest, 4) ?? '0') * 100;
  return (
    <li className="reason" data-more={!usd.startsWith('-')}>
      <span className="reason-head">
        <b>{reasonWord(reason)}</b>
        <span>
          {signed(usd)}
          <Money usd={usd} />
        </span>
      </span>
      <svg width="100%" height="5" aria-hidden="true">
        <rect className="reason-bar" width={`${width}%`} height="5" rx="2.5" />
      </svg>
      <span className="small soft">
        {modelId !== undefined && <span title={modelId}>{shortModel(modelId)} </span>}
        {text}
      </span>
    </li>
  );
}

function size(usd: string): string {
  return usd.replace('-', '');
}

function signed(usd: string): string {
  return usd.startsWith('-') || isZero(usd) ? '' : '+';
}
