import { type ReactElement, type ReactNode, useState } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { useSession } from '../../api/session.ts';
import { useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field, Refusal } from '../../components/field.tsx';
import { type AnomalyMonitor, type AnomalySubscription, OUTDATED_BY_ANOMALY_CHANGE } from './anomaly-answers.ts';

export function MonitorForm({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { TeamTagKey } = useSession();
  const [name, setName] = useState('');
  const [dimension, setDimension] = useState<NonNullable<AnomalyMonitor['MonitorDimension']>>('TAG');
  const [key, setKey] = useState(`iamPrincipal/${TeamTagKey}`);
  const make = useChange<object>('ce', 'CreateAnomalyMonitor', ...OUTDATED_BY_ANOMALY_CHANGE);
  const needsKey = dimension === 'TAG' || dimension === 'COST_CATEGORY';
  const submit = () =>
    make.mutate(
      {
        AnomalyMonitor: {
          ...{ MonitorName: name.trim(), MonitorType: 'DIMENSIONAL', MonitorDimension: dimension },
          ...(needsKey && {
            MonitorSpecification: { [dimension === 'TAG' ? 'Tags' : 'CostCategories']: { Key: key } },
          }),
        },
      },
      { onSuccess: onClose },
    );
  return (
    <Form
      title="New monitor"
      verb="Watch"
      isReady={!needsKey || key.trim() !== ''}
      {...{ name, setName, make, submit, onClose }}
    >
      <Field label="Watches, each by itself">
        <select value={dimension} onChange={(event) => setDimension(event.target.value as typeof dimension)}>
          <option value="TAG">values of a tag</option>
          <option value="COST_CATEGORY">values of a cost category</option>
          <option value="LINKED_ACCOUNT">accounts</option>
          <option value="SERVICE">services</option>
        </select>
      </Field>
      {needsKey && (
        <Field label={dimension === 'TAG' ? 'Tag key' : 'Cost category'}>
          <input value={key} onChange={(event) => setKey(event.target.value)} />
        </Field>
      )}
    </Form>
  );
}

export function SubscriptionForm({
  monitors,
  onClose,
}: {
  readonly monitors: readonly AnomalyMonitor[];
  readonly onClose: () => void;
}): ReactElement {
  const [name, setName] = useState('');
  const [monitor, setMonitor] = useState(monitors[0]?.MonitorArn ?? '');
  const [frequency, setFrequency] = useState<AnomalySubscription['Frequency']>('DAILY');
  const [threshold, setThreshold] = useState('50');
  const [address, setAddress] = useState('');
  const make = useChange<object>('ce', 'CreateAnomalySubscription', ...OUTDATED_BY_ANOMALY_CHANGE);
  const submit = () =>
    make.mutate(
      {
        AnomalySubscription: {
          ...{ SubscriptionName: name.trim(), MonitorArnList: [monitor], Frequency: frequency },
          Subscribers: [{ Type: address.startsWith('arn:') ? 'SNS' : 'EMAIL', Address: address.trim() }],
          ThresholdExpression: {
            Dimensions: {
              ...{ Key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE', Values: [threshold.trim()] },
              MatchOptions: ['GREATER_THAN_OR_EQUAL'],
            },
          },
        },
      },
      { onSuccess: onClose },
    );
  return (
    <Form
      title="New subscription"
      verb="Subscribe"
      isReady={address.trim() !== '' && /^\d+(\.\d+)?$/.test(threshold.trim())}
      {...{ name, setName, make, submit, onClose }}
    >
      <Field label="Monitor">
        <select value={monitor} onChange={(event) => setMonitor(event.target.value)}>
          {monitors.map(({ MonitorArn, MonitorName }) => (
            <option key={MonitorArn} value={MonitorArn}>
              {MonitorName}
            </option>
          ))}
        </select>
      </Field>
      <Field
        label="Tells"
        hint={frequency === 'IMMEDIATE' ? 'at once goes to topics alone' : 'a summary after midnight UTC'}
      >
        <select value={frequency} onChange={(event) => setFrequency(event.target.value as typeof frequency)}>
          <option value="DAILY">daily</option>
          <option value="WEEKLY">weekly</option>
          <option value="IMMEDIATE">at once</option>
        </select>
      </Field>
      <Field label="Of anomalies from this impact on, in US dollars">
        <input inputMode="decimal" value={threshold} onChange={(event) => setThreshold(event.target.value)} />
      </Field>
      <Field label="Mail address, or ARN of a topic">
        <input value={address} onChange={(event) => setAddress(event.target.value)} />
      </Field>
    </Form>
  );
}

function Form(props: {
  readonly title: string;
  readonly verb: string;
  readonly name: string;
  readonly setName: (name: string) => void;
  /** Whether all but the name is filled in. */
  readonly isReady: boolean;
  /** What `submit` asks for. */
  readonly make: { readonly isPending: boolean; readonly error: ApiError | null };
  readonly submit: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}): ReactElement {
  const { name, make } = props;
  const isReady = name.trim() !== '' && props.isReady;
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      foot={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button look="primary" disabled={!isReady} busy={make.isPending} onClick={props.submit}>
            {props.verb}
          </Button>
        </>
      }
    >
      <Field label="Name">
        <input value={name} autoComplete="off" onChange={(event) => props.setName(event.target.value)} />
      </Field>
      {props.children}
      <Refusal error={make.error} />
    </Dialog>
  );
}
