import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useCall } from '../api/use-call.ts';
import { Card } from '../components/card.tsx';
import { Money } from '../components/figures.tsx';
import { ErrorState, Skeleton } from '../components/states.tsx';
import { keyOf, wireKeyOf } from '../report/report-key.ts';
import { wordOf } from './subject.ts';
import type { SubjectQuestion } from './subject-question.ts';

interface SpendForecast {
  readonly ActualUsd: string;
  /** Absent: too little history. */
  readonly ExpectedUsd?: string;
  readonly LowerUsd?: string;
  readonly UpperUsd?: string;
}

interface Forecasts {
  readonly Start: string;
  readonly Level: number;
  readonly Total: SpendForecast;
  readonly Groups: readonly SpendForecast[];
}

/** What this month of UTC is expected to come to for one principal, team or model. */
export function SubjectForecast({ question }: { readonly question: SubjectQuestion }): ReactElement {
  const { kind, value, teamTagKey, scope } = question;
  const { data, error, refetch } = useCall<Forecasts>('tallyline', 'GetForecasts', {
    GroupBy: wireKeyOf(keyOf(wordOf(kind, teamTagKey))!),
    Values: [value],
    ...(scope !== 'ALL' && { Scope: scope }),
  });
  const own = data?.Groups[0];
  return (
    <Card title="This month" note="UTC">
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <Skeleton lines={3} height={96} />}
      {data && own && (
        <dl className="facts">
          <div className="facts-row">
            <dt>So far</dt>
            <dd>
              <Money usd={own.ActualUsd} />
            </dd>
          </div>
          <div className="facts-row">
            <dt>Expected at its end</dt>
            <dd>
              {own.ExpectedUsd === undefined ? (
                <span className="faint">less than 28 days of history</span>
              ) : (
                <Money usd={own.ExpectedUsd} />
              )}
            </dd>
          </div>
          {own.LowerUsd !== undefined && own.UpperUsd !== undefined && (
            <div className="facts-row">
              <dt>{data.Level} of 100 times between</dt>
              <dd>
                <Money usd={own.LowerUsd} /> and <Money usd={own.UpperUsd} />
              </dd>
            </div>
          )}
          <div className="facts-row">
            <dt>Will a budget be passed?</dt>
            <dd>
              <Link to="/budgets" search={{ tab: 'outlook' } as never}>
                Outlook of budgets
              </Link>
            </dd>
          </div>
        </dl>
      )}
    </Card>
  );
}
