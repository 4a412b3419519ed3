import { type ReactElement, useState } from 'react';
import { HOUR_MS } from '../../../../kernel/time.ts';
import { useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field, Refusal } from '../../components/field.tsx';
import { toast } from '../../components/toast.tsx';
import type { HardBudget } from './answers.ts';

interface IncreaseInput {
  readonly Name: string;
  readonly Amount: string;
  readonly Reason: string;
  readonly ExpiresAt: string;
}

const HOURS = [1, 4, 8, 24, 72, 168] as const;
const RESET = 'reset';

/** Room beyond the limit for a while, with a reason that is kept. */
export function IncreaseDialog({
  budget,
  resetsAt,
  onClose,
}: {
  readonly budget: HardBudget;
  readonly resetsAt?: string;
  readonly onClose: () => void;
}): ReactElement {
  const [amount, setAmount] = useState('');
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('8');
  const increase = useChange<object, IncreaseInput>(
    'tallyline',
    'IncreaseHardBudget',
    ['tallyline', 'ListHardBudgets'],
    ['tallyline', 'GetHardBudget'],
  );
  const ready = amount.trim() !== '' && reason.trim() !== '';
  const submit = () => {
    const ExpiresAt =
      until === RESET && resetsAt ? resetsAt : new Date(Date.now() + Number(until) * HOUR_MS).toISOString();
    increase.mutate(
      { Name: budget.Name, Amount: amount.trim(), Reason: reason.trim(), ExpiresAt },
      {
        onSuccess: () => {
          toast(`${budget.Name} has more room`);
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      title={`More room for ${budget.Name}`}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!ready} busy={increase.isPending} onClick={submit}>
            Increase
          </Button>
        </>
      }
    >
      <Field label={`Amount on top of the limit, in ${budget.Unit}`}>
        <input
          inputMode="decimal"
          autoComplete="off"
          value={amount}
          onChange={(event) => setAmount(event.target.value)}
        />
      </Field>
      <Field label="For">
        <select value={until} onChange={(event) => setUntil(event.target.value)}>
          {HOURS.map((hours) => (
            <option key={hours} value={hours}>
              {hours < 24 ? `${hours} hour${hours === 1 ? '' : 's'}` : `${hours / 24} day${hours === 24 ? '' : 's'}`}
            </option>
          ))}
          {resetsAt && <option value={RESET}>until it resets</option>}
        </select>
      </Field>
      <Field label="Reason" hint="It is kept with the increase and in the audit log.">
        <input autoComplete="off" value={reason} onChange={(event) => setReason(event.target.value)} />
      </Field>
      <Refusal error={increase.error} />
    </Dialog>
  );
}
