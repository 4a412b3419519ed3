import { type ReactElement, useMemo } from 'react';
import { Button } from '../../components/button.tsx';
import { Combobox, type Option } from '../../components/combobox.tsx';
import { Select } from '../../components/select.tsx';
import { type ConditionDraft, DIMENSIONS, type Matching, matchingWords } from './rule-draft.ts';
import { useValueOptions } from './value-options.ts';

const KINDS = [
  { value: 'Tags', label: 'Tag' },
  { value: 'Dimensions', label: 'Dimension' },
  { value: 'CostCategories', label: 'Cost category' },
] as const;

const MATCHINGS = (['EQUALS', 'STARTS_WITH', 'ENDS_WITH', 'CONTAINS', 'ABSENT'] as const).flatMap((matching) =>
  [false, true].map((isNegated) => ({
    value: `${isNegated ? '!' : ''}${matching}`,
    label: matchingWords(matching, isNegated),
  })),
);

export interface KnownKeys {
  readonly tags: readonly string[];
  readonly categories: readonly string[];
}

/** Of tags also what was typed: a key that no call has carried yet. */
function keyOptions(of: ConditionDraft['of'], known: KnownKeys) {
  if (of === 'Dimensions') return DIMENSIONS;
  if (of === 'CostCategories') return known.categories.map((value): Option => ({ value }));
  return async (typed: string): Promise<readonly Option[]> => {
    const wanted = typed.trim();
    const shown = known.tags.filter((key) => key.toLowerCase().includes(wanted.toLowerCase()));
    const isNew = wanted !== '' && !known.tags.includes(wanted);
    return [...shown.map((value) => ({ value })), ...(isNew ? [{ value: wanted, note: 'as typed' }] : [])];
  };
}

/** One comparison: of what, how, with which values. */
export function ConditionRow(props: {
  readonly condition: ConditionDraft;
  readonly known: KnownKeys;
  readonly onChange: (condition: ConditionDraft) => void;
  /** Absent: the only one. */
  readonly onRemove?: () => void;
}): ReactElement {
  const { condition, known, onChange, onRemove } = props;
  const { of, key, matching, isNegated, values } = condition;
  const options = useValueOptions(condition);
  const keys = useMemo(() => keyOptions(of, known), [of, known]);
  const keyLabel = of === 'Dimensions' ? DIMENSIONS.find(({ value }) => value === key)?.label : key;
  return (
    <div className="row condition">
      <Select
        label="Look at"
        labelHidden
        value={of}
        options={KINDS}
        onChange={(next) => onChange({ ...condition, of: next, key: '', values: [] })}
      />
      <Combobox
        label="Key"
        button={{ children: keyLabel || 'Choose a key', icon: 'search' }}
        options={keys}
        value={key === '' ? [] : [key]}
        single
        onChange={([next = '']) => onChange({ ...condition, key: next, values: [] })}
      />
      <Select
        label="How to compare"
        labelHidden
        value={`${isNegated ? '!' : ''}${matching}`}
        options={MATCHINGS}
        onChange={(next) =>
          onChange({ ...condition, isNegated: next.startsWith('!'), matching: next.replace('!', '') as Matching })
        }
      />
      {matching !== 'ABSENT' && (
        <>
          {values.map((value) => (
            <span key={value} className="chip">
              <span>{value}</span>
              <button
                type="button"
                aria-label={`Remove ${value}`}
                onClick={() => onChange({ ...condition, values: values.filter((one) => one !== value) })}
              >
                ×
              </button>
            </span>
          ))}
          <Combobox
            label="Values"
            button={{ icon: 'plus', small: true, children: values.length === 0 ? 'Add values' : 'More' }}
            options={options}
            value={values}
            onChange={(next) => onChange({ ...condition, values: next })}
          />
        </>
      )}
      {onRemove && <Button look="ghost" small icon="close" aria-label="Remove the condition" onClick={onRemove} />}
    </div>
  );
}
