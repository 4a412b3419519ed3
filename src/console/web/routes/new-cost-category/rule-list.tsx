import type { ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Segmented } from '../../components/select.tsx';
import { ConditionRow, type KnownKeys } from './condition-row.tsx';
import { emptyCondition, emptyMatch, type MatchDraft, newDraftId, type RuleDraft, wordsOf } from './rule-draft.ts';

/** Rules in their order: the first that matches gives the value. */
export function RuleList(props: {
  readonly rules: readonly RuleDraft[];
  readonly known: KnownKeys;
  readonly onChange: (rules: readonly RuleDraft[]) => void;
}): ReactElement {
  const { rules, known, onChange } = props;
  const replace = (rule: RuleDraft) => onChange(rules.map((one) => (one.id === rule.id ? rule : one)));
  const move = (index: number, by: number) => {
    const next = [...rules];
    const [moved] = next.splice(index, 1);
    next.splice(index + by, 0, moved!);
    onChange(next);
  };
  return (
    <div className="stack">
      <ol className="rule-list">
        {rules.map((rule, index) => (
          <li key={rule.id} className="rule">
            <div className="row spread">
              <b className="faint">{`Rule ${index + 1}`}</b>
              <span className="row">
                {index > 0 && (
                  <Button
                    look="ghost"
                    small
                    icon="up"
                    aria-label={`Move rule ${index + 1} up`}
                    onClick={() => move(index, -1)}
                  />
                )}
                {index < rules.length - 1 && (
                  <Button
                    look="ghost"
                    small
                    icon="down"
                    aria-label={`Move rule ${index + 1} down`}
                    onClick={() => move(index, 1)}
                  />
                )}
                <Button
                  look="ghost"
                  small
                  icon="close"
                  aria-label={`Remove rule ${index + 1}`}
                  onClick={() => onChange(rules.filter((one) => one !== rule))}
                />
              </span>
            </div>
            {rule.kind === 'match' && <MatchRule rule={rule} known={known} onChange={replace} />}
            {rule.kind === 'inherit' && (
              <Field label="The value of this tag becomes the value here" hint="Empty: the name of the account.">
                <input
                  value={rule.tagKey}
                  onChange={(event) => replace({ ...rule, tagKey: event.target.value })}
                  placeholder="iamPrincipal/team"
                  autoComplete="off"
                />
              </Field>
            )}
            {rule.kind === 'raw' && (
              <p className="soft">
                <b>{rule.rule.Value}</b> when <code>{wordsOf(rule)}</code>. Change it as JSON.
              </p>
            )}
          </li>
        ))}
      </ol>
      <div className="row">
        <Button icon="plus" onClick={() => onChange([...rules, emptyMatch()])}>
          Add a rule
        </Button>
        <Button icon="plus" onClick={() => onChange([...rules, { kind: 'inherit', id: newDraftId(), tagKey: '' }])}>
          Take over the values of a tag
        </Button>
      </div>
    </div>
  );
}

function MatchRule(props: {
  readonly rule: MatchDraft;
  readonly known: KnownKeys;
  readonly onChange: (rule: MatchDraft) => void;
}): ReactElement {
  const { rule, known, onChange } = props;
  return (
    <>
      <Field label="Value">
        <input
          value={rule.value}
          onChange={(event) => onChange({ ...rule, value: event.target.value })}
          placeholder="Shop search"
          autoComplete="off"
        />
      </Field>
      {rule.conditions.length > 1 && (
        <div className="row">
          <span className="soft small">when</span>
          <Segmented
            label="How conditions are joined"
            value={rule.joined}
            options={[
              { value: 'And', label: 'all hold' },
              { value: 'Or', label: 'one holds' },
            ]}
            onChange={(joined) => onChange({ ...rule, joined })}
          />
        </div>
      )}
      {rule.conditions.map((condition) => (
        <ConditionRow
          key={condition.id}
          condition={condition}
          known={known}
          onChange={(next) =>
            onChange({ ...rule, conditions: rule.conditions.map((one) => (one.id === next.id ? next : one)) })
          }
          {...(rule.conditions.length > 1 && {
            onRemove: () => onChange({ ...rule, conditions: rule.conditions.filter((one) => one !== condition) }),
          })}
        />
      ))}
      <div>
        <Button
          small
          look="ghost"
          icon="plus"
          onClick={() => onChange({ ...rule, conditions: [...rule.conditions, emptyCondition()] })}
        >
          Add a condition
        </Button>
      </div>
    </>
  );
}
