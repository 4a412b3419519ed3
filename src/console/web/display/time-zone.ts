import { type TimeZone, timeZoneOf, UTC } from '../../../kernel/time-zone.ts';
import { useSession } from '../api/session.ts';
import { usePreferences } from './preferences.ts';

/** The zone that times are shown in and days begin in: the reader's choice, or the server’s. */
export function useTimeZone(): TimeZone {
  const { timeZone } = usePreferences();
  const { TimeZone: ownZone } = useSession();
  return (timeZone && timeZoneOf(timeZone)) || timeZoneOf(ownZone) || UTC;
}
