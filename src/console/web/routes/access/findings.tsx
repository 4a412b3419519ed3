import type { ReactElement } from 'react';
import { useCall } from '../../api/use-call.ts';
import { Card, Stat } from '../../components/card.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { shortName } from '../../components/name-badge.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { sentence } from '../../format/sentence.ts';

interface Finding {
  readonly Kind: string;
  readonly Severity: 'high' | 'medium' | 'low';
  readonly SubjectArn: string;
  readonly StatementId?: string;
  readonly Risk: string;
  readonly Fix: string;
}

interface Findings {
  readonly Findings: readonly Finding[];
  readonly High?: number;
  readonly Medium?: number;
  readonly Low?: number;
}

const CHIPS = { high: 'chip chip-bad', medium: 'chip chip-warn', low: 'chip' } as const;
const ORDER = { high: 0, medium: 1, low: 2 } as const;

/** What lets somebody put cost on somebody else, or call without a name on the bill, and the command that ends it. */
export function Findings(): ReactElement {
  const found = useCall<Findings>('tallyline', 'GetAttributionFindings');
  if (found.error) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton lines={10} height={480} />;
  const { High = 0, Medium = 0, Low = 0 } = found.data;
  return (
    <>
      <div className="grid-4">
        <Stat label="High" value={String(High)} note="cost can be moved to others" />
        <Stat label="Medium" value={String(Medium)} />
        <Stat label="Low" value={String(Low)} />
      </div>
      <Card flush title="Findings" note="the same as tallyline doctor attribution">
        <DataTable
          label="Findings"
          rows={found.data.Findings.toSorted((a, b) => ORDER[a.Severity] - ORDER[b.Severity])}
          rowId={({ Kind, SubjectArn, StatementId, Risk }) => `${Kind} ${SubjectArn} ${StatementId} ${Risk}`}
          download="findings"
          columns={[
            {
              id: 'severity',
              header: 'Severity',
              text: ({ Severity }) => Severity,
              cell: ({ Severity }) => <span className={CHIPS[Severity]}>{Severity}</span>,
            },
            {
              id: 'subject',
              header: 'Where',
              text: ({ SubjectArn }) => SubjectArn,
              cell: ({ SubjectArn }) => <span title={SubjectArn}>{shortName(SubjectArn)}</span>,
            },
            { id: 'risk', header: 'What can happen', wrap: true, text: ({ Risk }) => sentence(Risk) },
            {
              id: 'fix',
              header: 'What ends it',
              wrap: true,
              text: ({ Fix }) => Fix,
              cell: ({ Fix }) => <Remedy fix={Fix} />,
            },
          ]}
          empty={
            <EmptyState title="Nothing was found" icon="check">
              Every role pins the names and tags of its sessions.
            </EmptyState>
          }
        />
      </Card>
    </>
  );
}

/** The sentence, and its commands for the clipboard. */
function Remedy({ fix }: { readonly fix: string }): ReactElement {
  const commands = [...fix.matchAll(/`([^`]+)`/g)].map(([, command]) => command!);
  return (
    <div className="stack">
      <span className="small">{sentence(fix)}</span>
      {commands.length > 0 && (
        <CopyButton text={commands.join('\n')} what="Commands">
          Copy commands
        </CopyButton>
      )}
    </div>
  );
}
