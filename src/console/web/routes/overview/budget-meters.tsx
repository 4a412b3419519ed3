import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { EmptyState } from '../../components/states.tsx';
import { BudgetStandings } from '../../spend/budget-standings.tsx';
import type { BudgetStanding } from '../../spend/standing.ts';

const SHOWN = 7;

/** Budgets, those nearest to their limits first. */
export function BudgetMeters({ budgets }: { readonly budgets: readonly BudgetStanding[] }): ReactElement {
  return (
    <Card
      title="Budgets"
      {...(budgets.length > SHOWN && { note: `${SHOWN} of ${budgets.length}, the fullest first` })}
      actions={<Link to="/budgets">All budgets</Link>}
    >
      {budgets.length === 0 ? (
        <EmptyState title="No budget counts this" icon="budget" action={<Link to="/budgets">Make a budget</Link>}>
          A budget tells before the money is spent; a hard one refuses calls that would go over it.
        </EmptyState>
      ) : (
        <BudgetStandings budgets={budgets.slice(0, SHOWN)} />
      )}
    </Card>
  );
}
