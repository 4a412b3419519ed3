import { type ReactElement, useId } from 'react';
import { Button } from '../components/button.tsx';
import { useScopeValues } from './scope-values.ts';
import { SCOPE_KINDS, type ScopeKind, type ScopeLine } from './spend-scope.ts';
import './spend.css';

const PLACEHOLDERS: Readonly<Record<ScopeKind, string>> = {
  tag: 'value, * for any part',
  principal: 'arn:aws:iam::123456789012:user/alice',
  role: 'arn:aws:iam::123456789012:role/App',
  account: '123456789012',
  model: 'anthropic.claude-*',
  key: 'AKIA…, TLYK…',
};

/** Says whose calls something is about, line by line. Lines of one kind: any of them; different kinds: all of them. */
export function ScopeBuilder(props: {
  readonly lines: readonly ScopeLine[];
  readonly onChange: (lines: readonly ScopeLine[]) => void;
  readonly legend?: string;
  /** Without lines. */
  readonly everybody: string;
  /** The key that a new tag line begins with. */
  readonly tagKey: string;
}): ReactElement {
  const { lines, onChange } = props;
  const change = (at: number, next: Partial<ScopeLine>) =>
    onChange(lines.map((line, index) => (index === at ? { ...line, ...next } : line)));
  return (
    <fieldset className="scope-builder">
      <legend>{props.legend ?? 'Whose calls'}</legend>
      {lines.length === 0 && <p className="faint small">{props.everybody}</p>}
      {lines.map((line, index) => (
        <ScopeLineFields
          key={index}
          line={line}
          number={index + 1}
          onChange={(next) => change(index, next)}
          onRemove={() => onChange(lines.filter((_, at) => at !== index))}
        />
      ))}
      <Button
        small
        icon="plus"
        onClick={() => onChange([...lines, { kind: 'tag', tagKey: lines.length === 0 ? props.tagKey : '', value: '' }])}
      >
        {lines.length === 0 ? 'Only some calls' : 'Add a condition'}
      </Button>
    </fieldset>
  );
}

function ScopeLineFields(props: {
  readonly line: ScopeLine;
  readonly number: number;
  readonly onChange: (next: Partial<ScopeLine>) => void;
  readonly onRemove: () => void;
}): ReactElement {
  const { line, number, onChange } = props;
  const id = useId();
  const { tagKeys, values } = useScopeValues(line);
  return (
    <div className={`scope-line ${line.kind === 'tag' ? 'scope-line-tag' : ''}`}>
      <select
        className="bare-select"
        aria-label={`Condition ${number}: kind`}
        value={line.kind}
        onChange={(event) => onChange({ kind: event.target.value as ScopeKind, value: '' })}
      >
        {SCOPE_KINDS.map(([kind, label]) => (
          <option key={kind} value={kind}>
            {label}
          </option>
        ))}
      </select>
      {line.kind === 'tag' && (
        <input
          className="input"
          aria-label={`Condition ${number}: tag key`}
          placeholder="key"
          list={`${id}keys`}
          value={line.tagKey}
          onChange={(event) => onChange({ tagKey: event.target.value })}
        />
      )}
      <input
        className="input"
        aria-label={`Condition ${number}: value`}
        placeholder={PLACEHOLDERS[line.kind]}
        list={`${id}values`}
        value={line.value}
        onChange={(event) => onChange({ value: event.target.value })}
      />
      <Button look="ghost" icon="close" aria-label={`Remove condition ${number}`} onClick={props.onRemove} />
      <datalist id={`${id}keys`}>
        {tagKeys.map((key) => (
          <option key={key} value={key} />
        ))}
      </datalist>
      <datalist id={`${id}values`}>
        {values.map((value) => (
          <option key={value} value={value} />
        ))}
      </datalist>
    </div>
  );
}
