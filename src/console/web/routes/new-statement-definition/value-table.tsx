import type { ReactElement } from 'react';
import type { DefinitionDraft, ValueDraft } from './definition-draft.ts';

const FIELDS = [
  ['title', 'Name on paper'],
  ['costCenter', 'Cost center'],
  ['debitAccount', 'Debit account'],
  ['recipients', 'Recipients'],
] as const;

/** What is known of each value: all of it may stay empty. */
export function ValueTable(props: {
  readonly draft: Pick<DefinitionDraft, 'values' | 'kind'>;
  /** Of the key, in the month that is previewed. */
  readonly found: readonly string[];
  readonly onChange: (values: readonly ValueDraft[]) => void;
}): ReactElement {
  const { draft, found, onChange } = props;
  const known = draft.values.map(({ value }) => value);
  const all = [...new Set([...found, ...known])];
  const fields = FIELDS.filter(([name]) => name !== 'debitAccount' || draft.kind === 'chargeback');
  const detailsOf = (value: string): ValueDraft =>
    draft.values.find((one) => one.value === value) ?? {
      ...{ value, title: '', costCenter: '', debitAccount: '', recipients: '' },
    };
  const set = (value: string, change: Partial<ValueDraft>) =>
    onChange([...draft.values.filter((one) => one.value !== value), { ...detailsOf(value), ...change }]);
  if (all.length === 0) return <p className="soft">Nobody is on the bill of that month.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <section className="value-table" aria-label="Values" tabIndex={0}>
      <table className="paper-table">
        <caption className="only-read-aloud">Values and who gets their statements</caption>
        <thead>
          <tr>
            <th scope="col">Value</th>
            {fields.map(([name, label]) => (
              <th scope="col" key={name}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {all.map((value) => (
            <tr key={value}>
              <th scope="row">{value || 'no value'}</th>
              {fields.map(([name, label]) => (
                <td key={name}>
                  <input
                    className="input"
                    aria-label={`${label} of ${value || 'no value'}`}
                    autoComplete="off"
                    value={detailsOf(value)[name]}
                    onChange={(event) => set(value, { [name]: event.target.value })}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
