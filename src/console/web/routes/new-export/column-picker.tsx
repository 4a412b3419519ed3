import { type ReactElement, useState } from 'react';
import { Button } from '../../components/button.tsx';
import type { ExportColumn } from '../exports/export-calls.ts';
import { COLUMN_PRESETS, pickedBy } from './column-preset.ts';

/** The table's columns with what they mean; those that are picked go into the file, in the table's order. */
export function ColumnPicker(props: {
  readonly columns: readonly ExportColumn[];
  readonly picked: readonly string[];
  readonly onPick: (picked: readonly string[]) => void;
}): ReactElement {
  const { columns, picked, onPick } = props;
  const [typed, setTyped] = useState('');
  const chosen = new Set(picked);
  const wanted = typed.trim().toLowerCase();
  const shown = columns.filter(({ Name, Description = '' }) => `${Name} ${Description}`.toLowerCase().includes(wanted));
  const inOrder = (names: ReadonlySet<string>) => columns.map(({ Name }) => Name).filter((name) => names.has(name));
  const toggle = (name: string) => {
    const next = new Set(chosen);
    if (!next.delete(name)) next.add(name);
    onPick(inOrder(next));
  };
  return (
    <div className="stack">
      <div className="row">
        {COLUMN_PRESETS.map((preset) => (
          <Button key={preset.label} small title={preset.about} onClick={() => onPick(pickedBy(preset, columns))}>
            {preset.label}
          </Button>
        ))}
        <span className="faint small">{`${picked.length} of ${columns.length} columns`}</span>
      </div>
      <input
        className="input"
        type="search"
        placeholder="Find a column by its name or meaning"
        aria-label="Find a column"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className="column-list" role="group" aria-label="Columns" tabIndex={0}>
        {shown.map(({ Name, Type, Description }) => (
          <label key={Name} className="column-choice">
            <input type="checkbox" checked={chosen.has(Name)} onChange={() => toggle(Name)} />
            <span className="column-words">
              <span>
                <code>{Name}</code> <small className="faint">{Type}</small>
              </span>
              <small className="soft">{Description}</small>
            </span>
          </label>
        ))}
        {shown.length === 0 && <p className="faint column-choice">No column is like “{typed}”.</p>}
      </div>
    </div>
  );
}
