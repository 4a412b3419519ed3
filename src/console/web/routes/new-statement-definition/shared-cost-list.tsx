import type { ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Combobox } from '../../components/combobox.tsx';
import { Select } from '../../components/select.tsx';
import type { WireSharedCost } from '../statements/statement-calls.ts';

const RULES = [
  { value: 'cost', label: 'in proportion to direct cost' },
  { value: 'even', label: 'in equal parts' },
  { value: 'tokens', label: 'in proportion to tokens' },
  { value: 'requests', label: 'in proportion to requests' },
  { value: 'fixed', label: 'by fixed percentages' },
] as const;

const CHARGES = ['Fee', 'Tax', 'Credit', 'Refund', 'Discount'].map((value) => ({
  value: `charge:${value}`,
  label: `all charges of type ${value}`,
}));

/** What others bear, and by which rule. */
export function SharedCostList(props: {
  readonly sharedCosts: readonly WireSharedCost[];
  /** Of the key, in the month that is previewed. */
  readonly values: readonly string[];
  /** Names of business metrics that are kept by the key. */
  readonly metrics: readonly string[];
  readonly onChange: (sharedCosts: readonly WireSharedCost[]) => void;
}): ReactElement {
  const { sharedCosts, values, metrics, onChange } = props;
  const rules = [...RULES, ...metrics.map((name) => ({ value: `metric:${name}`, label: `in proportion to ${name}` }))];
  const sources = sharedCosts.flatMap(({ Values }) => Values);
  const free = values.filter((value) => !sources.includes(value) && value !== '');
  const replace = (index: number, next: WireSharedCost) =>
    onChange(sharedCosts.map((one, at) => (at === index ? next : one)));
  return (
    <div className="stack">
      {sharedCosts.map((shared, index) => (
        <div key={index} className="shared-cost">
          <div className="row">
            <label className="labelled">
              <span className="only-read-aloud">Name of the shared cost</span>
              <input
                className="input"
                value={shared.Name}
                onChange={(event) => replace(index, { ...shared, Name: event.target.value })}
              />
            </label>
            <Combobox
              label="What is shared"
              button={{ icon: 'plus', children: sourceText(shared) || 'What is shared' }}
              options={[
                ...values.map((value) => ({ value: `value:${value}`, label: value || 'no value' })),
                ...CHARGES,
              ]}
              value={[...shared.Values.map((one) => `value:${one}`), ...shared.Charges.map((one) => `charge:${one}`)]}
              onChange={(chosen) => replace(index, { ...shared, ...sourcesIn(chosen) })}
            />
            <Select
              label="Rule"
              labelHidden
              value={shared.Metric === undefined ? shared.Rule : `metric:${shared.Metric}`}
              options={rules}
              onChange={(rule) => replace(index, withRule(shared, rule, free))}
            />
            <Button
              look="ghost"
              small
              icon="close"
              aria-label={`Remove ${shared.Name}`}
              onClick={() => onChange(sharedCosts.filter((one) => one !== shared))}
            />
          </div>
          {shared.Rule === 'fixed' && (
            <div className="row">
              {(shared.Among ?? []).map((value, at) => (
                <label key={value} className="labelled">
                  <span>{value}</span>
                  <input
                    className="input shared-percentage"
                    inputMode="decimal"
                    value={shared.Percentages?.[at] ?? ''}
                    onChange={(event) => replace(index, withPercentage(shared, at, event.target.value))}
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
          onClick={() =>
            onChange([...sharedCosts, { Name: freeName(sharedCosts), Values: [], Charges: [], Rule: 'cost' }])
          }
        >
          Share a cost
        </Button>
      </div>
    </div>
  );
}

function sourceText({ Values, Charges }: WireSharedCost): string {
  return [...Values.map((value) => value || 'no value'), ...Charges].join(', ');
}

function sourcesIn(chosen: readonly string[]): Pick<WireSharedCost, 'Values' | 'Charges'> {
  const of = (kind: string) =>
    chosen.filter((one) => one.startsWith(`${kind}:`)).map((one) => one.slice(kind.length + 1));
  return { Values: of('value'), Charges: of('charge') };
}

/** Fixed percentages begin equal, with what is left over on the first. */
function withRule({ Name, Values, Charges }: WireSharedCost, rule: string, among: readonly string[]): WireSharedCost {
  const [, Metric] = /^metric:(.+)$/.exec(rule) ?? [];
  if (Metric !== undefined) return { Name, Values, Charges, Rule: 'metric', Metric };
  const shared = { Name, Values, Charges, Rule: rule as WireSharedCost['Rule'] };
  if (rule !== 'fixed') return shared;
  const each = among.length === 0 ? 0 : Math.floor(100 / among.length);
  const first = 100 - each * (among.length - 1);
  return { ...shared, Among: among, Percentages: among.map((_, at) => String(at === 0 ? first : each)) };
}

function withPercentage(shared: WireSharedCost, at: number, text: string): WireSharedCost {
  return { ...shared, Percentages: (shared.Percentages ?? []).map((one, index) => (index === at ? text : one)) };
}

function freeName(sharedCosts: readonly WireSharedCost[]): string {
  const names = new Set(sharedCosts.map(({ Name }) => Name));
  let ordinal = sharedCosts.length + 1;
  while (names.has(`Shared ${ordinal}`)) ordinal += 1;
  return sharedCosts.length === 0 ? 'Shared costs' : `Shared ${ordinal}`;
}
