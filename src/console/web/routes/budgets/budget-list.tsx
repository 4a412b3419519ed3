import { Link } from '@tanstack/react-router';
import { type ReactElement, useMemo } from 'react';
import { useMay, useSession } from '../../api/session.ts';
import { useCall } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { shortName } from '../../components/name-badge.tsx';
import { EmptyState, ErrorState, PartialNotice, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import { percent } from '../../format/amounts.ts';
import { add } from '../../format/decimal.ts';
import { sentence } from '../../format/sentence.ts';
import { Amount } from './amount.tsx';
import type { AwsBudget, BudgetNotifications, HardBudget } from './answers.ts';
import { byUrgency, type ListedBudget, listedAwsBudget, listedHardBudget } from './listed-budget.ts';
import { Meter, StandingChip } from './meter.tsx';

export interface ListFilter {
  readonly q: string;
  readonly kind: 'all' | 'hard' | 'aws';
}

/** Counters move with every call; AWS's budgets are looked at less often by the server itself. */
const COUNTERS_EVERY_MS = 5_000;
const BUDGETS_EVERY_MS = 30_000;

/** Budgets of both kinds, and what kept one of them from being listed. */
function useBudgets() {
  const { AccountId } = useSession();
  const hard = useCall<{ readonly HardBudgets: readonly HardBudget[] }>(
    'tallyline',
    'ListHardBudgets',
    { MaxResults: 1000 },
    { everyMs: COUNTERS_EVERY_MS },
  );
  const aws = useCall<{ readonly Budgets?: readonly AwsBudget[] }>(
    'budgets',
    'DescribeBudgets',
    { AccountId, MaxResults: 1000, ShowFilterExpression: true },
    { everyMs: BUDGETS_EVERY_MS },
  );
  const notified = useCall<{ readonly BudgetNotificationsForAccount?: readonly BudgetNotifications[] }>(
    'budgets',
    'DescribeBudgetNotificationsForAccount',
    { AccountId, MaxResults: 1000 },
    { everyMs: BUDGETS_EVERY_MS },
  );
  const listed = useMemo(() => {
    const byName = new Map(
      notified.data?.BudgetNotificationsForAccount?.map((one) => [one.BudgetName, one.Notifications]),
    );
    const ofAws = aws.data?.Budgets ?? [];
    return [
      ...(hard.data?.HardBudgets ?? []).map(listedHardBudget),
      ...ofAws.map((budget) => listedAwsBudget(budget, byName.get(budget.BudgetName) ?? [])),
    ].toSorted(byUrgency);
  }, [hard.data, aws.data, notified.data]);
  return { hard, aws, listed };
}

export function BudgetList({ q, kind, onNew }: ListFilter & { readonly onNew: () => void }): ReactElement {
  const { hard, aws, listed } = useBudgets();
  const may = useMay('tallyline:CreateHardBudget');
  if (hard.isPending || aws.isPending) return <Skeleton lines={8} height={420} />;
  if (hard.error && aws.error) return <ErrorState error={hard.error} onRetry={() => void hard.refetch()} />;
  const wanted = q.trim().toLowerCase();
  const shown = listed.filter(
    (budget) =>
      (kind === 'all' || budget.kind === kind) && `${budget.name} ${budget.about}`.toLowerCase().includes(wanted),
  );
  const missing = hard.error ?? aws.error;
  return (
    <>
      {missing && (
        <PartialNotice look="plain">
          {hard.error ? 'Hard budgets' : 'AWS budgets'} are not listed: {sentence(missing.message)}
        </PartialNotice>
      )}
      <Card flush>
        {shown.length === 0 ? (
          <EmptyState
            title={listed.length === 0 ? 'No budgets yet' : 'No budget like that'}
            icon="budget"
            action={
              listed.length === 0 &&
              may('tallyline:CreateHardBudget') && (
                <Button look="primary" icon="plus" onClick={onNew}>
                  Give a team a budget
                </Button>
              )
            }
          >
            {listed.length === 0
              ? 'A hard budget refuses the call that could go over its limit, before it is made. A budget in AWS’s sense tells people and acts afterwards.'
              : 'Look for another name, or list both kinds.'}
          </EmptyState>
        ) : (
          <ul className="budget-list">
            {shown.map((budget) => (
              <li key={budget.id}>
                <BudgetRow budget={budget} />
              </li>
            ))}
          </ul>
        )}
      </Card>
    </>
  );
}

function BudgetRow({ budget }: { readonly budget: ListedBudget }): ReactElement {
  const { id, name, about, unit, spent, held, limit, forecast } = budget;
  return (
    <Link className="budget-row" to="." search={((before: object) => ({ ...before, open: id })) as never}>
      <span className="budget-name">
        <strong>{name}</strong>
        <span className="faint small">{about}</span>
      </span>
      <span className="budget-fill">
        <Meter {...budget} />
        <span className="small budget-figures">
          <span>
            <Amount unit={unit} value={spent} />
            {held !== '0' && (
              <span className="faint">
                {' + '}
                <Amount unit={unit} value={held} /> held
              </span>
            )}
            <span className="faint">
              {' of '}
              <Amount unit={unit} value={limit} /> {budget.window}
            </span>
          </span>
          <b className="figures">{percent(add(spent, held), limit, 0) ?? '–'}</b>
        </span>
        <span className="faint small">
          {budget.value !== undefined && `fullest: ${shortName(budget.value) || 'without a value'} · `}
          {forecast !== undefined && (
            <>
              forecast <Amount unit={unit} value={forecast} />
            </>
          )}
          {budget.resetsAt && (
            <>
              {'resets '}
              <TimeText at={budget.resetsAt} />
            </>
          )}
        </span>
      </span>
      <span className="budget-standing">
        <StandingChip standing={budget.standing} />
        <span className="faint small">{budget.kind === 'hard' ? 'Hard budget' : 'AWS budget'}</span>
      </span>
    </Link>
  );
}
