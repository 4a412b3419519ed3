import { type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react';
import { Button, type ButtonProps } from './button.tsx';

/** A button that opens something small beside it. Escape and a press elsewhere close it. */
export function Popover(props: {
  readonly button: ButtonProps;
  /** What opens is read aloud as. */
  readonly label: string;
  readonly side?: 'left' | 'right';
  readonly children: (close: () => void) => ReactNode;
  /** To open it from elsewhere, such as a key: a number that grows. */
  readonly openSignal?: number;
}): ReactElement {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLDivElement>(null);
  const { openSignal = 0 } = props;

  useEffect(() => {
    if (openSignal > 0) setOpen(true);
  }, [openSignal]);

  useEffect(() => {
    if (!open) return;
    const panel = anchor.current?.querySelector<HTMLElement>('.popover');
    panel?.querySelector<HTMLElement>('input, [data-active="true"], button, select')?.focus();
    const onPointerDown = (event: PointerEvent) => {
      if (!anchor.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', onPointerDown);
    return () => document.removeEventListener('pointerdown', onPointerDown);
  }, [open]);

  const close = () => {
    setOpen(false);
    anchor.current?.querySelector('button')?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys that nothing inside took bubble up to here
    <div
      ref={anchor}
      className="popover-anchor"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.stopPropagation();
        close();
      }}
    >
      <Button {...props.button} aria-expanded={open} aria-haspopup="dialog" onClick={() => setOpen(!open)} />
      {open && (
        <div
          className={`popover ${props.side === 'right' ? 'popover-right' : ''}`}
          role="dialog"
          aria-label={props.label}
        >
          {props.children(close)}
        </div>
      )}
    </div>
  );
}
