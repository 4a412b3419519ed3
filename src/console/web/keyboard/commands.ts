import { useEffect, useSyncExternalStore } from 'react';

/** An entry of the command palette. */
export interface Command {
  readonly title: string;
  /** `Pages`, `Saved views`, `Principals`. */
  readonly group: string;
  /** An address inside the console, or what to do. */
  readonly go: string | (() => void);
}

/** Commands that are found by what was typed: asked while the palette is open. */
export type CommandSource = (typed: string, signal: AbortSignal) => Promise<readonly Command[]>;

let sources: readonly CommandSource[] = [];
const listeners = new Set<() => void>();

function setSources(next: readonly CommandSource[]): void {
  sources = next;
  for (const listener of listeners) listener();
}

export function useCommandSources(): readonly CommandSource[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => sources,
  );
}

/** Adds to the palette for as long as the component is shown. The source must stay the same between renders. */
export function useCommandSource(source: CommandSource): void {
  useEffect(() => {
    setSources([...sources, source]);
    return () => setSources(sources.filter((one) => one !== source));
  }, [source]);
}
