import { useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { forgetSession, signOut, useSession } from '../api/session.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Popover } from '../components/popover.tsx';
import { Segmented } from '../components/select.tsx';
import { toast } from '../components/toast.tsx';
import { setPreferences, type ThemeChoice, usePreferences } from '../display/preferences.ts';
import { DisplayChooser } from './display-chooser.tsx';
import { FiguresThrough } from './figures-through.tsx';

const PALETTE_KEYS = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘K' : 'Ctrl K';

export function TopBar(props: {
  readonly onDrawer: () => void;
  readonly onPalette: () => void;
  readonly onHelp: () => void;
}): ReactElement {
  return (
    <header className="topbar">
      <span className="drawer-button">
        <Button
          look="ghost"
          icon="menu"
          aria-label="Open the navigation"
          aria-controls="navigation"
          onClick={props.onDrawer}
        />
      </span>
      <button
        type="button"
        className="palette-button"
        aria-label={`Find or go to… ${PALETTE_KEYS}`}
        onClick={props.onPalette}
      >
        <Icon name="search" size={14} />
        <span>Find or go to…</span>
        <kbd>{PALETTE_KEYS}</kbd>
      </button>
      <div className="topbar-space" />
      <FiguresThrough />
      <DisplayChooser />
      <Button look="ghost" icon="help" aria-label="Keyboard shortcuts" onClick={props.onHelp} />
      <Account />
    </header>
  );
}

const THEMES: readonly { value: ThemeChoice; label: string }[] = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'system', label: 'System' },
];

function Account(): ReactElement {
  const session = useSession();
  const { theme } = usePreferences();
  const queries = useQueryClient();
  const leave = async () => {
    try {
      await signOut();
      forgetSession(queries);
    } catch (error) {
      toast(`Could not sign out: ${(error as Error).message}`, 'bad');
    }
  };
  return (
    <>
      <div className="who">
        <b title={session.Principal}>{session.Name}</b>
        <small>
          {session.Role} · {session.AccountName ?? session.AccountId}
        </small>
      </div>
      <Popover
        label="Account and theme"
        side="right"
        button={{ look: 'ghost', icon: 'person', 'aria-label': 'Account and theme' }}
      >
        {() => (
          <div className="popover-body">
            <div>
              <b>{session.Name}</b>
              <div className="faint small mono">{session.Principal}</div>
              <div className="faint small">
                {session.Role}
                {session.Team && ` · team ${session.Team}`}
              </div>
            </div>
            <Segmented
              label="Theme"
              value={theme}
              options={THEMES}
              onChange={(next) => setPreferences({ theme: next })}
            />
            <Button icon="leave" onClick={() => void leave()}>
              Sign out
            </Button>
          </div>
        )}
      </Popover>
    </>
  );
}
