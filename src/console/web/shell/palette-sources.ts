import type { Present } from '../../../kernel/present.ts';
import { call } from '../api/call.ts';
import type { Scope } from '../api/session.ts';
import { shortName } from '../components/name-badge.tsx';
import type { CommandSource } from '../keyboard/commands.ts';
import { searchReportValues } from '../report/get-report.ts';
import { spanOf } from '../time/range.ts';

/** Who used something in this time can be found. */
const LOOKED_AT = '30d';
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
export function principalsOf(scope: Scope | undefined, clock: () => Present): CommandSource {
  return async (typed, signal) => {
    if (scope === undefined || typed.trim().length < 2) return [];
    const span = spanOf(LOOKED_AT, clock())!;
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
