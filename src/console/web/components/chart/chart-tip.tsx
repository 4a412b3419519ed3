import type { ReactElement, RefObject } from 'react';
import { add } from '../../format/decimal.ts';
import { Swatch } from '../name-badge.tsx';
import { type ChartData, toNumber } from './chart-data.ts';

/** Where the pointer is, in pixels of the chart, and what it points at. */
export interface TipPlace {
  readonly index: number;
  readonly seriesKey: string | undefined;
  readonly x: number;
  readonly y: number;
}

const MAX_LINES = 12;

/** The figures under the pointer, largest first; what has none is left out. */
export function ChartTip(props: {
  readonly place: TipPlace;
  readonly data: ChartData;
  readonly format: (value: string) => string;
  readonly sums: boolean;
  readonly box: RefObject<HTMLDivElement | null>;
}): ReactElement | null {
  const { data, format, place } = props;
  const { index } = place;
  const treemap = data.kind === 'treemap';
  const lines = data.series
    .filter(({ key, values }) => (treemap ? key === place.seriesKey : toNumber(values[index]) !== 0))
    .toSorted((a, b) => toNumber(b.values[index]) - toNumber(a.values[index]));
  if (treemap && lines.length === 0) return null;
  const before = data.before?.[index];
  const expected = expectedAt(data, index);
  const right = place.x > (props.box.current?.clientWidth ?? 0) / 2;
  return (
    <div
      className="chart-tip"
      aria-hidden="true"
      style={right ? { right: `calc(100% - ${place.x - 14}px)` } : { left: place.x + 14 }}
    >
      {!treemap && <div className="chart-tip-title">{data.labels[index]}</div>}
      {lines.slice(0, MAX_LINES).map((series) => (
        <div key={series.key} className="chart-tip-line" data-active={series.key === place.seriesKey}>
          <Swatch colour={series.colour} />
          <span>{series.name}</span>
          <b>{format(treemap ? add(...series.values.map((value) => value ?? '0')) : series.values[index]!)}</b>
        </div>
      ))}
      {lines.length > MAX_LINES && <div className="faint small">{lines.length - MAX_LINES} more</div>}
      {lines.length === 0 && !expected && <div className="faint">nothing</div>}
      {props.sums && lines.length > 1 && (
        <div className="chart-tip-line chart-tip-total">
          <span>Total</span>
          <b>{format(add(...data.series.map(({ values }) => values[index] ?? '0')))}</b>
        </div>
      )}
      {expected && (
        <div className="chart-tip-line">
          <span>{data.band!.name}</span>
          <b>{`${format(expected.mean)} (${format(expected.lower)} – ${format(expected.upper)})`}</b>
        </div>
      )}
      {before !== null && before !== undefined && (
        <div className="chart-tip-line">
          <span className="faint">Period before</span>
          <b className="faint">{format(before)}</b>
        </div>
      )}
    </div>
  );
}

function expectedAt({ band }: ChartData, index: number) {
  const [mean, lower, upper] = [band?.mean[index], band?.lower[index], band?.upper[index]];
  return mean && lower && upper ? { mean, lower, upper } : undefined;
}
