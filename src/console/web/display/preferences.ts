import { useSyncExternalStore } from 'react';
import { type CurrencyDisplay, US_DOLLARS } from '../format/amounts.ts';

export type ThemeChoice = 'light' | 'dark' | 'system';

/** How one reader likes to see things, in this browser. What is looked at is in the address instead. */
export interface Preferences {
  readonly theme: ThemeChoice;
  /** IANA name; absent: the server’s. */
  readonly timeZone?: string;
  readonly currency: CurrencyDisplay;
}

const KEY = 'tallyline.preferences';
const THEME_KEY = 'tallyline.theme';

function read(): Preferences {
  const theme = localStorage.getItem(THEME_KEY);
  const defaults: Preferences = {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    currency: US_DOLLARS,
  };
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>) };
  } catch {
    return defaults;
  }
}

let current = read();
const listeners = new Set<() => void>();
const systemDark = matchMedia('(prefers-color-scheme: dark)');

function changed(): void {
  const dark = current.theme === 'dark' || (current.theme === 'system' && systemDark.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  for (const listener of listeners) listener();
}

systemDark.addEventListener('change', changed);

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  const { theme, ...rest } = current;
  localStorage.setItem(THEME_KEY, theme);
  localStorage.setItem(KEY, JSON.stringify(rest));
  changed();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current);
}

/** `light` or `dark`, whatever was chosen: for what CSS does not reach, such as canvases. */
export function useShownTheme(): string {
  return useSyncExternalStore(subscribe, () => document.documentElement.dataset.theme ?? 'light');
}
