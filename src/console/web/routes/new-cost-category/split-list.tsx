import type { ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Combobox } from '../../components/combobox.tsx';
import { Select } from '../../components/select.tsx';
import type { SplitChargeRule } from '../cost-categories/category-calls.ts';

const METHODS = [
  { value: 'PROPORTIONAL', label: 'in proportion to their own cost' },
  { value: 'EVEN', label: 'in equal parts' },
  { value: 'FIXED', label: 'by fixed percentages' },
] as const;

/** Whose cost is shared out, to whom and how. */
export function SplitList(props: {
  readonly splits: readonly SplitChargeRule[];
  /** Of the rules, the default among them. */
  readonly values: readonly string[];
  readonly onChange: (splits: readonly SplitChargeRule[]) => void;
}): ReactElement {
  const { splits, values, onChange } = props;
  const replace = (index: number, split: SplitChargeRule) =>
    onChange(splits.map((one, at) => (at === index ? split : one)));
  return (
    <div className="stack">
      {splits.map((split, index) => (
        <div key={split.Source} className="rule">
          <div className="row">
            <span className="soft">The cost of</span>
            <Select
              label="Source"
              labelHidden
              value={split.Source}
              options={[...new Set([split.Source, ...values])].map((value) => ({ value, label: value || 'no value' }))}
              onChange={(Source) => replace(index, { ...split, Source })}
            />
            <span className="soft">goes to</span>
            <Combobox
              label="Targets"
              button={{
                icon: 'plus',
                children: split.Targets.length === 0 ? 'Choose targets' : split.Targets.join(', '),
              }}
              options={values.filter((value) => value !== split.Source).map((value) => ({ value }))}
              value={split.Targets}
              onChange={(Targets) => replace(index, withTargets(split, Targets))}
            />
            <Select
              label="Method"
              labelHidden
              value={split.Method}
              options={METHODS}
              onChange={(Method) => replace(index, withMethod(split, Method))}
            />
            <Button
              look="ghost"
              small
              icon="close"
              aria-label={`Remove the split of ${split.Source}`}
              onClick={() => onChange(splits.filter((one) => one !== split))}
            />
          </div>
          {split.Method === 'FIXED' && (
            <div className="row">
              {split.Targets.map((target, at) => (
                <label key={target} className="labelled">
                  <span>{target}</span>
                  <input
                    className="input percentage"
                    inputMode="decimal"
                    value={split.Parameters?.[0]?.Values[at] ?? ''}
                    onChange={(event) => replace(index, withPercentage(split, at, event.target.value))}
                  />
                  %
                </label>
              ))}
            </div>
          )}
        </div>
      ))}
      <div>
        <Button
          icon="plus"
          disabled={values.length < 2}
          onClick={() =>
            onChange([...splits, { Source: freeSource(splits, values), Targets: [], Method: 'PROPORTIONAL' }])
          }
        >
          Share out a value’s cost
        </Button>
      </div>
    </div>
  );
}

function freeSource(splits: readonly SplitChargeRule[], values: readonly string[]): string {
  return values.find((value) => !splits.some(({ Source }) => Source === value)) ?? '';
}

function withMethod({ Source, Targets }: SplitChargeRule, Method: SplitChargeRule['Method']): SplitChargeRule {
  return Method === 'FIXED' ? withTargets({ Source, Targets, Method }, Targets) : { Source, Targets, Method };
}

/** Percentages go with the targets, in their order. */
function withTargets(split: SplitChargeRule, Targets: readonly string[]): SplitChargeRule {
  if (split.Method !== 'FIXED') return { ...split, Targets };
  const before = new Map(split.Targets.map((target, at) => [target, split.Parameters?.[0]?.Values[at] ?? '']));
  const Values = Targets.map((target) => before.get(target) ?? '');
  return { ...split, Targets, Parameters: [{ Type: 'ALLOCATION_PERCENTAGES', Values }] };
}

function withPercentage(split: SplitChargeRule, at: number, text: string): SplitChargeRule {
  const Values = split.Targets.map((_, index) => (index === at ? text : (split.Parameters?.[0]?.Values[index] ?? '')));
  return { ...split, Parameters: [{ Type: 'ALLOCATION_PERCENTAGES', Values }] };
}
