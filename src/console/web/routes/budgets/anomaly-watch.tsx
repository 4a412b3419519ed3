import { type ReactElement, type ReactNode, useState } from 'react';
import { useMay } from '../../api/session.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { TimeText } from '../../components/time.tsx';
import {
  type AnomalyMonitor,
  type AnomalySubscription,
  OUTDATED_BY_ANOMALY_CHANGE,
  watchedText,
} from './anomaly-answers.ts';
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
      <Watch
        title="Monitors"
        note="what is watched"
        none="Nothing is watched yet."
        mayAdd={may('ce:CreateAnomalyMonitor')}
        onAdd={() => setOpened({ form: 'monitor' })}
      >
        {monitors.map((monitor) => (
          <Watched
            key={monitor.MonitorArn}
            noun="monitor"
            name={monitor.MonitorName}
            words={watchedText(monitor)}
            mayDelete={may('ce:DeleteAnomalyMonitor')}
            onDelete={() =>
              setOpened({
                ...{ form: 'delete', operation: 'DeleteAnomalyMonitor', name: monitor.MonitorName },
                input: { MonitorArn: monitor.MonitorArn },
              })
            }
          >
            {monitor.DimensionalValueCount !== undefined && `${monitor.DimensionalValueCount} values · `}
            {monitor.LastEvaluatedDate ? (
              <>
                judged <TimeText at={monitor.LastEvaluatedDate} />
              </>
            ) : (
              'not judged yet'
            )}
          </Watched>
        ))}
      </Watch>
      <Watch
        title="Subscriptions"
        note="who is told"
        none="Nobody is told of anomalies."
        mayAdd={monitors.length > 0 && may('ce:CreateAnomalySubscription')}
        onAdd={() => setOpened({ form: 'subscription' })}
      >
        {subscriptions.map((subscription) => (
          <Watched
            key={subscription.SubscriptionArn}
            noun="subscription"
            name={subscription.SubscriptionName}
            words={`${FREQUENCIES[subscription.Frequency]}${thresholdText(subscription)}`}
            mayDelete={may('ce:DeleteAnomalySubscription')}
            onDelete={() =>
              setOpened({
                ...{ form: 'delete', operation: 'DeleteAnomalySubscription', name: subscription.SubscriptionName },
                input: { SubscriptionArn: subscription.SubscriptionArn },
              })
            }
          >
            {subscription.Subscribers.map(({ Address }) => Address).join(', ')} · of{' '}
            {subscription.MonitorArnList.map(nameOf).join(', ')}
          </Watched>
        ))}
      </Watch>
      {opened?.form === 'monitor' && <MonitorForm onClose={close} />}
      {opened?.form === 'subscription' && <SubscriptionForm monitors={monitors} onClose={close} />}
      {opened?.form === 'delete' && <DeleteDialog {...opened} onClose={close} />}
    </div>
  );
}

function Watch(props: {
  readonly title: string;
  readonly note: string;
  /** Said of an empty list. */
  readonly none: string;
  readonly mayAdd: boolean;
  readonly onAdd: () => void;
  readonly children: readonly ReactElement[];
}): ReactElement {
  return (
    <Card
      title={props.title}
      note={props.note}
      actions={
        <Button small icon="plus" disabled={!props.mayAdd} onClick={props.onAdd}>
          Add
        </Button>
      }
    >
      {props.children.length === 0 && <p className="faint">{props.none}</p>}
      <ul className="stack">{props.children}</ul>
    </Card>
  );
}

function Watched(props: {
  readonly noun: string;
  readonly name: string;
  readonly words: string;
  readonly mayDelete: boolean;
  readonly onDelete: () => void;
  /** Particulars, on a second line. */
  readonly children: ReactNode;
}): ReactElement {
  return (
    <li className="row spread">
      <span>
        <strong>{props.name}</strong> <span className="soft">{props.words}</span>
        <br />
        <span className="faint small">{props.children}</span>
      </span>
      <Button
        small
        look="ghost"
        icon="close"
        aria-label={`Delete ${props.noun} ${props.name}`}
        disabled={!props.mayDelete}
        onClick={props.onDelete}
      />
    </li>
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
  const remove = useChange<object>('ce', props.operation, ...OUTDATED_BY_ANOMALY_CHANGE);
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
