import type { ReactElement } from 'react';
import { Stat } from '../../components/card.tsx';
import { Count, Delta, Money } from '../../components/figures.tsx';
import { Sparkline } from '../../components/sparkline.tsx';
import { usePresent } from '../../display/present.ts';
import { Calls } from '../../spend/calls.tsx';
import { dayText } from '../../time/day-text.ts';
import type { Overview } from './answer.ts';
import { monthRange, spentRange } from './month-range.ts';

/** The month in four figures. */
export function MonthStats({ overview }: { readonly overview: Overview }): ReactElement {
  const { zone, isByMonth } = usePresent();
  const { MonthToDate: month, LastMonth: before, Forecast: forecast } = overview;
  const range = monthRange(overview, zone);
  return (
    <div className="grid-4">
      <Stat
        label={`Month to date, since ${dayText(month.Start, zone)}`}
        value={<Money usd={month.CostUsd} />}
        to="/explorer"
        search={{ range }}
        note={
          before ? (
            <span>
              <Delta now={month.CostUsd} before={before.CostUsd} good="down" /> than <Money usd={before.CostUsd} /> by{' '}
              {before.BeganAt === undefined
                ? `the same time in ${monthName(before.Start, zone.name)}`
                : `then; its first usage came on ${dayText(before.BeganAt, zone)}`}
            </span>
          ) : (
            'There is no month before to compare with'
          )
        }
      />
      <Stat
        label={`Expected for all of ${monthName(month.Start, zone.name)}`}
        value={forecast ? <Money usd={forecast.MeanUsd} /> : '–'}
        note={
          forecast ? (
            <span>
              {forecast.LevelPercent} % likely between <Money usd={forecast.LowerUsd} /> and{' '}
              <Money usd={forecast.UpperUsd} />
            </span>
          ) : (
            'A forecast needs 28 days of history'
          )
        }
      />
      {isByMonth ? <MonthBefore overview={overview} /> : <LatestDay overview={overview} />}
      <Stat
        label="Calls this month"
        value={<Calls value={month.Requests} />}
        to="/requests"
        search={{ range }}
        note={
          <span>
            <Count value={month.Tokens} short /> tokens
            {before && (
              <>
                {' · '}
                <Delta now={month.Requests} before={before.Requests} />
              </>
            )}
          </span>
        }
      />
    </div>
  );
}

/** Beside a month that a bill has as a whole, days say nothing. */
function MonthBefore({ overview }: { readonly overview: Overview }): ReactElement {
  const { LastMonth: before } = overview;
  const { zone } = usePresent();
  return (
    <Stat
      label={before ? `All of ${monthName(before.Start, zone.name)}` : 'The month before'}
      value={before ? <Money usd={before.WholeUsd} /> : '–'}
      note="Billed by the month: its cost stands on the first day"
    />
  );
}

function LatestDay({ overview }: { readonly overview: Overview }): ReactElement {
  const { zone } = usePresent();
  const { Days: days } = overview;
  const today = days.at(-1);
  const yesterday = days.at(-2);
  // Of a bill the latest day is one that is over.
  const isOver = today !== undefined && Date.parse(today.End) <= Date.parse(overview.At);
  return (
    <Stat
      label={isOver ? `On ${dayText(today.Start, zone)}, the latest day billed` : 'Today so far'}
      value={<Money usd={today?.CostUsd ?? '0'} />}
      to="/explorer"
      search={{ range: isOver ? spentRange(today, zone) : 'today', every: 'hour' }}
      note={
        <>
          {yesterday && (
            <span>
              {isOver ? 'the day before' : 'yesterday'} <Money usd={yesterday.CostUsd} />
            </span>
          )}
          <Sparkline values={days.map(({ CostUsd }) => CostUsd)} />
        </>
      }
    />
  );
}

function monthName(at: string, timeZone: string): string {
  return new Intl.DateTimeFormat('en-US', { month: 'long', timeZone }).format(Date.parse(at));
}
