import { type ReactElement, useState } from 'react';
import type { Present } from '../../../kernel/present.ts';
import type { TimeZone } from '../../../kernel/time-zone.ts';
import { type RangeBook, usePresent } from '../display/present.ts';
import { isoDate, labelIn, MONTH_PRESETS, RANGE_PRESETS, type RangeText, spanOf } from '../time/range.ts';
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
  const present = usePresent(props.book);
  const { zone } = present;
  const span = spanOf(props.value, present);
  const { openSignal } = props;
  return (
    <Popover
      label="Range of time"
      button={{
        icon: 'calendar',
        children: labelIn(props.value, present),
        ...(span && { title: spanText(span, zone) }),
      }}
      {...(openSignal !== undefined && { openSignal })}
    >
      {(close) => (
        <>
          {present.ended && (
            <p className="menu-title">
              Up to {isoDate(present.atMs, zone)}, where the imported {present.ended} ends
            </p>
          )}
          {present.isByMonth && (
            <p className="menu-title">In whole months: the bill has the cost of a month on its first day</p>
          )}
          <div role="menu" aria-label="Presets">
            {presetsOf(present).map(([value, words]) => (
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
                <span className="grow">{words}</span>
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

function presetsOf({ ended, isByMonth }: Present): readonly (readonly [RangeText, string])[] {
  if (isByMonth) return MONTH_PRESETS;
  return RANGE_PRESETS.map(([value, words, endedWords]) => [value, ended ? endedWords : words]);
}

function spanText(span: { startMs: number; endMs: number }, zone: TimeZone): string {
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
