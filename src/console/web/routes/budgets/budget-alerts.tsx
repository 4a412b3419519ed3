import { type ReactElement, useState } from 'react';
import { useMay, useSession } from '../../api/session.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Refusal } from '../../components/field.tsx';
import { money } from '../../format/amounts.ts';
import { sentence } from '../../format/sentence.ts';
import { AlertFields, isAlertReady, NEW_ALERT, notificationOf } from './alert-fields.tsx';
import type { AwsNotification } from './answers.ts';

const OUTDATED = [
  ['budgets', 'DescribeNotificationsForBudget'],
  ['budgets', 'DescribeBudgetNotificationsForAccount'],
] as const;

/** Thresholds of a budget, whether they are crossed, and who is told. */
export function BudgetAlerts({
  budgetName,
  notifications,
}: {
  readonly budgetName: string;
  readonly notifications: readonly AwsNotification[];
}): ReactElement {
  const may = useMay('budgets:ModifyBudget');
  const [adding, setAdding] = useState(false);
  return (
    <Card
      title="Alerts"
      actions={
        <Button small icon="plus" disabled={!may('budgets:ModifyBudget')} onClick={() => setAdding(true)}>
          Add
        </Button>
      }
    >
      {notifications.length === 0 && <p className="faint">Nobody is told.</p>}
      <ul className="stack">
        {notifications.map((notification) => (
          <AlertRow
            key={alertText(notification)}
            {...{ budgetName, notification, mayChange: may('budgets:ModifyBudget') }}
          />
        ))}
      </ul>
      {adding && <AddDialog budgetName={budgetName} onClose={() => setAdding(false)} />}
    </Card>
  );
}

const OPERATORS = { GREATER_THAN: 'exceeds', LESS_THAN: 'is below', EQUAL_TO: 'is' } as const;

function alertText({ NotificationType, ComparisonOperator, Threshold, ThresholdType }: AwsNotification): string {
  const limit = ThresholdType === 'ABSOLUTE_VALUE' ? money(String(Threshold)) : `${Threshold} %`;
  return `${NotificationType === 'ACTUAL' ? 'Spent' : 'Forecast'} ${OPERATORS[ComparisonOperator]} ${limit}`;
}

/** As AWS tells one from another: without its state. */
function identityOf({ NotificationState: _state, ...notification }: AwsNotification) {
  return notification;
}

function AlertRow(props: {
  readonly budgetName: string;
  readonly notification: AwsNotification;
  readonly mayChange: boolean;
}): ReactElement {
  const { AccountId } = useSession();
  const { budgetName: BudgetName, notification } = props;
  const of = { AccountId, BudgetName, Notification: identityOf(notification) };
  const { data } = useCall<{ readonly Subscribers?: readonly { readonly Address: string }[] }>(
    'budgets',
    'DescribeSubscribersForNotification',
    of,
  );
  const remove = useChange<object, typeof of>('budgets', 'DeleteNotification', ...OUTDATED);
  const isAlarm = notification.NotificationState === 'ALARM';
  return (
    <li className="row spread">
      <span>
        <span className={`chip ${isAlarm ? 'chip-warn' : 'chip-good'}`}>{isAlarm ? 'Crossed' : 'In order'}</span>{' '}
        {alertText(notification)}
        <br />
        <span className="faint small">tells {data?.Subscribers?.map(({ Address }) => Address).join(', ') ?? '…'}</span>
        {remove.error && <span className="field-error">{sentence(remove.error.message)}</span>}
      </span>
      <Button
        small
        look="ghost"
        icon="close"
        aria-label={`Delete: ${alertText(notification)}`}
        disabled={!props.mayChange}
        busy={remove.isPending}
        onClick={() => remove.mutate(of)}
      />
    </li>
  );
}

function AddDialog({
  budgetName: BudgetName,
  onClose,
}: {
  readonly budgetName: string;
  readonly onClose: () => void;
}): ReactElement {
  const { AccountId } = useSession();
  const [alert, setAlert] = useState(NEW_ALERT);
  const add = useChange<object>('budgets', 'CreateNotification', ...OUTDATED);
  return (
    <Dialog
      title={`Alert of ${BudgetName}`}
      wide
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            disabled={!isAlertReady(alert)}
            busy={add.isPending}
            onClick={() => add.mutate({ AccountId, BudgetName, ...notificationOf(alert) }, { onSuccess: onClose })}
          >
            Add alert
          </Button>
        </>
      }
    >
      <AlertFields alerts={[alert]} onChange={([next = NEW_ALERT]) => setAlert(next)} />
      <Refusal error={add.error} />
    </Dialog>
  );
}
