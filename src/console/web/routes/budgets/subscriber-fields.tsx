import type { ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import type { Subscriber } from './answers.ts';

/** Who is told: mail addresses and topics. */
export function SubscriberFields({
  subscribers,
  onChange,
}: {
  readonly subscribers: readonly Subscriber[];
  readonly onChange: (subscribers: readonly Subscriber[]) => void;
}): ReactElement {
  const change = (at: number, next: Partial<Subscriber>) =>
    onChange(subscribers.map((one, index) => (index === at ? { ...one, ...next } : one)));
  return (
    <fieldset className="scope-builder">
      <legend>Who is told of each warning and of the first refusal</legend>
      {subscribers.map(({ Type, Address }, index) => (
        <div className="form-row" key={index}>
          <select
            className="bare-select"
            aria-label={`Subscriber ${index + 1}: kind`}
            value={Type}
            onChange={(event) => change(index, { Type: event.target.value as Subscriber['Type'] })}
          >
            <option value="EMAIL">E-mail</option>
            <option value="SNS">Topic</option>
          </select>
          <input
            className="input"
            aria-label={`Subscriber ${index + 1}: address`}
            placeholder={Type === 'EMAIL' ? 'finops@example.com' : 'arn:aws:sns:us-east-1:123456789012:finops'}
            value={Address}
            onChange={(event) => change(index, { Address: event.target.value })}
          />
          <Button
            look="ghost"
            icon="close"
            aria-label={`Remove subscriber ${index + 1}`}
            onClick={() => onChange(subscribers.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <Button small icon="plus" onClick={() => onChange([...subscribers, { Type: 'EMAIL', Address: '' }])}>
        Tell somebody
      </Button>
    </fieldset>
  );
}
