import { type KeyboardEvent, type ReactElement, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { ButtonProps } from './button.tsx';
import { Icon } from './icon.tsx';
import { onListKey } from './list-keys.ts';
import { Popover } from './popover.tsx';
import { Segmented } from './select.tsx';

export interface Option {
  readonly value: string;
  /** Absent: the value. */
  readonly label?: string;
  /** To the right, faint: an amount, a kind. */
  readonly note?: ReactNode;
}

export interface ComboboxProps {
  /** What is chosen: `Principal`. Read aloud, and the placeholder of the search. */
  readonly label: string;
  readonly button: ButtonProps;
  /** All of them, or what finds them by what was typed. */
  readonly options: readonly Option[] | ((typed: string, signal: AbortSignal) => Promise<readonly Option[]>);
  readonly value: readonly string[];
  /** Absent: several may be chosen, and the list stays open. */
  readonly single?: boolean;
  /** Shows the choice between including and excluding what is chosen. */
  readonly mode?: 'include' | 'exclude';
  readonly onChange: (value: readonly string[], mode: 'include' | 'exclude') => void;
  readonly openSignal?: number;
  readonly side?: 'left' | 'right';
}

const MAX_SHOWN = 200;

/** A button that opens a list with a search in it. Arrows move, Enter chooses, Escape closes. */
export function Combobox(props: ComboboxProps): ReactElement {
  const { openSignal, side } = props;
  return (
    <Popover
      label={props.label}
      button={props.button}
      {...(openSignal !== undefined && { openSignal })}
      {...(side && { side })}
    >
      {(close) => <OptionList {...props} onChosen={close} />}
    </Popover>
  );
}

/** The list of a Combobox on its own, for popovers that hold more. */
export function OptionList(props: Omit<ComboboxProps, 'button'> & { readonly onChosen: () => void }): ReactElement {
  const { options, value, single, mode = 'include' } = props;
  const id = useId();
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const found = useFound(options, typed);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // On a phone the keyboard would cover the list.
    if (!matchMedia('(pointer: coarse)').matches) field.current?.focus();
  }, []);
  const shown = found?.slice(0, MAX_SHOWN) ?? [];

  const choose = (option: Option) => {
    if (single) {
      props.onChange([option.value], mode);
      props.onChosen();
    } else {
      const without = value.filter((one) => one !== option.value);
      props.onChange(without.length < value.length ? without : [...value, option.value], mode);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => onListKey(event, { id, items: shown, active, setActive, choose });

  return (
    <div className="stack">
      {props.mode && (
        <Segmented
          label="What to do with the chosen"
          value={mode}
          options={[
            { value: 'include', label: 'Only these' },
            { value: 'exclude', label: 'All but these' },
          ]}
          onChange={(next) => props.onChange(value, next)}
        />
      )}
      <input
        ref={field}
        className="input"
        role="combobox"
        aria-label={props.label}
        aria-expanded="true"
        aria-controls={`${id}list`}
        aria-activedescendant={shown[active] ? `${id}${active}` : undefined}
        placeholder={`Search ${props.label.toLowerCase()}`}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        className="menu-list"
        role="listbox"
        id={`${id}list`}
        aria-label={props.label}
        aria-multiselectable={!single}
      >
        {shown.map((option, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the search field's
          <div
            key={option.value}
            id={`${id}${index}`}
            className="menu-item"
            role="option"
            tabIndex={-1}
            aria-selected={value.includes(option.value)}
            data-active={index === active}
            onClick={() => choose(option)}
          >
            <span className="grow" title={option.value}>
              {option.label ?? option.value}
            </span>
            {option.note !== undefined && <span className="faint small">{option.note}</span>}
            {value.includes(option.value) && <Icon name="check" size={14} />}
          </div>
        ))}
        {found?.length === 0 && <div className="menu-title">Nothing found</div>}
        {found === undefined && <div className="menu-title">Searching …</div>}
        {found && found.length > MAX_SHOWN && <div className="menu-title">Type to see more</div>}
      </div>
    </div>
  );
}

/** Undefined: not known yet. */
function useFound(options: ComboboxProps['options'], typed: string): readonly Option[] | undefined {
  const [loaded, setLoaded] = useState<readonly Option[]>();
  useEffect(() => {
    if (typeof options !== 'function') return;
    const controller = new AbortController();
    options(typed, controller.signal).then(setLoaded, (error: unknown) => {
      if (!controller.signal.aborted) setLoaded([]);
      if (!(error instanceof Error)) throw error;
    });
    return () => controller.abort();
  }, [options, typed]);
  if (typeof options === 'function') return loaded;
  const wanted = typed.trim().toLowerCase();
  return options
    .filter((option) => rankOf(option, wanted) < 3)
    .toSorted((a, b) => (wanted === '' ? 0 : rankOf(a, wanted) - rankOf(b, wanted)));
}

/** 0: begins with what was typed; 1: has it in its label; 2: in its value; 3: nowhere. */
function rankOf({ value, label = value }: Option, wanted: string): number {
  const at = label.toLowerCase().indexOf(wanted);
  if (at >= 0) return at === 0 ? 0 : 1;
  return value.toLowerCase().includes(wanted) ? 2 : 3;
}
