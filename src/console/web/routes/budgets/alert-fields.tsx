import type { ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import type { AwsNotification } from './answers.ts';

/** An alert while it is written. */
export interface AlertDraft {
  readonly type: AwsNotification['NotificationType'];
  /** Percent of the limit. */
  readonly threshold: string;
  /** Addresses, separated by commas; ARNs of topics among them. */
  readonly addresses: string;
}

export const NEW_ALERT: AlertDraft = { type: 'ACTUAL', threshold: '80', addresses: '' };

export function isAlertReady({ threshold, addresses }: AlertDraft): boolean {
  return /^\d{1,6}(\.\d+)?$/.test(threshold.trim()) && addressesOf(addresses).length > 0;
}

function addressesOf(text: string): string[] {
  return text.split(/[,;\s]+/).filter(Boolean);
}

/** `Notification` and `Subscribers` of `budgets:CreateNotification`. */
export function notificationOf({ type, threshold, addresses }: AlertDraft) {
  return {
    Notification: {
      NotificationType: type,
      ComparisonOperator: 'GREATER_THAN',
      Threshold: Number(threshold),
      ThresholdType: 'PERCENTAGE',
    },
    Subscribers: addressesOf(addresses).map((address) => ({
      SubscriptionType: address.startsWith('arn:') ? 'SNS' : 'EMAIL',
      Address: address,
    })),
  };
}

export function AlertFields(props: {
  readonly alerts: readonly AlertDraft[];
  readonly onChange: (alerts: readonly AlertDraft[]) => void;
  /** Absent: the number of alerts is fixed. */
  readonly grows?: boolean;
}): ReactElement {
  const { alerts, onChange, grows } = props;
  const change = (at: number, next: Partial<AlertDraft>) =>
    onChange(alerts.map((one, index) => (index === at ? { ...one, ...next } : one)));
  return (
    <fieldset className="scope-builder">
      <legend>Alerts</legend>
      {alerts.map(({ type, threshold, addresses }, index) => (
        <div className="alert-row" key={index}>
          <select
            className="bare-select"
            aria-label={`Alert ${index + 1}: when`}
            value={type}
            onChange={(event) => change(index, { type: event.target.value as AlertDraft['type'] })}
          >
            <option value="ACTUAL">spent exceeds</option>
            <option value="FORECASTED">forecast exceeds</option>
          </select>
          <label className="labelled">
            <input
              className="input hours"
              inputMode="decimal"
              aria-label={`Alert ${index + 1}: percent`}
              value={threshold}
              onChange={(event) => change(index, { threshold: event.target.value })}
            />
            <span>%, tell</span>
          </label>
          <input
            className="input"
            aria-label={`Alert ${index + 1}: addresses`}
            placeholder="finops@example.com, arn:aws:sns:…"
            value={addresses}
            onChange={(event) => change(index, { addresses: event.target.value })}
          />
          {grows && (
            <Button
              look="ghost"
              icon="close"
              aria-label={`Remove alert ${index + 1}`}
              onClick={() => onChange(alerts.filter((_, at) => at !== index))}
            />
          )}
        </div>
      ))}
      {grows && (
        <Button small icon="plus" onClick={() => onChange([...alerts, NEW_ALERT])}>
          Add an alert
        </Button>
      )}
    </fieldset>
  );
}
