import { type ReactElement, useState } from 'react';
import { useMay, useSession } from '../../api/session.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Stat } from '../../components/card.tsx';
import { Money } from '../../components/figures.tsx';
import { ErrorState, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import { percent } from '../../format/amounts.ts';
import { compare, subtract } from '../../format/decimal.ts';
import type { AwsBudget, AwsNotification } from './answers.ts';
import { AwsBudgetForm } from './aws-budget-form.tsx';
import { BudgetActions } from './budget-actions.tsx';
import { BudgetAlerts } from './budget-alerts.tsx';
import { BudgetPast } from './budget-past.tsx';
import { DeleteBudgetDialog } from './delete-budget-dialog.tsx';
import { listedAwsBudget } from './listed-budget.ts';
import { Meter, StandingChip } from './meter.tsx';

const EVERY_MS = 30_000;

export function AwsBudgetDetail({
  name,
  onClose,
}: {
  readonly name: string;
  readonly onClose: () => void;
}): ReactElement {
  const { AccountId } = useSession();
  const of = { AccountId, BudgetName: name };
  const { data, error, refetch } = useCall<{ readonly Budget: AwsBudget }>(
    'budgets',
    'DescribeBudget',
    { ...of, ShowFilterExpression: true },
    { everyMs: EVERY_MS },
  );
  const notified = useCall<{ readonly Notifications?: readonly AwsNotification[] }>(
    'budgets',
    'DescribeNotificationsForBudget',
    of,
    { everyMs: EVERY_MS },
  );
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={10} height={480} />;
  return <Detail budget={data.Budget} notifications={notified.data?.Notifications ?? []} onClose={onClose} />;
}

function Detail(props: {
  readonly budget: AwsBudget;
  readonly notifications: readonly AwsNotification[];
  readonly onClose: () => void;
}): ReactElement {
  const { budget, notifications } = props;
  const { AccountId } = useSession();
  const may = useMay('budgets:ModifyBudget');
  const [opened, setOpened] = useState<'edit' | 'delete'>();
  const listed = listedAwsBudget(budget, notifications);
  const { spent, limit, forecast } = listed;
  const left = subtract(limit, spent);
  const close = () => setOpened(undefined);
  return (
    <>
      <div className="row spread">
        <div className="row">
          <StandingChip standing={listed.standing} />
          <span className="soft">
            {listed.about} · {listed.window}
          </span>
        </div>
        <div className="row">
          <Button disabled={!may('budgets:ModifyBudget')} onClick={() => setOpened('edit')}>
            Change
          </Button>
          <Button look="danger" disabled={!may('budgets:ModifyBudget')} onClick={() => setOpened('delete')}>
            Delete
          </Button>
        </div>
      </div>
      <div className="stack budget-head">
        <Meter {...listed} />
        <div className="grid-4">
          <Stat
            label="Spent"
            value={<Money usd={spent} />}
            note={`${percent(spent, limit) ?? '–'} of what was budgeted`}
          />
          <Stat
            label="Forecast"
            value={forecast === undefined ? '–' : <Money usd={forecast} />}
            note={
              forecast === undefined ? 'not enough history' : `${percent(forecast, limit) ?? '–'} at the period’s end`
            }
          />
          <Stat
            label={compare(left, 0) < 0 ? 'Over by' : 'Left'}
            value={<Money usd={left.replace('-', '')} />}
            note="nothing is refused by this kind of budget"
          />
          <Stat
            label="Budgeted"
            value={<Money usd={limit} />}
            note={
              budget.LastUpdatedTime ? (
                <span>
                  looked at <TimeText at={budget.LastUpdatedTime} />
                </span>
              ) : (
                listed.window
              )
            }
          />
        </div>
      </div>
      <div className="grid-2">
        <BudgetAlerts budgetName={budget.BudgetName} notifications={notifications} />
        <BudgetPast budgetName={budget.BudgetName} />
      </div>
      <BudgetActions budgetName={budget.BudgetName} />
      {opened === 'edit' && <AwsBudgetForm budget={budget} onClose={close} />}
      {opened === 'delete' && <DeleteDialog name={budget.BudgetName} onClose={close} onDeleted={props.onClose} />}
      <p className="faint small">
        On the command line:{' '}
        <code>
          aws budgets describe-budget --account-id {AccountId} --budget-name {JSON.stringify(budget.BudgetName)}
        </code>
      </p>
    </>
  );
}

function DeleteDialog(props: {
  readonly name: string;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}): ReactElement {
  const { AccountId } = useSession();
  const remove = useChange<object, { readonly AccountId: string; readonly BudgetName: string }>(
    'budgets',
    'DeleteBudget',
    ['budgets', 'DescribeBudgets'],
  );
  return (
    <DeleteBudgetDialog {...props} remove={remove} input={{ AccountId, BudgetName: props.name }}>
      Its alerts and actions go with it. Policies that an action has attached stay attached: reverse the action first.
    </DeleteBudgetDialog>
  );
}
