import { bucketEndMs, DAY_MS } from '../../../kernel/time.ts';
import { call } from '../api/call.ts';
import type { Scope } from '../api/session.ts';
import { shortName } from '../components/name-badge.tsx';
import { presentOf } from '../display/present.ts';
import type { CommandSource } from '../keyboard/commands.ts';
import { searchReportValues } from '../report/get-report.ts';

/** Who used something in this time can be found. */
const LOOK_BACK_MS = 30 * DAY_MS;
const MAX_FOUND = 8;

/** Views of the Explorer that were saved, one's own and those that others share. */
export const savedViews: CommandSource = async (_typed, signal) => {
  const { SavedViews } = await call<{ SavedViews: { Name: string; State: string }[] }>(
    'tallyline',
    'ListSavedViews',
    { Page: 'explorer' },
    { signal },
  );
  return SavedViews.map(({ Name, State }) => ({ title: Name, group: 'Saved views', go: `/explorer?${State}` }));
};

/** Principals by a part of their name. */
export function principalsOf(scope: Scope | undefined, usageEndMs: number | undefined): CommandSource {
  return async (typed, signal) => {
    if (scope === undefined || typed.trim().length < 2) return [];
    const endMs = bucketEndMs(presentOf(usageEndMs));
    const span = { startMs: endMs - LOOK_BACK_MS, endMs };
    const found = await searchReportValues({ span, scope }, { dimension: 'principal' }, typed.trim(), signal);
    return found
      .filter(({ Value }) => Value !== '')
      .slice(0, MAX_FOUND)
      .map(({ Value }) => ({
        title: shortName(Value),
        group: 'Principals',
        go: `/principals/${encodeURIComponent(Value)}`,
      }));
  };
}
