import type { ReactElement } from 'react';
import { useSession } from '../api/session.ts';
import { Freshness } from '../components/time.tsx';

/** Until when all figures are in, for the top bar. */
export function FiguresThrough(): ReactElement | null {
  const { FiguresThrough: through } = useSession();
  return through === undefined ? null : <Freshness through={through} />;
}
