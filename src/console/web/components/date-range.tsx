import { type ReactElement, useState } from 'react';
import { presentOf, type RangeBook, usePrimaryBook, useUsageEnd } from '../display/present.ts';
import { useTimeZone } from '../display/time-zone.ts';
import { isoDate, labelOf, RANGE_PRESETS, type RangeText, spanOf } from '../time/range.ts';
import { timeText } from '../time/time-text.ts';
import { Button } from './button.tsx';
import { Field } from './field.tsx';
import { Popover } from './popover.tsx';

/** Chooses a range: a preset or days of one's own. The value is text that stands in addresses, see time/range.ts. */
export function DateRange(props: {
  readonly value: RangeText;
  readonly onChange: (range: RangeText) => void;
  /** Whose time it is, for presets that count back from its end. Absent: the primary one. */
  readonly book?: RangeBook | undefined;
  /** To open it by a key. */
  readonly openSignal?: number;
}): ReactElement {
  const zone = useTimeZone();
  const usageEndMs = useUsageEnd(props.book);
  const primary = usePrimaryBook();
  const ended = (props.book ?? primary) === 'bill' ? 'bill' : 'log';
  const span = spanOf(props.value, zone, presentOf(usageEndMs));
  const label = labelOf(props.value, usageEndMs !== undefined && span ? isoDate(span.endMs - 1, zone) : undefined);
  const { openSignal } = props;
  return (
    <Popover
      label="Range of time"
      button={{ icon: 'calendar', children: label, ...(span && { title: spanText(span, zone) }) }}
      {...(openSignal !== undefined && { openSignal })}
    >
      {(close) => (
        <>
          {usageEndMs !== undefined && (
            <p className="menu-title">
              Up to {isoDate(usageEndMs - 1, zone)}, where the imported {ended} ends
            </p>
          )}
          <div role="menu" aria-label="Presets">
            {RANGE_PRESETS.map(([value, words, endedWords]) => (
              <button
                key={value}
                type="button"
                role="menuitemradio"
                aria-checked={value === props.value}
                data-active={value === props.value}
                className="menu-item"
                onClick={() => {
                  props.onChange(value);
                  close();
                }}
              >
                <span className="grow">{usageEndMs === undefined ? words : endedWords}</span>
              </button>
            ))}
          </div>
          <OwnDays
            from={span ? isoDate(span.startMs, zone) : ''}
            to={span ? isoDate(span.endMs - 1, zone) : ''}
            zoneName={zone.name}
            onApply={(range) => {
              props.onChange(range);
              close();
            }}
          />
        </>
      )}
    </Popover>
  );
}

function spanText(span: { startMs: number; endMs: number }, zone: ReturnType<typeof useTimeZone>): string {
  return `${timeText(span.startMs, zone, 'minute')} – ${timeText(span.endMs, zone, 'minute')} ${zone.name}`;
}

function OwnDays(props: {
  readonly from: string;
  readonly to: string;
  readonly zoneName: string;
  readonly onApply: (range: RangeText) => void;
}): ReactElement {
  const [from, setFrom] = useState(props.from);
  const [to, setTo] = useState(props.to);
  const valid = from !== '' && to !== '' && from <= to;
  return (
    <form
      className="popover-body"
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) props.onApply(`${from}..${to}`);
      }}
    >
      <Field label="First day">
        <input type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
      </Field>
      <Field
        label="Last day"
        error={valid || from === '' || to === '' ? undefined : 'the last day is before the first'}
      >
        <input type="date" value={to} onChange={(event) => setTo(event.target.value)} />
      </Field>
      <div className="row spread">
        <span className="faint small">Days of {props.zoneName}</span>
        <Button type="submit" look="primary" small disabled={!valid}>
          Apply
        </Button>
      </div>
    </form>
  );
}
