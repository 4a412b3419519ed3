import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { EmptyState, Skeleton } from '../../components/states.tsx';
import { BudgetStandings } from '../../spend/budget-standings.tsx';
import type { PrincipalAnswer } from './principal-answer.ts';

/** The budgets that the principal’s next call counts on. */
export function BudgetsCard({ answer }: { readonly answer: PrincipalAnswer | undefined }): ReactElement {
  return (
    <Card title="Budgets that apply" actions={<Link to="/budgets">All budgets</Link>}>
      {!answer ? (
        <Skeleton lines={4} height={110} />
      ) : answer.Budgets.length === 0 ? (
        <EmptyState title="No budget counts it" icon="budget" action={<Link to="/budgets">Make a budget</Link>}>
          Nothing tells, and nothing refuses, when this principal spends much.
        </EmptyState>
      ) : (
        <BudgetStandings budgets={answer.Budgets} />
      )}
    </Card>
  );
}
