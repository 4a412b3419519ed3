import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { Money } from '../../components/figures.tsx';
import { EmptyState } from '../../components/states.tsx';
import { add, isZero } from '../../format/decimal.ts';
import type { Suggestion, Why } from './answer.ts';

/** What would have cost less in the later period, with what that rests on. */
export function Suggestions({ why, busy }: { readonly why: Why; readonly busy: boolean }): ReactElement {
  const { Suggestions: suggestions } = why;
  const like = suggestions.filter(({ IsWhatIf }) => !IsWhatIf);
  return (
    <Card
      title="Could have cost less"
      note={
        like.length > 0 && (
          <>
            <Money usd={add('0', ...like.map(({ AddsUsd }) => AddsUsd))} /> in all, nothing counted twice
          </>
        )
      }
      flush
      busy={busy}
    >
      {suggestions.length === 0 ? (
        <EmptyState title="Nothing to suggest" icon="check">
          No cheaper way is known for what was used, at the prices in force.
        </EmptyState>
      ) : (
        <ol className="why-suggestions">
          {suggestions.map((suggestion) => (
            <SuggestionLine key={`${suggestion.Kind} ${suggestion.Sentence}`} suggestion={suggestion} />
          ))}
        </ol>
      )}
    </Card>
  );
}

function SuggestionLine({ suggestion }: { readonly suggestion: Suggestion }): ReactElement {
  const {
    Sentence: sentence,
    SavingUsd: saving,
    AddsUsd: adds,
    Assumption: assumption,
    IsWhatIf: isWhatIf,
  } = suggestion;
  return (
    <li className="why-suggestion">
      <b className="why-saving">
        −<Money usd={saving} />
      </b>
      <span>
        {sentence} {isWhatIf && <span className="chip chip-warn">what if</span>}{' '}
        {adds !== saving && (
          <span className="chip">
            {isZero(adds) ? (
              'instead of what is above'
            ) : (
              <>
                <Money usd={adds} /> beside what is above
              </>
            )}
          </span>
        )}
        <span className="small soft why-assumption">if {assumption}</span>
      </span>
    </li>
  );
}
