import { type ReactElement, useState } from 'react';
import { bucketEndMs, DAY_MS, MINUTE_MS } from '../../../kernel/time.ts';
import { useSession } from '../api/session.ts';
import { Freshness } from '../components/time.tsx';
import { useFreshness } from '../report/freshness.ts';

/** Figures that are further behind are worth a warning. */
const LATE_MS = 15 * MINUTE_MS;

/** Until when all figures are in, for the top bar. */
export function FiguresThrough(): ReactElement | null {
  const { Scopes } = useSession();
  // How far the figures reach does not depend on the span; a short one is told quickly.
  const [endMs] = useState(() => bucketEndMs(Date.now()));
  const { data } = useFreshness({ startMs: endMs - DAY_MS, endMs }, Scopes[0], { everyMs: MINUTE_MS });
  if (data?.BilledThrough) return <Freshness through={data.BilledThrough} billed />;
  if (data?.ActualThrough === undefined) return null;
  return <Freshness through={data.ActualThrough} late={Date.now() - Date.parse(data.ActualThrough) > LATE_MS} />;
}
