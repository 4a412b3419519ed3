import { type ReactElement, useState } from 'react';
import { billingPeriodOf } from '../../../../kernel/time.ts';
import { useSession } from '../../api/session.ts';
import { useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field, Refusal } from '../../components/field.tsx';
import { toast } from '../../components/toast.tsx';
import { useScopeValues } from '../../spend/scope-values.ts';
import type { Charge } from './answers.ts';

const TYPES: readonly Charge['Type'][] = ['Fee', 'Credit', 'Refund', 'Tax'];
const DEFAULT_SERVICE = 'Amazon Bedrock';

/** A line on the bill that is no usage; or a credit that closes draw from. */
export function ChargeForm({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { AccountId } = useSession();
  const { values: accounts } = useScopeValues({ kind: 'account', tagKey: '' });
  const [draft, setDraft] = useState({
    ...{ type: 'Fee' as Charge['Type'], amount: '', account: AccountId, description: '', service: DEFAULT_SERVICE },
    ...{ period: billingPeriodOf(Date.now()), taxType: '', drawsDown: false, lastPeriod: '' },
  });
  // One for the form: who presses the button twice makes one charge.
  const [token] = useState(() => `console-${Date.now()}-${Math.random().toString(36).slice(2)}`);
  const add = useChange<object>(
    'tallyline',
    'CreateCharge',
    ['tallyline', 'ListCharges'],
    ['tallyline', 'ListInvoices'],
    ['tallyline', 'GetReport'],
  );
  const set = (change: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...change }));
  const drawsDown = draft.drawsDown && draft.type === 'Credit';
  const isReady = /^\d{1,12}(\.\d{1,12})?$/.test(draft.amount.trim()) && draft.description.trim() !== '';
  const submit = () =>
    add.mutate(
      {
        ...{ ClientToken: token, Type: draft.type, AmountUsd: draft.amount.trim() },
        ...{ Description: draft.description.trim() },
        ...(draft.account.trim() !== '' && { AccountId: draft.account.trim() }),
        ...(draft.service.trim() !== '' && { Service: draft.service.trim() }),
        ...(draft.type === 'Tax' && draft.taxType.trim() !== '' && { TaxType: draft.taxType.trim() }),
        ...(drawsDown
          ? { DrawDown: true, ...(draft.lastPeriod !== '' && { LastBillingPeriod: draft.lastPeriod }) }
          : { BillingPeriod: draft.period }),
      },
      {
        onSuccess: () => {
          toast(drawsDown ? 'The credit is there to be drawn' : `${draft.type} is on the bill of ${draft.period}`);
          onClose();
        },
      },
    );
  return (
    <Dialog
      title="Add a charge or credit"
      wide
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!isReady} busy={add.isPending} onClick={submit}>
            Add to the bill
          </Button>
        </>
      }
    >
      <div className="charge-grid">
        <Field label="Kind">
          <select value={draft.type} onChange={(event) => set({ type: event.target.value as Charge['Type'] })}>
            {TYPES.map((type) => (
              <option key={type} value={type}>
                {type}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Amount in US dollars" hint="above zero: its kind says which way it goes">
          <input
            inputMode="decimal"
            autoComplete="off"
            value={draft.amount}
            onChange={(event) => set({ amount: event.target.value })}
          />
        </Field>
        <Field label="Description">
          <input
            autoComplete="off"
            value={draft.description}
            onChange={(event) => set({ description: event.target.value })}
          />
        </Field>
        <Field label="Account" {...(drawsDown && { hint: 'empty: every account' })}>
          <input
            list="charge-accounts"
            value={draft.account}
            onChange={(event) => set({ account: event.target.value })}
          />
        </Field>
        <Field label="Service">
          <input value={draft.service} onChange={(event) => set({ service: event.target.value })} />
        </Field>
        {draft.type === 'Tax' && (
          <Field label="Kind of tax">
            <input placeholder="VAT" value={draft.taxType} onChange={(event) => set({ taxType: event.target.value })} />
          </Field>
        )}
        {draft.type === 'Credit' && (
          <Field label="How it is used">
            <select
              value={draft.drawsDown ? 'draw' : 'once'}
              onChange={(event) => set({ drawsDown: event.target.value === 'draw' })}
            >
              <option value="once">one line on one bill</option>
              <option value="draw">drawn down at every close</option>
            </select>
          </Field>
        )}
        {drawsDown ? (
          <Field label="Last month" hint="empty: until it is used up">
            <input
              type="month"
              value={draft.lastPeriod}
              onChange={(event) => set({ lastPeriod: event.target.value })}
            />
          </Field>
        ) : (
          <Field label="Month">
            <input type="month" value={draft.period} onChange={(event) => set({ period: event.target.value })} />
          </Field>
        )}
        <datalist id="charge-accounts">
          {accounts.map((account) => (
            <option key={account} value={account} />
          ))}
        </datalist>
      </div>
      <Refusal error={add.error} />
    </Dialog>
  );
}
