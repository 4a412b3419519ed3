import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { EmptyState } from '../../components/states.tsx';
import { BudgetStandings } from '../../spend/budget-standings.tsx';
import type { CountedBudget } from './request-detail.ts';

/** The hard budgets that count such a call, as they stand now. */
export function BudgetsCard({ budgets }: { readonly budgets: readonly CountedBudget[] }): ReactElement {
  const counted = budgets.filter(({ IsCounted: is }) => is).length;
  return (
    <Card
      title="Hard budgets that count it"
      note={budgets.length > 0 && `as they stand now; ${counted} of ${budgets.length} still have it in their window`}
    >
      {budgets.length === 0 ? (
        <EmptyState title="No hard budget counts it" icon="budget" action={<Link to="/budgets">Budgets</Link>}>
          Nothing would have refused this call for what it costs.
        </EmptyState>
      ) : (
        <BudgetStandings
          budgets={budgets.map(({ Name, Value, Unit, Limit, Spent, ResetsAt }) => ({
            ...{ Name, Kind: 'hard' as const, Unit, Limit, Used: Spent },
            ...(Value !== undefined && Value !== '' && { Value }),
            ...(ResetsAt !== undefined && { ResetsAt }),
          }))}
        />
      )}
    </Card>
  );
}
