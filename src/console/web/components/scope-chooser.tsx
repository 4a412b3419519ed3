import { useNavigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useSession } from '../api/session.ts';
import { SCOPE_LABELS, useScope } from '../display/scope.ts';
import type { SearchParams } from '../display/view-state.ts';
import { Segmented } from './select.tsx';

/** Whose figures to show, kept in the address; nothing where there is no choice. */
export function ScopeChooser(): ReactElement | null {
  const { Scopes: scopes } = useSession();
  const scope = useScope();
  const navigate = useNavigate();
  if (scopes.length < 2) return null;
  return (
    <Segmented
      label="Whose figures"
      value={scope}
      options={scopes.map((value) => ({ value, label: SCOPE_LABELS[value] }))}
      onChange={(next) => {
        const search = (before: SearchParams) => ({ ...before, scope: next === scopes[0] ? undefined : next });
        void navigate({ to: '.', search: search as never, resetScroll: false });
      }}
    />
  );
}
