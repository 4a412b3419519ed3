import type { ReactElement } from 'react';
import { Count, Money, Share } from '../components/figures.tsx';
import { TimeText } from '../components/time.tsx';
import { compare, divide, isZero } from '../format/decimal.ts';
import type { BudgetStanding } from './standing.ts';
import './standings.css';

/** How budgets stand, each with its limit, what is used and when it begins anew. */
export function BudgetStandings({ budgets }: { readonly budgets: readonly BudgetStanding[] }): ReactElement {
  return (
    <ul className="standings">
      {budgets.map((budget) => (
        <BudgetMeter key={`${budget.Kind} ${budget.Name}`} budget={budget} />
      ))}
    </ul>
  );
}

function BudgetMeter({ budget }: { readonly budget: BudgetStanding }): ReactElement {
  const {
    Name: name,
    Kind: kind,
    Value: value,
    Limit: limit,
    Used: used,
    Forecast: forecast,
    ResetsAt: resets,
  } = budget;
  const look = used === undefined ? 'good' : levelOf(used, limit, forecast);
  return (
    <li className="standing">
      <div className="standing-head">
        <span className="standing-name" title={name}>
          {name}
          {value !== undefined && <span className="soft"> · {value}</span>}
        </span>
        <span className={`chip ${kind === 'hard' ? 'chip-warn' : ''}`}>{kind === 'hard' ? 'refuses' : 'tells'}</span>
      </div>
      <svg className={`standing-bar standing-${look}`} width="100%" height="8" aria-hidden="true">
        <rect className="standing-room" width="100%" height="8" rx="4" />
        {used !== undefined && <rect className="standing-used" width={`${width(used, limit)}%`} height="8" rx="4" />}
        {forecast !== undefined && (
          <rect className="standing-mark" x={`${width(forecast, limit)}%`} width="2" height="8" />
        )}
      </svg>
      <div className="standing-foot">
        <span>
          {used === undefined ? (
            'not counted yet'
          ) : (
            <>
              <b>
                <Share part={used} whole={limit} />
              </b>{' '}
              <Amount value={used} unit={budget.Unit} /> of <Amount value={limit} unit={budget.Unit} />
            </>
          )}
        </span>
        {resets !== undefined && (
          <span className="faint">
            resets <TimeText at={resets} show="minute" zoneHidden />
          </span>
        )}
      </div>
      {forecast !== undefined && compare(forecast, limit) > 0 && (
        <div className="small standing-note">
          expected <Amount value={forecast} unit={budget.Unit} /> at its end
        </div>
      )}
    </li>
  );
}

function Amount({ value, unit }: { readonly value: string; readonly unit: string }): ReactElement {
  if (unit === 'USD') return <Money usd={value} />;
  return (
    <>
      <Count value={value} short /> {unit}
    </>
  );
}

/** Percent of the track, for drawing alone. */
function width(part: string, whole: string): number {
  if (isZero(whole)) return 100;
  return Math.min(100, Math.max(0, Number(divide(part, whole, 4)) * 100));
}

function levelOf(used: string, limit: string, forecast: string | undefined): 'good' | 'warn' | 'bad' {
  if (compare(used, limit) >= 0) return 'bad';
  if (width(used, limit) >= 80) return 'warn';
  return forecast !== undefined && compare(forecast, limit) > 0 ? 'warn' : 'good';
}
