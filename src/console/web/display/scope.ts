import { useSearch } from '@tanstack/react-router';
import { type Scope, useSession } from '../api/session.ts';
import { type SearchParams, textOf } from './view-state.ts';

export const SCOPE_LABELS: Readonly<Record<Scope, string>> = { ALL: 'Everybody', TEAM: 'My team', OWN: 'Mine' };

/** Whose figures the page shows: `scope` of the address where the reader may see that, else the widest. */
export function useScope(): Scope {
  const search = useSearch({ strict: false }) as SearchParams;
  const { Scopes: scopes } = useSession();
  return scopes.find((scope) => scope === textOf(search, 'scope')) ?? scopes[0] ?? 'OWN';
}
