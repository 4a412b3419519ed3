import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Page } from '../components/page.tsx';
import { EmptyState } from '../components/states.tsx';

export function NotFound(): ReactElement {
  return (
    <Page title="No such page">
      <EmptyState title="There is no page at this address" action={<Link to="/">To the overview</Link>}>
        It may have moved. The palette (Ctrl or ⌘ with K) finds every page.
      </EmptyState>
    </Page>
  );
}
