import { type ReactElement, useState } from 'react';
import { useMay } from '../../api/session.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { TimeText } from '../../components/time.tsx';
import { type AnomalyMonitor, type AnomalySubscription, watchedText } from './anomaly-answers.ts';
import { MonitorForm, SubscriptionForm } from './anomaly-forms.tsx';

const FREQUENCIES = { IMMEDIATE: 'at once', DAILY: 'daily', WEEKLY: 'weekly' } as const;

type Opened =
  | { readonly form: 'monitor' | 'subscription' }
  | { readonly form: 'delete'; readonly operation: string; readonly input: object; readonly name: string };

/** What is watched for anomalies, and who is told. */
export function AnomalyWatch({ monitors }: { readonly monitors: readonly AnomalyMonitor[] }): ReactElement {
  const { data } = useCall<{ readonly AnomalySubscriptions: readonly AnomalySubscription[] }>(
    'ce',
    'GetAnomalySubscriptions',
  );
  const subscriptions = data?.AnomalySubscriptions ?? [];
  const may = useMay(
    ...['CreateAnomalyMonitor', 'CreateAnomalySubscription', 'DeleteAnomalyMonitor', 'DeleteAnomalySubscription'].map(
      (action) => `ce:${action}`,
    ),
  );
  const [opened, setOpened] = useState<Opened>();
  const close = () => setOpened(undefined);
  const nameOf = (arn: string) => monitors.find(({ MonitorArn }) => MonitorArn === arn)?.MonitorName ?? 'gone';
  return (
    <div className="grid-2">
      <Card
        title="Monitors"
        note="what is watched"
        actions={
          <Button
            small
            icon="plus"
            disabled={!may('ce:CreateAnomalyMonitor')}
            onClick={() => setOpened({ form: 'monitor' })}
          >
            Add
          </Button>
        }
      >
        {monitors.length === 0 && <p className="faint">Nothing is watched yet.</p>}
        <ul className="stack">
          {monitors.map((monitor) => (
            <li key={monitor.MonitorArn} className="row spread">
              <span>
                <strong>{monitor.MonitorName}</strong> <span className="soft">{watchedText(monitor)}</span>
                <br />
                <span className="faint small">
                  {monitor.DimensionalValueCount !== undefined && `${monitor.DimensionalValueCount} values · `}
                  {monitor.LastEvaluatedDate ? (
                    <>
                      judged <TimeText at={monitor.LastEvaluatedDate} />
                    </>
                  ) : (
                    'not judged yet'
                  )}
                </span>
              </span>
              <Button
                small
                look="ghost"
                icon="close"
                aria-label={`Delete monitor ${monitor.MonitorName}`}
                disabled={!may('ce:DeleteAnomalyMonitor')}
                onClick={() =>
                  setOpened({
                    ...{ form: 'delete', operation: 'DeleteAnomalyMonitor', name: monitor.MonitorName },
                    input: { MonitorArn: monitor.MonitorArn },
                  })
                }
              />
            </li>
          ))}
        </ul>
      </Card>
      <Card
        title="Subscriptions"
        note="who is told"
        actions={
          <Button
            small
            icon="plus"
            disabled={monitors.length === 0 || !may('ce:CreateAnomalySubscription')}
            onClick={() => setOpened({ form: 'subscription' })}
          >
            Add
          </Button>
        }
      >
        {subscriptions.length === 0 && <p className="faint">Nobody is told of anomalies.</p>}
        <ul className="stack">
          {subscriptions.map((subscription) => (
            <li key={subscription.SubscriptionArn} className="row spread">
              <span>
                <strong>{subscription.SubscriptionName}</strong>{' '}
                <span className="soft">
                  {FREQUENCIES[subscription.Frequency]}
                  {thresholdText(subscription)}
                </span>
                <br />
                <span className="faint small">
                  {subscription.Subscribers.map(({ Address }) => Address).join(', ')} · of{' '}
                  {subscription.MonitorArnList.map(nameOf).join(', ')}
                </span>
              </span>
              <Button
                small
                look="ghost"
                icon="close"
                aria-label={`Delete subscription ${subscription.SubscriptionName}`}
                disabled={!may('ce:DeleteAnomalySubscription')}
                onClick={() =>
                  setOpened({
                    ...{ form: 'delete', operation: 'DeleteAnomalySubscription', name: subscription.SubscriptionName },
                    input: { SubscriptionArn: subscription.SubscriptionArn },
                  })
                }
              />
            </li>
          ))}
        </ul>
      </Card>
      {opened?.form === 'monitor' && <MonitorForm onClose={close} />}
      {opened?.form === 'subscription' && <SubscriptionForm monitors={monitors} onClose={close} />}
      {opened?.form === 'delete' && <DeleteDialog {...opened} onClose={close} />}
    </div>
  );
}

/** `, from $50.00 on`. */
function thresholdText({ ThresholdExpression }: AnomalySubscription): string {
  const { Key = '', Values: [value] = [] } = ThresholdExpression?.Dimensions ?? {};
  if (value === undefined) return '';
  return Key.endsWith('PERCENTAGE') ? `, from ${value} % on` : `, from $${value} on`;
}

function DeleteDialog(props: {
  readonly operation: string;
  readonly input: object;
  readonly name: string;
  readonly onClose: () => void;
}): ReactElement {
  const remove = useChange<object>(
    'ce',
    props.operation,
    ['ce', 'GetAnomalyMonitors'],
    ['ce', 'GetAnomalySubscriptions'],
    ['ce', 'GetAnomalies'],
  );
  return (
    <ConfirmDialog
      title={`Delete ${props.name}?`}
      verb="Delete"
      busy={remove.isPending}
      error={remove.error?.message}
      onClose={props.onClose}
      onConfirm={() => remove.mutate(props.input, { onSuccess: props.onClose })}
    >
      {props.operation === 'DeleteAnomalyMonitor'
        ? 'Its anomalies go with it, and nothing more is judged by it.'
        : 'Nobody is told by it any more; anomalies are found all the same.'}
    </ConfirmDialog>
  );
}
