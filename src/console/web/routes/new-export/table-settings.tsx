import type { ReactElement } from 'react';
import { Segmented } from '../../components/select.tsx';
import { type ExportableTable, isSwitch, PRINCIPAL_SWITCH, propertyLabel } from './table-property.ts';

/** The properties of a table, the principal switch first. */
export function TableSettings(props: {
  readonly table: ExportableTable;
  readonly values: Readonly<Record<string, string>>;
  readonly onChange: (values: Readonly<Record<string, string>>) => void;
}): ReactElement {
  const { table, values, onChange } = props;
  const all = (table.TableProperties ?? []).filter(({ ValidValues = [] }) => ValidValues.length > 0);
  const grain = all.find(({ Name }) => Name === 'TIME_GRANULARITY');
  const switches = all
    .filter(isSwitch)
    .sort((a, b) => Number(b.Name === PRINCIPAL_SWITCH) - Number(a.Name === PRINCIPAL_SWITCH));
  return (
    <div className="stack">
      {grain && (
        <div className="row">
          <span className="soft">{propertyLabel(grain.Name)}</span>
          <Segmented
            label={propertyLabel(grain.Name)}
            value={values[grain.Name] ?? ''}
            options={['HOURLY', 'DAILY', 'MONTHLY'].map((value) => ({ value, label: value.toLowerCase() }))}
            onChange={(value) => onChange({ ...values, [grain.Name]: value })}
          />
        </div>
      )}
      <div>
        {switches.map(({ Name, Description }) => (
          <label key={Name} className={`column-choice ${Name === PRINCIPAL_SWITCH ? 'principal-switch' : ''}`}>
            <input
              type="checkbox"
              checked={values[Name] === 'TRUE'}
              onChange={(event) => onChange({ ...values, [Name]: event.target.checked ? 'TRUE' : 'FALSE' })}
            />
            <span className="column-words">
              <span>
                {propertyLabel(Name)} <small className="faint mono">{Name}</small>
              </span>
              <small className="soft">{Description}</small>
            </span>
          </label>
        ))}
      </div>
    </div>
  );
}
