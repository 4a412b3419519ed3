import type { ReactElement } from 'react';
import { Dialog } from '../components/dialog.tsx';
import { useShortcuts } from '../keyboard/shortcuts.ts';

const ALWAYS: readonly (readonly [string, string])[] = [
  ['Ctrl or ⌘ + K', 'Find pages, views and principals'],
  ['↑ ↓', 'Move between the rows of a table or the entries of a list'],
  ['Enter', 'Open the row, choose the entry'],
  ['Esc', 'Close, or one step up'],
];

export function ShortcutHelp({ onClose }: { readonly onClose: () => void }): ReactElement {
  const here = new Map(useShortcuts().map(({ key, title }) => [key, title]));
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl className="facts">
        {[...here, ...ALWAYS].map(([keys, title]) => (
          <div key={keys} className="facts-row">
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{title}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
