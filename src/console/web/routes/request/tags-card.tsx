import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { EmptyState } from '../../components/states.tsx';
import type { RequestTag } from './request-detail.ts';

const ORIGINS: Readonly<Record<string, string>> = {
  user: 'of the user',
  role: 'of the role',
  session: 'passed with the session',
  gatewayKey: 'of the gateway key',
  inferenceProfile: 'of the inference profile',
  account: 'of the account',
};

/** The tags at the call, where each came from, and whether bills show it. */
export function TagsCard({ tags }: { readonly tags: readonly RequestTag[] }): ReactElement {
  return (
    <Card title="Tags in force" note="at the call">
      {tags.length === 0 ? (
        <EmptyState title="It carried no tag" icon="tag" action={<Link to="/tags">See what is untagged</Link>}>
          Neither the caller nor the inference profile nor the account had one.
        </EmptyState>
      ) : (
        <dl className="facts">
          {tags.map(({ Key: key, Value: value, Origin: origin, TagKey: tagKey, IsShown: shown }) => (
            <div key={tagKey} className="facts-row">
              <dt>{key}</dt>
              <dd>
                <b>{value || '(empty)'}</b> <span className="faint small">{ORIGINS[origin] ?? origin}</span>{' '}
                {!shown && (
                  <span className="chip" title={`The cost allocation tag ${tagKey} was not active at the call`}>
                    not in bills
                  </span>
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}
