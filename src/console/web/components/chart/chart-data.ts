/** A series of a chart: decimal text, null where there is no figure. */
export interface ChartSeries {
  readonly key: string;
  readonly name: string;
  /** Custom property of the theme: `--name-3`, `--other`, `--untagged`, `--unpriced`. */
  readonly colour: string;
  /** Drawn with stripes, for what is not a name: other, untagged, unpriced. */
  readonly striped?: boolean;
  readonly values: readonly (string | null)[];
}

/**
 * `waterfall`: one series that leads from its first value, a whole, by steps to its last one, the whole that they make of it;
 * a row for each label.
 */
export type ChartKind = 'bars' | 'area' | 'line' | 'treemap' | 'waterfall';

export interface ChartNote {
  /** Of the label that it belongs to. */
  readonly index: number;
  readonly text: string;
}

/** What is expected, drawn as a dashed line between two bounds: decimal text, null where nothing is. */
export interface ChartBand {
  readonly name: string;
  readonly mean: readonly (string | null)[];
  readonly lower: readonly (string | null)[];
  readonly upper: readonly (string | null)[];
}

export interface ChartData {
  readonly kind: ChartKind;
  /** One per place on the axis of time. A treemap has one. */
  readonly labels: readonly string[];
  /** Largest first. */
  readonly series: readonly ChartSeries[];
  /** The whole of an earlier time, drawn as a dashed line. */
  readonly before?: readonly (string | null)[];
  readonly band?: ChartBand;
  readonly notes?: readonly ChartNote[];
  /** Writes a value of the axis, in few characters. */
  readonly axisText: (value: number) => string;
}

/** Charts alone may be inexact: a pixel is. */
export function toNumber(value: string | null | undefined): number {
  return value === null || value === undefined ? 0 : Number(value);
}

/** The series drawn at a place: in the stack of bars and areas the one that the value falls into, of lines the nearest. */
export function seriesAt({ kind, series }: ChartData, index: number, value: number): ChartSeries | undefined {
  if (kind === 'line')
    return series.reduce<ChartSeries | undefined>((best, one) => {
      const distance = (of: ChartSeries) => Math.abs(toNumber(of.values[index]) - value);
      return best && distance(best) <= distance(one) ? best : one;
    }, undefined);
  let [top, bottom] = [0, 0];
  for (const one of series) {
    const size = toNumber(one.values[index]);
    const startsAt = size > 0 ? top : bottom;
    const endsAt = startsAt + size;
    if (value >= Math.min(startsAt, endsAt) && value < Math.max(startsAt, endsAt)) return one;
    if (size > 0) top = endsAt;
    else bottom = endsAt;
  }
  return undefined;
}
