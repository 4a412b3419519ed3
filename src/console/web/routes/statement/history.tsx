import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { shortName } from '../../components/name-badge.tsx';
import { TimeText } from '../../components/time.tsx';
import type { StatementState } from '../statements/statement-calls.ts';
import { StatusChip } from '../statements/status-chip.tsx';

/** What became of the number, newest first. */
export function History({ state }: { readonly state: StatementState }): ReactElement {
  return (
    <Card title="State" actions={<StatusChip status={state.Status} />}>
      <ol className="stack statement-events">
        {state.Events.toReversed().map(({ Status, Version, At, By, Reason }) => (
          <li key={`${Status} ${Version} ${At}`}>
            <span className="row">
              <StatusChip status={Status} />
              <span className="soft small">version {Version}</span>
            </span>
            <span className="small" title={By}>
              {shortName(By)}, <TimeText at={At} show="minute" />
            </span>
            {Reason !== undefined && <q className="small">{Reason}</q>}
          </li>
        ))}
      </ol>
    </Card>
  );
}
