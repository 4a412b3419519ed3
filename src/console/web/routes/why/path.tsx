import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { Money } from '../../components/figures.tsx';
import { EmptyState } from '../../components/states.tsx';
import { labelOfKey } from '../../report/report-key.ts';
import type { Why } from './answer.ts';
import { DriverName } from './names.tsx';
import { wordOfKey } from './question.ts';

/** From the whole to whoever stands out, step by step. */
export function DrillPath({ why, busy }: { readonly why: Why; readonly busy: boolean }): ReactElement {
  return (
    <Card title="Down to" note="the largest driver of the largest driver" busy={busy}>
      {why.Path.length === 0 ? (
        <EmptyState title="Nobody stands out" icon="same">
          No value of any key makes up a third of the difference.
        </EmptyState>
      ) : (
        <ol className="why-path">
          {why.Path.map(({ Key: key, Value: value, ChangeUsd: change, Share: share }) => {
            const word = wordOfKey(key!);
            return (
              <li key={word}>
                <span className="small faint">{labelOfKey(word)}</span>
                <DriverName word={word} value={value} />
                <span className="why-step">
                  {change.startsWith('-') ? '' : '+'}
                  <Money usd={change} />
                  {share !== undefined && <span className="small faint"> {share} of the step before</span>}
                </span>
              </li>
            );
          })}
        </ol>
      )}
    </Card>
  );
}
