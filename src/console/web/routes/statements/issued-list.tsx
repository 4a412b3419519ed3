import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useMay, useSession } from '../../api/session.ts';
import { useCall } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Money } from '../../components/figures.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import { IssueDialog } from './issue-dialog.tsx';
import { JournalButton } from './journal-button.tsx';
import { type KeptDefinition, keyTitle, type StatementSummary, useStatementScope } from './statement-calls.ts';
import { StatusChip } from './status-chip.tsx';

interface Listed {
  readonly Statements: readonly StatementSummary[];
}

/** Who gets statements of what, and all that were issued; a team's lead sees those of the team. */
export function IssuedList(): ReactElement {
  const scope = useStatementScope();
  const { Team } = useSession();
  const may = useMay('tallyline:ListStatementDefinitions', 'tallyline:IssueStatements');
  const list = useCall<Listed>('tallyline', 'ListStatements', { ...scope, MaxResults: 1_000 });
  const navigate = useNavigate();
  if (list.error) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Skeleton lines={9} height={380} />;
  return (
    <>
      {scope.Scope === 'ALL' && may('tallyline:ListStatementDefinitions') && <Definitions />}
      <Card
        title={scope.Scope === 'ALL' ? 'Statements' : `Statements of ${Team ?? 'your team'}`}
        note="numbered and kept; the latest version of each"
        flush
        busy={list.isPlaceholderData}
      >
        <DataTable
          label="Statements"
          rows={list.data.Statements}
          rowId={({ Number: number }) => number}
          onOpen={({ Number: number }) => void navigate({ to: '/statements/$id', params: { id: number } as never })}
          download="statements"
          empty={
            <EmptyState title="No statement was issued yet" icon="statement">
              {scope.Scope === 'ALL'
                ? 'Define who gets a statement of what, then issue a month that has ended.'
                : 'Whoever issues statements does so when a month has ended.'}
            </EmptyState>
          }
          columns={[
            {
              id: 'number',
              header: 'Number',
              text: ({ Number: number }) => number,
              cell: ({ Number: number, Version }) => (
                <Link to="/statements/$id" params={{ id: number } as never}>
                  {number}
                  {Version > 1 && <span className="faint"> v{Version}</span>}
                </Link>
              ),
            },
            { id: 'month', header: 'Month', text: ({ BillingPeriod }) => BillingPeriod },
            {
              id: 'value',
              header: 'For',
              text: ({ Title, Value }) => Title || Value,
              cell: ({ Title, Value }) => (
                <NameBadge name={Value} none="no value">
                  {Title}
                </NameBadge>
              ),
            },
            {
              id: 'total',
              header: 'Total',
              kind: 'number',
              text: ({ TotalAmount }) => TotalAmount,
              cell: ({ TotalAmount }) => <Money usd={TotalAmount} />,
            },
            {
              id: 'status',
              header: 'State',
              text: ({ Status }) => Status,
              cell: ({ Status }) => <StatusChip status={Status} />,
            },
            {
              id: 'corrections',
              header: 'Corrections',
              kind: 'number',
              text: ({ CorrectionsAmount }) => CorrectionsAmount,
              cell: ({ CorrectionsAmount }) => <Money usd={CorrectionsAmount} />,
            },
            { id: 'center', header: 'Cost center', text: ({ CostCenter }) => CostCenter },
            { id: 'definition', header: 'Definition', text: ({ DefinitionName }) => DefinitionName },
            {
              id: 'due',
              header: 'Due',
              text: ({ DueAt }) => String(DueAt),
              cell: ({ DueAt }) => <TimeText at={DueAt} show="date" zoneHidden />,
            },
          ]}
        />
      </Card>
    </>
  );
}

function Definitions(): ReactElement {
  const may = useMay('tallyline:CreateStatementDefinition', 'tallyline:IssueStatements');
  const [issuing, setIssuing] = useState<KeptDefinition>();
  const { data, error, refetch } = useCall<{ readonly StatementDefinitions: readonly KeptDefinition[] }>(
    'tallyline',
    'ListStatementDefinitions',
  );
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={3} height={140} />;
  return (
    <Card
      title="Definitions"
      note="who gets a statement of what, by which rules"
      flush
      actions={
        may('tallyline:CreateStatementDefinition') && (
          <Link className="button button-plain" to="/statements/new">
            Define statements
          </Link>
        )
      }
    >
      <DataTable
        label="Definitions"
        rows={data.StatementDefinitions}
        rowId={({ DefinitionId }) => DefinitionId}
        empty={
          <EmptyState title="Nobody gets statements yet" icon="statement">
            A definition says by which tag, cost category or account a bill is told, and who bears what is shared.
          </EmptyState>
        }
        columns={[
          {
            id: 'name',
            header: 'Name',
            text: ({ Name }) => Name,
            cell: ({ Name, DefinitionId }) => (
              <Link to="/statements/new" search={{ edit: DefinitionId } as never}>
                {Name}
              </Link>
            ),
          },
          { id: 'kind', header: 'Kind', text: ({ Kind }) => Kind },
          { id: 'key', header: 'By', text: ({ Key }) => keyTitle(Key) },
          { id: 'prefix', header: 'Numbers', text: ({ Prefix }) => `${Prefix}-…` },
          { id: 'latest', header: 'Latest month', text: ({ LatestPeriod }) => LatestPeriod ?? 'none issued' },
          {
            id: 'do',
            header: 'Issue',
            text: () => '',
            cell: (definition) => (
              <span className="row">
                <Button small disabled={!may('tallyline:IssueStatements')} onClick={() => setIssuing(definition)}>
                  Issue a month
                </Button>
                {definition.Kind === 'chargeback' && definition.LatestPeriod !== undefined && (
                  <JournalButton definition={definition} />
                )}
              </span>
            ),
          },
        ]}
      />
      {issuing && <IssueDialog definition={issuing} onClose={() => setIssuing(undefined)} />}
    </Card>
  );
}
