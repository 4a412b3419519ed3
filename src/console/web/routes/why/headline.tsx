import type { ReactElement } from 'react';
import type { TimeZone } from '../../../../kernel/time-zone.ts';
import { Card } from '../../components/card.tsx';
import { Delta, Money } from '../../components/figures.tsx';
import { isZero } from '../../format/decimal.ts';
import { timeText } from '../../time/time-text.ts';
import type { Period, Why } from './answer.ts';

/** The sentence that says it, and the two amounts. */
export function Headline(props: {
  readonly why: Why;
  /** Whose days the periods are told in. */
  readonly zone: TimeZone;
  readonly busy: boolean;
}): ReactElement {
  const { why, zone, busy } = props;
  const { PreviousUsd: before, CostUsd: now, ChangeUsd: change, Anomaly: anomaly } = why;
  return (
    <Card busy={busy}>
      <div className="stack why-headline">
        <p className="why-sentence" data-testid="why-sentence">
          {why.Sentence}
        </p>
        <p className="why-amounts">
          <Money usd={before} /> → <Money usd={now} />,{' '}
          <b className={change.startsWith('-') ? 'why-fall' : 'why-rise'}>
            {change.startsWith('-') || isZero(change) ? '' : '+'}
            <Money usd={change} />
          </b>{' '}
          {!isZero(before) && <Delta now={now} before={before} good="down" />}
        </p>
        <p className="small soft">
          <PeriodText period={why.After} zone={zone} /> against <PeriodText period={why.Before} zone={zone} />:{' '}
          {why.ComparedAs}.
          {anomaly && (
            <>
              {' '}
              The anomaly: <Money usd={anomaly.ActualUsd} /> where <Money usd={anomaly.ExpectedUsd} /> was expected.
            </>
          )}
        </p>
      </div>
    </Card>
  );
}

function PeriodText({ period, zone }: { readonly period: Period; readonly zone: TimeZone }): ReactElement {
  const [startMs, endMs] = [Date.parse(period.Start), Date.parse(period.End)];
  const isDays = [startMs, endMs].every((atMs) => {
    const { year, month, day } = zone.dateOf(atMs);
    return zone.dayStartMs(year, month, day) === atMs;
  });
  const show = isDays ? 'date' : 'minute';
  const [from, to] = [timeText(startMs, zone, show), timeText(isDays ? endMs - 1 : endMs, zone, show)];
  return <b>{from === to ? from : `${from} – ${to}`}</b>;
}
