import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';

/** What stands behind the `?` of an address. A key that comes several times has a list. */
export type SearchParams = Readonly<Record<string, string | readonly string[] | undefined>>;

export function parseSearch(text: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const before = found[key];
    found[key] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return found;
}

export function searchText(search: SearchParams): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search))
    for (const one of Array.isArray(value) ? value : value === undefined ? [] : [value])
      params.append(key, String(one));
  // Colons, slashes and commas may stand in a query, and make it readable.
  const text = params.toString().replace(/%3A/g, ':').replace(/%2F/g, '/').replace(/%2C/g, ',');
  return text && `?${text}`;
}

export function textOf(search: SearchParams, key: string): string | undefined {
  const value = search[key];
  return typeof value === 'string' ? value : value?.[0];
}

export function listOf(search: SearchParams, key: string): readonly string[] {
  const value = search[key];
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

/** The parameter if it is one of the choices, else the first choice. */
export function choiceOf<Choice extends string>(
  search: SearchParams,
  key: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const value = textOf(search, key);
  return choices.find((choice) => choice === value) ?? choices[0];
}

/**
 * The state of a page, kept in its address: `parse` reads it and falls back to defaults for what makes no sense; `set` changes
 * some parameters (undefined removes one) as a step of the browser's history, or in its place with `replace`.
 */
export function useViewState<View>(
  parse: (search: SearchParams) => View,
): [View, (change: SearchParams, options?: { readonly replace?: boolean }) => void] {
  const search = useSearch({ strict: false }) as SearchParams;
  const navigate = useNavigate();
  const view = useMemo(() => parse(search), [parse, search]);
  const set = useCallback(
    (change: SearchParams, options: { readonly replace?: boolean } = {}) => {
      void navigate({
        to: '.',
        search: ((before: SearchParams) => ({ ...before, ...change })) as never,
        replace: options.replace ?? false,
        resetScroll: false,
      });
    },
    [navigate],
  );
  return [view, set];
}
