import { type ReactElement, useState } from 'react';
import { useMay } from '../../api/session.ts';
import { useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field, Refusal } from '../../components/field.tsx';
import { TimeText } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import { STATEMENT_ANSWERS, type StatementAnswer, type StatementState } from '../statements/statement-calls.ts';

const LOOKS = {
  SENT: ['chip-good', 'Sent'],
  PENDING: ['chip-warn', 'Under way'],
  FAILED: ['chip-bad', 'Given up'],
  FORGOTTEN: ['', 'No longer on record'],
} as const;

/** To whom the statement went, and what came of it. */
export function Deliveries(props: {
  readonly statement: Pick<StatementAnswer['Statement'], 'Number'>;
  readonly state: StatementState;
  readonly isLatest: boolean;
}): ReactElement {
  const { statement, state, isLatest } = props;
  const may = useMay('tallyline:SendStatement');
  const [isSending, setSending] = useState(false);
  return (
    <Card
      title="Sent to"
      actions={
        isLatest &&
        state.Status !== 'VOIDED' && (
          <Button small icon="export" disabled={!may('tallyline:SendStatement')} onClick={() => setSending(true)}>
            Send
          </Button>
        )
      }
    >
      {state.Deliveries.length === 0 && <p className="soft">Nobody yet.</p>}
      <ul className="stack">
        {state.Deliveries.map(({ Address, Version, At, NoticeId, Status, Failure }) => (
          <li key={NoticeId}>
            <span className="row spread">
              <span className="statement-address">{Address}</span>
              <span className={`chip ${LOOKS[Status][0]}`}>{LOOKS[Status][1]}</span>
            </span>
            <span className="faint small">
              version {Version}, <TimeText at={At} show="minute" />
            </span>
            {Failure !== undefined && <p className="field-error">{Failure}</p>}
          </li>
        ))}
      </ul>
      {isSending && <SendDialog number={statement.Number} onClose={() => setSending(false)} />}
    </Card>
  );
}

function SendDialog({ number, onClose }: { readonly number: string; readonly onClose: () => void }): ReactElement {
  const [typed, setTyped] = useState('');
  const [isAgain, setAgain] = useState(false);
  const send = useChange<object>('tallyline', 'SendStatement', ...STATEMENT_ANSWERS);
  const addresses = typed.split(/[\s,;]+/).filter(Boolean);
  const submit = () =>
    send.mutate(
      {
        ...{ Number: number, Again: isAgain },
        ...(addresses.length > 0 && {
          Recipients: addresses.map((Address) => ({ Type: Address.startsWith('arn:') ? 'SNS' : 'EMAIL', Address })),
        }),
      },
      {
        onSuccess: () => {
          toast(`${number} is on its way`);
          onClose();
        },
      },
    );
  return (
    <Dialog
      title={`Send ${number}`}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={send.isPending} onClick={submit}>
            Send
          </Button>
        </>
      }
    >
      <div className="stack">
        <Field label="To" hint="Mail addresses, or topics of web hooks. Empty: the recipients of the definition.">
          <input value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" />
        </Field>
        <label className="row">
          <input type="checkbox" checked={isAgain} onChange={(event) => setAgain(event.target.checked)} />
          <span>Also to those who have it</span>
        </label>
        <Refusal error={send.error} />
      </div>
    </Dialog>
  );
}
