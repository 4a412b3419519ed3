import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { Card } from '../../components/card.tsx';
import { Count, Money } from '../../components/figures.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import type { PrincipalAnswer } from './principal-answer.ts';

/** The tags that the principal’s calls carry, and carried. */
export function TagsCard(props: {
  readonly answer: PrincipalAnswer | undefined;
  readonly error: ApiError | null;
  readonly onRetry: () => void;
}): ReactElement {
  const { answer, error } = props;
  return (
    <Card title="Tags over time" note="as its calls carried them">
      {error && !answer ? (
        <ErrorState error={error} onRetry={props.onRetry} />
      ) : !answer ? (
        <Skeleton lines={4} height={110} />
      ) : answer.TagHistory.every(({ Tags: tags }) => Object.keys(tags).length === 0) ? (
        <EmptyState title="It carries no tag" icon="tag" action={<Link to="/tags">See how to tag it</Link>}>
          Its spend belongs to no team, project or cost centre.
        </EmptyState>
      ) : (
        <ul className="reasons">
          {answer.TagHistory.map(({ Tags: tags, FirstAt: first, LastAt: last, Requests: calls, CostUsd: cost }) => (
            <li key={`${first} ${JSON.stringify(tags)}`} className="stack">
              <span className="row">
                {Object.entries(tags).map(([key, value]) => (
                  <span key={key} className="chip">
                    {key}: {value}
                  </span>
                ))}
                {Object.keys(tags).length === 0 && <span className="chip chip-warn">untagged</span>}
              </span>
              <span className="small faint">
                <TimeText at={first} show="date" zoneHidden /> to <TimeText at={last} show="date" zoneHidden /> ·{' '}
                <Count value={calls} /> calls · <Money usd={cost} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
