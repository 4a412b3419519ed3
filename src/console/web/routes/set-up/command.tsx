import type { ReactElement } from 'react';
import { CopyButton } from '../../components/copy-button.tsx';
import './set-up.css';

/** Lines to be pasted into a terminal or a file. */
export function Command({
  text,
  language = 'sh',
}: {
  readonly text: string;
  readonly language?: string;
}): ReactElement {
  return (
    <div className="command">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
      <pre tabIndex={0} role="group" aria-label={`Commands, ${language}`}>
        {text}
      </pre>
      <CopyButton text={text} what="Commands">
        Copy
      </CopyButton>
    </div>
  );
}
