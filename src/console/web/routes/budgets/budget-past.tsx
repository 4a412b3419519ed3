import type { ReactElement } from 'react';
import { useSession } from '../../api/session.ts';
import { useCall } from '../../api/use-call.ts';
import { Card } from '../../components/card.tsx';
import { Money } from '../../components/figures.tsx';
import { ErrorState, Skeleton } from '../../components/states.tsx';
import { compare, divide } from '../../format/decimal.ts';
import type { Spend } from './answers.ts';

interface PastPeriod {
  readonly BudgetedAmount: Spend;
  readonly ActualAmount: Spend;
  readonly TimePeriod: { readonly Start: number; readonly End: number };
}

interface Performance {
  readonly BudgetPerformanceHistory: { readonly BudgetedAndActualAmountsList?: readonly PastPeriod[] };
}

/** What was budgeted and spent in earlier periods. */
export function BudgetPast({ budgetName: BudgetName }: { readonly budgetName: string }): ReactElement {
  const { AccountId } = useSession();
  const { data, error, refetch } = useCall<Performance>('budgets', 'DescribeBudgetPerformanceHistory', {
    AccountId,
    BudgetName,
  });
  const periods = (data?.BudgetPerformanceHistory.BudgetedAndActualAmountsList ?? [])
    .toSorted((a, b) => b.TimePeriod.Start - a.TimePeriod.Start)
    .slice(0, 8);
  const most = periods.reduce(
    (max, { ActualAmount, BudgetedAmount }) =>
      [ActualAmount.Amount, BudgetedAmount.Amount].reduce((a, b) => (compare(b, a) > 0 ? b : a), max),
    '0',
  );
  const width = (amount: string) => 100 * Number(divide(amount, most, 4) ?? 0);
  return (
    <Card title="How it went" note="what was spent against what was budgeted">
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton lines={5} height={140} />}
      {data && periods.length === 0 && <p className="faint">No period is over yet.</p>}
      <ul aria-label="Periods">
        {periods.map(({ TimePeriod, ActualAmount, BudgetedAmount }) => {
          const isOver = compare(ActualAmount.Amount, BudgetedAmount.Amount) > 0;
          return (
            <li key={TimePeriod.Start} className="history-row">
              <span className="small figures">{new Date(TimePeriod.Start * 1_000).toISOString().slice(0, 10)}</span>
              <div className="history-bar" data-over={isOver} aria-hidden="true">
                <span style={{ width: `${width(ActualAmount.Amount)}%` }} />
                <i style={{ left: `calc(${width(BudgetedAmount.Amount)}% - 2px)` }} />
              </div>
              <span className="small figures">
                <Money usd={ActualAmount.Amount} />{' '}
                <span className="faint">
                  of <Money usd={BudgetedAmount.Amount} />
                </span>
              </span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
