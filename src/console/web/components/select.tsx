import type { ReactElement } from 'react';
import { Icon } from './icon.tsx';

export interface Choice<Value extends string = string> {
  readonly value: Value;
  readonly label: string;
}

export function Select<Value extends string>(props: {
  readonly label: string;
  /** The label is read aloud, not shown. */
  readonly labelHidden?: boolean;
  readonly value: Value;
  readonly options: readonly Choice<Value>[];
  readonly onChange: (value: Value) => void;
}): ReactElement {
  return (
    <label className="labelled">
      <span className={props.labelHidden ? 'only-read-aloud' : ''}>{props.label}</span>
      <span className="select">
        <select value={props.value} onChange={(event) => props.onChange(event.target.value as Value)}>
          {props.options.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        <Icon name="down" size={14} />
      </span>
    </label>
  );
}

/** A few choices, all in sight. */
export function Segmented<Value extends string>(props: {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly Choice<Value>[];
  readonly onChange: (value: Value) => void;
}): ReactElement {
  return (
    <div className="segmented" role="group" aria-label={props.label}>
      {props.options.map(({ value, label }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === props.value}
          onClick={() => value !== props.value && props.onChange(value)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
