import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { Delta, Money } from '../../components/figures.tsx';
import { useTimeZone } from '../../display/time-zone.ts';
import { isZero } from '../../format/decimal.ts';
import { timeText } from '../../time/time-text.ts';
import type { Period, Why } from './answer.ts';

/** The sentence that says it, and the two amounts. */
export function Headline({ why, busy }: { readonly why: Why; readonly busy: boolean }): ReactElement {
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
          <PeriodText period={why.After} /> against <PeriodText period={why.Before} />: {why.ComparedAs}.
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

function PeriodText({ period }: { readonly period: Period }): ReactElement {
  const zone = useTimeZone();
  const [startMs, endMs] = [Date.parse(period.Start), Date.parse(period.End)];
  const isDays = [startMs, endMs].every((atMs) => {
    const { year, month, day } = zone.dateOf(atMs);
    return zone.dayStartMs(year, month, day) === atMs;
  });
  const show = isDays ? 'date' : 'minute';
  const [from, to] = [timeText(startMs, zone, show), timeText(isDays ? endMs - 1 : endMs, zone, show)];
  return <b>{from === to ? from : `${from} – ${to}`}</b>;
}
