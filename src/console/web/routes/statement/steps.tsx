import { type ReactElement, useState } from 'react';
import { useMay } from '../../api/session.ts';
import { useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { toast } from '../../components/toast.tsx';
import { sentence } from '../../format/sentence.ts';
import {
  STATEMENT_ANSWERS,
  type StatementAnswer,
  type StatementState,
  useStatementScope,
} from '../statements/statement-calls.ts';

type Step = StatementState['NextSteps'][number];

interface StepWords {
  readonly operation: string;
  /** Permission of a team's lead; absent: whoever issues does it. */
  readonly team?: string;
  readonly verb: string;
  readonly about: string;
  readonly done: string;
}

const STEPS: Readonly<Record<Step, StepWords>> = {
  APPROVE: {
    ...{ operation: 'ApproveStatement', team: 'ApproveTeamStatement', verb: 'Approve', done: 'Approved' },
    about: 'The amount is agreed.',
  },
  DISPUTE: {
    ...{ operation: 'DisputeStatement', team: 'DisputeTeamStatement', verb: 'Dispute', done: 'Disputed' },
    about: 'Whoever issues statements reads the reason and answers.',
  },
  RESOLVE: {
    ...{ operation: 'ResolveDispute', verb: 'Resolve the dispute', done: 'Resolved' },
    about: 'Say what came of it. The statement can be approved then, or disputed again.',
  },
  VOID: {
    ...{ operation: 'VoidStatement', verb: 'Void', done: 'Voided' },
    about: 'The number stays and counts no more. Its costs are on the month issued anew, or on the next month.',
  },
};

/** What can be done with the latest version now. */
export function Steps(props: {
  readonly statement: Pick<StatementAnswer['Statement'], 'Number' | 'Version'>;
  readonly state: StatementState;
}): ReactElement {
  const { statement, state } = props;
  const { Scope } = useStatementScope();
  const actionOf = ({ operation, team = operation }: StepWords) => `tallyline:${Scope === 'TEAM' ? team : operation}`;
  const may = useMay(...Object.values(STEPS).map(actionOf));
  const [asked, setAsked] = useState<Step>();
  const offered = state.NextSteps.filter((step) => may(actionOf(STEPS[step])));
  return (
    <>
      {offered.map((step) => (
        <Button
          key={step}
          look={step === 'APPROVE' ? 'primary' : step === 'VOID' ? 'danger' : 'plain'}
          onClick={() => setAsked(step)}
        >
          {STEPS[step].verb}
        </Button>
      ))}
      {asked && (
        <StepDialog
          words={STEPS[asked]}
          input={{ Scope, Number: statement.Number, Version: statement.Version }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  );
}

function StepDialog(props: {
  readonly words: StepWords;
  readonly input: { readonly Scope: 'ALL' | 'TEAM'; readonly Number: string; readonly Version: number };
  readonly onClose: () => void;
}): ReactElement {
  const { words, input, onClose } = props;
  const change = useChange<object>('tallyline', words.operation, ...STATEMENT_ANSWERS);
  const { Scope, ...rest } = input;
  const isReasoned = words.operation !== 'ApproveStatement';
  return (
    <ConfirmDialog
      title={`${words.verb} ${input.Number}`}
      verb={words.verb}
      {...(isReasoned && { reasonLabel: 'Reason' })}
      busy={change.isPending}
      error={change.error ? sentence(change.error.message) : undefined}
      onClose={onClose}
      onConfirm={(Reason) =>
        change.mutate(
          { ...rest, ...(words.team !== undefined && { Scope }), ...(isReasoned && { Reason }) },
          {
            onSuccess: () => {
              toast(`${words.done} ${input.Number}`);
              onClose();
            },
          },
        )
      }
    >
      {words.about}
    </ConfirmDialog>
  );
}
