import type { ReactElement } from 'react';
import { Count, Delta, Money, Share } from '../../components/figures.tsx';
import { usePreferences } from '../../display/preferences.ts';
import { isZero } from '../../format/decimal.ts';
import { Calls } from '../../spend/calls.tsx';
import type { Answer, AnswerBefore } from './answer.ts';
import { figure } from './measures.ts';
import { nameOf } from './names.tsx';

/** The whole in one line: its figure, against the period before, and what of it has no tag or no price. */
export function Summary(props: {
  readonly answer: Answer;
  readonly before: AnswerBefore | undefined;
  readonly onUnallocated: () => void;
  readonly onUnpriced: () => void;
}): ReactElement {
  const { answer, before } = props;
  const { measure, view } = answer.question;
  const { currency } = usePreferences();
  const value = measure.of(answer.total);
  const then = before && measure.of(before.total);
  const unallocated = answer.groups.find(({ kind }) => kind === 'unallocated');
  const unpriced = answer.total.Unpriced ?? '0';
  return (
    <dl className="summary">
      <div>
        <dt>{measure.label}</dt>
        <dd className="stat-value" data-testid="total">
          {value === undefined ? (
            '–'
          ) : measure.unit === 'money' ? (
            <Money usd={value} />
          ) : (
            figure(measure, value, currency)
          )}
        </dd>
      </div>
      {then !== undefined && value !== undefined && (
        <div>
          <dt>Period before</dt>
          <dd>
            {figure(measure, then, currency)}{' '}
            <Delta now={value} before={then} {...(measure.unit === 'money' && { good: 'down' as const })} />
          </dd>
        </div>
      )}
      {measure.word !== 'cost' && (
        <div>
          <dt>Cost</dt>
          <dd>
            <Money usd={answer.total.CostUsd ?? '0'} />
          </dd>
        </div>
      )}
      {measure.word !== 'tokens' && (
        <div>
          <dt>Tokens</dt>
          <dd>
            <Count value={answer.total.Tokens ?? '0'} short />
          </dd>
        </div>
      )}
      {measure.word !== 'requests' && (
        <div>
          <dt>Requests</dt>
          <dd>
            <Calls value={answer.total.Requests ?? '0'} book={view.book} />
          </dd>
        </div>
      )}
      {unallocated && (
        <div>
          <dt>{nameOf(unallocated, view.by)}</dt>
          <dd>
            <button type="button" className="chip chip-warn" onClick={props.onUnallocated}>
              {measure.adds && value !== undefined ? (
                <Share part={measure.of(unallocated.sums) ?? '0'} whole={value} />
              ) : (
                figure(measure, measure.of(unallocated.sums) ?? '0', currency)
              )}
            </button>
          </dd>
        </div>
      )}
      {!isZero(unpriced) && (
        <div>
          <dt>unpriced</dt>
          <dd>
            <button
              type="button"
              className="chip chip-bad"
              title="Used, but without a known price: in no cost above"
              onClick={props.onUnpriced}
            >
              <Count value={unpriced} short />
            </button>
          </dd>
        </div>
      )}
    </dl>
  );
}
