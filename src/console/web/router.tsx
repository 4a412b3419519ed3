import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { ApiError } from './api/api-error.ts';
import { ErrorState, Skeleton } from './components/states.tsx';
import { parseSearch, searchText } from './display/view-state.ts';
import { PAGES } from './routes.tsx';
import { NotFound } from './shell/not-found.tsx';
import { Shell } from './shell/shell.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const routes = PAGES.map(({ path, load }) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load, 'Page') }),
);

function Broken({ error }: { readonly error: unknown }) {
  const shown = error instanceof ApiError ? error : new ApiError('PageBroken', String(error), -1);
  return <ErrorState error={shown} onRetry={() => location.reload()} />;
}

export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: '/console',
  parseSearch,
  stringifySearch: searchText,
  defaultPreload: 'intent',
  defaultPendingComponent: () => <Skeleton lines={6} />,
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});
