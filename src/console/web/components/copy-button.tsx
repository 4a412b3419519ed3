import type { ReactElement } from 'react';
import { Button } from './button.tsx';
import { toast } from './toast.tsx';

export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(`Copied ${what}`);
  } catch {
    toast(`This browser does not let the page copy ${what}`, 'bad');
  }
}

/** `what` ends the sentence "Copied …": `the request id`. Without children: an icon. */
export function CopyButton(props: {
  readonly text: string;
  readonly what: string;
  readonly children?: string;
}): ReactElement {
  return (
    <Button
      look={props.children === undefined ? 'ghost' : 'plain'}
      small
      icon="copy"
      {...(props.children === undefined && { 'aria-label': `Copy ${props.what}` })}
      onClick={() => void copyText(props.text, props.what)}
    >
      {props.children}
    </Button>
  );
}
