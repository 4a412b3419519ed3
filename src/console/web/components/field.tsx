import type { ReactElement, ReactNode } from 'react';

/** A label with its control, which stands inside it: `<Field label="Name"><input .../></Field>`. */
export function Field(props: {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong and what to do; absent: nothing is. */
  readonly error?: string | undefined;
  readonly children: ReactNode;
}): ReactElement {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className="field">
      <span>{props.label}</span>
      {props.children}
      {props.hint && <span className="field-hint">{props.hint}</span>}
      {props.error && (
        <span className="field-error" role="alert">
          {props.error}
        </span>
      )}
    </label>
  );
}
