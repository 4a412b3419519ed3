import { type ReactElement, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Button } from './button.tsx';
import { Field } from './field.tsx';

/** A modal dialog, open for as long as it is rendered. */
export function Dialog(props: {
  readonly title: string;
  readonly wide?: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Buttons. */
  readonly foot?: ReactNode;
}): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    return () => opened?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the element's own; a press on the backdrop is an extra
    <dialog
      ref={dialog}
      className={`dialog ${props.wide ? 'dialog-wide' : ''}`}
      aria-labelledby={title}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onClick={(event) => event.target === dialog.current && props.onClose()}
    >
      <div className="dialog-head">
        <h2 id={title}>{props.title}</h2>
        <Button look="ghost" small icon="close" aria-label="Close" onClick={props.onClose} />
      </div>
      <div className="dialog-body">{props.children}</div>
      {props.foot && <div className="dialog-foot">{props.foot}</div>}
    </dialog>
  );
}

/** Asks before something that is hard to take back. With `reasonLabel` a reason must be typed, which is handed over. */
export function ConfirmDialog(props: {
  readonly title: string;
  /** What will happen, to whom. */
  readonly children: ReactNode;
  /** The button's words, a verb: `Stop inference`. */
  readonly verb: string;
  readonly reasonLabel?: string;
  readonly busy?: boolean;
  /** What the server said to it. */
  readonly error?: string | undefined;
  readonly onConfirm: (reason: string) => void;
  readonly onClose: () => void;
}): ReactElement {
  const [reason, setReason] = useState('');
  const ready = props.reasonLabel === undefined || reason.trim() !== '';
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      foot={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button
            look="danger"
            disabled={!ready}
            busy={props.busy ?? false}
            onClick={() => props.onConfirm(reason.trim())}
          >
            {props.verb}
          </Button>
        </>
      }
    >
      <div>{props.children}</div>
      {props.reasonLabel !== undefined && (
        <Field label={props.reasonLabel}>
          <input value={reason} onChange={(event) => setReason(event.target.value)} autoComplete="off" />
        </Field>
      )}
      {props.error && (
        <p className="field-error" role="alert">
          {props.error}
        </p>
      )}
    </Dialog>
  );
}
