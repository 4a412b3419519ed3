import { useQuery } from '@tanstack/react-query';
import { Outlet, useLocation } from '@tanstack/react-router';
import { type ReactElement, useEffect, useMemo, useState } from 'react';
import { ApiError } from '../api/api-error.ts';
import { SessionContext, sessionQuery, useSession } from '../api/session.ts';
import { ErrorState, Skeleton } from '../components/states.tsx';
import { useClock } from '../display/present.ts';
import { useCommandSource } from '../keyboard/commands.ts';
import { useShortcut } from '../keyboard/shortcuts.ts';
import { PAGES } from '../routes.tsx';
import { CommandPalette } from './command-palette.tsx';
import { Navigation } from './navigation.tsx';
import { principalsOf, savedViews } from './palette-sources.ts';
import { ShortcutHelp } from './shortcut-help.tsx';
import { SignIn } from './sign-in.tsx';
import { TopBar } from './top-bar.tsx';

/** The server answers about these in one go. */
const SESSION = sessionQuery([...new Set(PAGES.flatMap(({ actions = [] }) => actions))]);

/** Everything around a page; without a session the way to get one, at the same address, so that it opens afterwards. */
export function Shell(): ReactElement {
  const { data: session, error, refetch } = useQuery(SESSION);
  if (error && session === undefined)
    return (
      <ErrorState
        error={error instanceof ApiError ? error : new ApiError('SessionUnknown', error.message, -1)}
        onRetry={() => void refetch()}
      />
    );
  if (session === undefined) return <Starting />;
  if (session === null) return <SignIn />;
  return (
    <SessionContext value={session}>
      <Frame />
    </SessionContext>
  );
}

function Starting(): ReactElement {
  return (
    <div className="sign-in">
      <Skeleton lines={2} />
    </div>
  );
}

function Frame(): ReactElement {
  const [drawer, setDrawer] = useState(false);
  const [dialog, setDialog] = useState<'palette' | 'help'>();
  const { pathname } = useLocation();
  // Whoever came to another page is done with the drawer.
  useEffect(() => setDrawer(false), [pathname]);
  const { Scopes } = useSession();
  const clock = useClock();
  useCommandSource(savedViews);
  useCommandSource(useMemo(() => principalsOf(Scopes[0], clock), [Scopes, clock]));
  useShortcut('?', 'Keyboard shortcuts', () => setDialog('help'));
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setDrawer(false);
      if (event.key !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setDialog('palette');
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <div className="shell" data-drawer={drawer ? 'open' : 'closed'}>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <Navigation />
      <button
        type="button"
        className="drawer-shade"
        aria-label="Close the navigation"
        onClick={() => setDrawer(false)}
      />
      <TopBar
        onDrawer={() => setDrawer(true)}
        onPalette={() => setDialog('palette')}
        onHelp={() => setDialog('help')}
      />
      <main className="main" id="main" tabIndex={-1}>
        <Outlet />
      </main>
      {dialog === 'palette' && <CommandPalette onClose={() => setDialog(undefined)} />}
      {dialog === 'help' && <ShortcutHelp onClose={() => setDialog(undefined)} />}
    </div>
  );
}
