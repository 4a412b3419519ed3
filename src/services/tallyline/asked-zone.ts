import { Fault } from '../../kernel/fault.ts';
import { type TimeZone, timeZoneOf } from '../../kernel/time-zone.ts';

/** The zone whose days and months are asked about. Throws ValidationException for a name that none has. */
export function askedZone(name = 'UTC'): TimeZone {
  const zone = timeZoneOf(name);
  if (zone) return zone;
  throw new Fault(
    'ValidationException',
    `there is no time zone \`${name}\`: use an IANA name such as \`Europe/Berlin\``,
  );
}
