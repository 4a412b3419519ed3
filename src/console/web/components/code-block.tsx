import type { ReactElement } from 'react';
import { CopyButton } from './copy-button.tsx';
import './code-block.css';

/** Something to copy and run elsewhere. `what` ends the sentence "Copied …". */
export function CodeBlock(props: {
  readonly text: string;
  readonly what: string;
  /** CSS length; longer text scrolls. */
  readonly maxHeight?: string;
}): ReactElement {
  return (
    <div className="code-block">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} style={props.maxHeight ? { maxHeight: props.maxHeight } : {}}>
        <code>{props.text}</code>
      </pre>
      <CopyButton text={props.text} what={props.what} />
    </div>
  );
}
