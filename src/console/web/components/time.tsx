import type { ReactElement } from 'react';
import { useTimeZone } from '../display/time-zone.ts';
import { type TimeStyle, timeText } from '../time/time-text.ts';

/** Epoch seconds, as awsJson answers have them, become milliseconds; text is read as ISO 8601. */
export function millisecondsOf(at: number | string): number {
  return typeof at === 'number' ? (at < 100_000_000_000 ? at * 1_000 : at) : Date.parse(at);
}

/** An instant in the chosen zone, with the zone's name unless a heading beside it says so. */
export function TimeText(props: {
  readonly at: number | string;
  readonly show?: TimeStyle;
  readonly zoneHidden?: boolean;
}): ReactElement {
  const zone = useTimeZone();
  const atMs = millisecondsOf(props.at);
  return (
    <time className="figures" dateTime={new Date(atMs).toISOString()} title={new Date(atMs).toISOString()}>
      {timeText(atMs, zone, props.show ?? 'minute')}
      {!props.zoneHidden && <span className="faint"> {zone.name}</span>}
    </time>
  );
}

/** How far the figures reach. */
export function Freshness(props: {
  /** Everything before is in. */
  readonly through: number | string;
  /** From here on figures are estimates, not bills. Absent: all are. */
  readonly estimatedSince?: number | string;
  /** True: they are those of an imported bill. */
  readonly billed?: boolean;
  /** Worth a warning. */
  readonly late?: boolean;
}): ReactElement {
  return (
    <span className="freshness" data-late={props.late ?? false}>
      <span>
        {props.billed ? 'billed' : 'actual'} through <TimeText at={props.through} />
        {props.estimatedSince !== undefined && (
          <>
            {' · estimated since '}
            <TimeText at={props.estimatedSince} show="date" zoneHidden />
          </>
        )}
      </span>
    </span>
  );
}
