import { Link, useParams } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useCall } from '../api/use-call.ts';
import { Button } from '../components/button.tsx';
import { Page as Frame } from '../components/page.tsx';
import { Select } from '../components/select.tsx';
import { ErrorState, PartialNotice, Skeleton } from '../components/states.tsx';
import { toast } from '../components/toast.tsx';
import { type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { sentence } from '../format/sentence.ts';
import { Deliveries } from './statement/deliveries.tsx';
import { Differences } from './statement/differences.tsx';
import { History } from './statement/history.tsx';
import { StatementPaper } from './statement/statement-paper.tsx';
import { Steps } from './statement/steps.tsx';
import { downloadStatement, type StatementAnswer, useStatementScope } from './statements/statement-calls.ts';
import './statements/statements.css';

function parse(search: SearchParams) {
  return { version: textOf(search, 'version') };
}

/** One statement as it was issued: its paper, versions, what was decided, and to whom it went. */
export function Page(): ReactElement {
  const { id } = useParams({ strict: false }) as { readonly id: string };
  const scope = useStatementScope();
  const [{ version }, set] = useViewState(parse);
  const { data, error, refetch, isPlaceholderData } = useCall<StatementAnswer>('tallyline', 'GetStatement', {
    ...{ ...scope, Number: id, ...(version !== undefined && { Version: Number(version) }) },
  });
  if (error)
    return (
      <Frame title={`Statement ${id}`}>
        <ErrorState error={error} onRetry={() => void refetch()} />
      </Frame>
    );
  if (!data || isPlaceholderData)
    return (
      <Frame title={`Statement ${id}`}>
        <Skeleton lines={14} height={640} />
      </Frame>
    );
  const { Statement, State, Versions, Differences: differences } = data;
  const isLatest = Statement.Version === State.LatestVersion;
  return (
    <Frame
      title={`Statement ${id}`}
      heading={id}
      about={
        <Link className="text-button no-print" to="/statements">
          ← All statements
        </Link>
      }
      actions={
        <span className="row no-print">
          {(['PDF', 'CSV', 'JSON'] as const).map((format) => (
            <DownloadButton
              key={format}
              format={format}
              question={{ ...scope, Number: id, Version: Statement.Version }}
            />
          ))}
          {isLatest && <Steps statement={Statement} state={State} />}
        </span>
      }
      {...(Versions.length > 1 && {
        filters: (
          <Select
            label="Version"
            value={String(Statement.Version)}
            options={Versions.map(({ Version, TotalAmount }) => ({
              value: String(Version),
              label: `${Version}: ${TotalAmount} USD${Version === State.LatestVersion ? ', counts' : ''}`,
            }))}
            onChange={(next) => set({ version: next === String(State.LatestVersion) ? undefined : next })}
          />
        ),
      })}
    >
      {!isLatest && (
        <PartialNotice>
          Version {Statement.Version} was superseded: version {State.LatestVersion} counts.
        </PartialNotice>
      )}
      {State.Status === 'DISPUTED' && isLatest && (
        <PartialNotice look="bad">Disputed: {State.Events.at(-1)?.Reason}</PartialNotice>
      )}
      {State.Status === 'VOIDED' && (
        <PartialNotice look="bad">
          Voided: {State.Events.at(-1)?.Reason}. What it said is told by the month issued anew, or by the next.
        </PartialNotice>
      )}
      <div className="statement-columns">
        <StatementPaper statement={Statement} />
        <div className="stack no-print">
          <History state={State} />
          <Deliveries statement={Statement} state={State} isLatest={isLatest} />
          {differences && <Differences version={Statement.Version} differences={differences} />}
        </div>
      </div>
    </Frame>
  );
}

function DownloadButton(props: {
  readonly format: 'PDF' | 'CSV' | 'JSON';
  readonly question: Parameters<typeof downloadStatement>[0];
}): ReactElement {
  const { format, question } = props;
  const [isBusy, setBusy] = useState(false);
  const download = () => {
    setBusy(true);
    downloadStatement(question, format)
      .catch((error: Error) => toast(sentence(error.message), 'bad'))
      .finally(() => setBusy(false));
  };
  return (
    <Button icon="export" busy={isBusy} onClick={download}>
      {format}
    </Button>
  );
}
