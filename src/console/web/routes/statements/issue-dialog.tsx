import { type ReactElement, useState } from 'react';
import { billingPeriodOf, billingPeriodStartMs, nextBillingPeriod } from '../../../../kernel/time.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field, Refusal } from '../../components/field.tsx';
import { Skeleton } from '../../components/states.tsx';
import { toast } from '../../components/toast.tsx';
import { usePresent } from '../../display/present.ts';
import { DraftTable } from './draft-table.tsx';
import { bookOf, type KeptDefinition, type MonthDraft, STATEMENT_ANSWERS } from './statement-calls.ts';

/** Shows what a month's statements would say, then numbers them. */
export function IssueDialog(props: {
  readonly definition: KeptDefinition;
  readonly onClose: () => void;
}): ReactElement {
  const { definition, onClose } = props;
  const { DefinitionId, LatestPeriod, Name, Book } = definition;
  const present = billingPeriodOf(usePresent(bookOf(Book)).atMs);
  const lastEnded = billingPeriodOf(billingPeriodStartMs(billingPeriodOf(Date.now())) - 1);
  const latest = [present, lastEnded].toSorted()[0]!;
  const due = LatestPeriod === undefined ? latest : nextBillingPeriod(LatestPeriod);
  const [period, setPeriod] = useState(due <= latest ? due : (LatestPeriod ?? latest));
  const [isSending, setSending] = useState(false);
  const isAnew = period === LatestPeriod;
  const preview = useCall<MonthDraft>(
    'tallyline',
    'PreviewStatements',
    { DefinitionId, BillingPeriod: period },
    { enabled: /^\d{4}-\d{2}$/.test(period) },
  );
  const issue = useChange<{ readonly Statements: readonly object[] }>(
    'tallyline',
    'IssueStatements',
    ...STATEMENT_ANSWERS,
  );
  const submit = () =>
    issue.mutate(
      { DefinitionId, BillingPeriod: period, Anew: isAnew, Send: isSending },
      {
        onSuccess: ({ Statements }) => {
          toast(Statements.length === 0 ? 'Nothing changed: every version stays' : `Issued ${Statements.length}`);
          onClose();
        },
      },
    );
  return (
    <Dialog
      title={`Issue ${Name}`}
      wide
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!preview.data} busy={issue.isPending} onClick={submit}>
            {isAnew ? `Issue ${period} anew` : `Issue ${period}`}
          </Button>
        </>
      }
    >
      <div className="stack">
        <Field
          label="Month"
          hint={
            isAnew
              ? 'Was issued: what differs gets another version of the same number.'
              : 'Months are issued one after the other; numbers are never given twice.'
          }
        >
          <input type="month" value={period} onChange={(event) => setPeriod(event.target.value)} />
        </Field>
        <label className="row">
          <input type="checkbox" checked={isSending} onChange={(event) => setSending(event.target.checked)} />
          <span>Send them to the recipients of the definition</span>
        </label>
        {preview.data ? <DraftTable draft={preview.data} /> : <Skeleton lines={5} height={200} />}
        <Refusal error={preview.error ?? issue.error} />
      </div>
    </Dialog>
  );
}
