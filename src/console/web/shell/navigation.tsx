import { Link, useLocation } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { mayAny, useSession } from '../api/session.ts';
import { Icon } from '../components/icon.tsx';
import { NAV_GROUPS, PAGES } from '../routes.tsx';
import { Wordmark } from './wordmark.tsx';

/** Pages that the caller may use, in groups. A page for one thing counts as the list that it came from. */
export function Navigation(): ReactElement {
  const session = useSession();
  const { pathname } = useLocation();
  const usable = PAGES.filter(({ nav, actions }) => nav && mayAny(session, actions));
  return (
    <nav className="sidebar" id="navigation" aria-label="Pages">
      <Link to="/" className="wordmark" aria-label="Tallyline, overview">
        <Wordmark />
      </Link>
      {NAV_GROUPS.map((group, index) => {
        const pages = usable.filter(({ nav }) => nav?.group === group);
        if (pages.length === 0) return null;
        return (
          <div key={group} className="nav-group">
            {index > 0 && index < NAV_GROUPS.length - 1 && <h2>{group}</h2>}
            <ul>
              {pages.map(({ path, title, nav }) => {
                const open = pathname === path || (path !== '/' && pathname.startsWith(`${path}/`));
                return (
                  <li key={path}>
                    <Link to={path} className="nav-link" aria-current={open ? 'page' : undefined}>
                      <Icon name={nav!.icon} />
                      {title}
                    </Link>
                  </li>
                );
              })}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}
