import { useEffect, useRef, useSyncExternalStore } from 'react';

/** What a key does on the page that is open. */
export interface Shortcut {
  /** As `KeyboardEvent.key` has it: `g`, `/`, `?`. */
  readonly key: string;
  readonly title: string;
  readonly run: () => void;
}

let shortcuts: readonly Shortcut[] = [];
const listeners = new Set<() => void>();

function setShortcuts(next: readonly Shortcut[]): void {
  shortcuts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(subscribe, () => shortcuts);
}

/** Binds a key for as long as the component is shown. The latest binding of a key wins. */
export function useShortcut(key: string, title: string, run: () => void): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    const shortcut: Shortcut = { key, title, run: () => latest.current() };
    setShortcuts([...shortcuts, shortcut]);
    return () => setShortcuts(shortcuts.filter((one) => one !== shortcut));
  }, [key, title]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable], dialog') !== null;
}

/** Runs the shortcut of a key that was not typed into a field. */
export function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const shortcut = shortcuts.findLast(({ key }) => key === event.key);
  if (!shortcut) return;
  event.preventDefault();
  shortcut.run();
}
