import type { ReactElement, ReactNode } from 'react';
import type { ApiError } from '../api/api-error.ts';
import { sentence } from '../format/sentence.ts';

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

/** What the server said to a change that it refused, below the fields; nothing while it has refused none. */
export function Refusal({ error }: { readonly error: Pick<ApiError, 'message'> | null }): ReactElement | null {
  if (!error) return null;
  return (
    <p className="field-error" role="alert">
      {sentence(error.message)}
    </p>
  );
}
