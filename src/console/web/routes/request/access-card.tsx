import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { EmptyState } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import { sentence } from '../../format/sentence.ts';
import type { RequestAccess } from './request-detail.ts';

const LAYERS: Readonly<Record<string, string>> = {
  serviceControl: 'the organization’s limits',
  identity: 'the caller’s own policies',
  boundary: 'the permissions boundary',
  session: 'the session’s policies',
  resource: 'the resource’s policy',
};

/** Every statement once: those of the organization hold at each of its levels. */
function statementsOf({ Layers: layers }: RequestAccess['Permissions'][number]) {
  const all = layers.flatMap(({ Layer: layer, Statements: statements }) =>
    statements.map((statement) => ({ layer, statement })),
  );
  const groups = Map.groupBy(all, ({ layer, statement }) => `${layer} ${statement.PolicyId} ${statement.StatementId}`);
  return [...groups.values()].map((group) => ({ ...group[0]!, levels: group.length }));
}

/** Which statements allow the call: what was decided then is not on record, so today's policies are asked. */
export function AccessCard({ access }: { readonly access: RequestAccess }): ReactElement {
  return (
    <Card
      title="Why it was allowed"
      note={
        <>
          by the policies of <TimeText at={access.EvaluatedAt} />, asked again
        </>
      }
    >
      {access.Reason !== undefined ? (
        <EmptyState title="This cannot be asked again" icon="key">
          {sentence(access.Reason)}
        </EmptyState>
      ) : (
        <ul className="permissions">
          {access.Permissions.map((permission) => (
            <li key={`${permission.Action} ${permission.Resource}`}>
              <div className="row">
                <span className={`chip ${permission.Decision === 'allowed' ? 'chip-good' : 'chip-bad'}`}>
                  {permission.Decision === 'allowed' ? 'allowed' : 'would be denied today'}
                </span>
                <span className="mono small">{permission.Action}</span>
              </div>
              <div className="mono small soft">on {permission.Resource}</div>
              {permission.Message !== undefined && <p className="small">{permission.Message}</p>}
              <ul className="statements">
                {statementsOf(permission).map(({ layer, statement, levels }) => (
                  <li key={`${layer} ${statement.PolicyId} ${statement.StatementId}`} className="small">
                    <b>{statement.Effect}</b> by <span className="mono">{statement.StatementId}</span> of{' '}
                    <span className="mono">{statement.PolicyId}</span>{' '}
                    <span className="faint">
                      ({LAYERS[layer] ?? layer}
                      {levels > 1 && `, at ${levels} levels`})
                    </span>
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
