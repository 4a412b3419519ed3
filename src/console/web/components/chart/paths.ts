import { type ChartBand, type ChartData, toNumber } from './chart-data.ts';
import type { Plot } from './plot.ts';

const round = (pixels: number) => Math.round(pixels * 10) / 10;

/** Bars are no wider, however few there are. Pixels. */
const MAX_BAR = 56;

/** From where to where each value of each series is drawn when they stand on one another, those below zero downwards. */
function stackOf({ series, labels }: ChartData): (readonly [from: number, to: number] | null)[][] {
  const tops = labels.map(() => 0);
  const bottoms = labels.map(() => 0);
  return series.map(({ values }) =>
    labels.map((_, index) => {
      const value = values[index];
      if (value === null || value === undefined) return null;
      const size = Number(value);
      const ends = size < 0 ? bottoms : tops;
      const from = ends[index]!;
      ends[index] = from + size;
      return [from, from + size] as const;
    }),
  );
}

/** One path per series, with a rectangle for each of its values. */
export function barPaths(data: ChartData, plot: Plot): string[] {
  const width = Math.min(MAX_BAR, plot.step * (data.labels.length > 60 ? 0.86 : 0.72));
  return stackOf(data).map((spans) =>
    spans
      .map((span, index) => {
        if (!span || span[0] === span[1]) return '';
        const [y0, y1] = [plot.y(span[0]), plot.y(span[1])];
        return `M${round(plot.x(index) - width / 2)} ${round(y0)}h${round(width)}V${round(y1)}h${-round(width)}z`;
      })
      .join(''),
  );
}

/** Runs of places that have a value. */
function runsOf(isThere: (index: number) => boolean, count: number): number[][] {
  const runs: number[][] = [];
  for (let index = 0; index < count; index += 1) {
    if (!isThere(index)) continue;
    if (index > 0 && isThere(index - 1)) runs.at(-1)!.push(index);
    else runs.push([index]);
  }
  return runs;
}

export function areaPaths(data: ChartData, plot: Plot): string[] {
  return stackOf(data).map((spans) =>
    runsOf((index) => spans[index] !== null, spans.length)
      .map((run) => {
        const point = (index: number, end: 0 | 1) => `${round(plot.x(index))} ${round(plot.y(spans[index]![end]))}`;
        const upper = run.map((index) => point(index, 1));
        const lower = run.toReversed().map((index) => point(index, 0));
        return `M${[...upper, ...lower].join('L')}z`;
      })
      .join(''),
  );
}

/** What lies between the bounds of what is expected; a day alone is as wide as a bar. */
export function bandPath({ lower, upper }: ChartBand, plot: Plot): string {
  return runsOf((index) => (lower[index] ?? null) !== null, lower.length)
    .map((run) => {
      const half = run.length === 1 ? plot.step / 3 : 0;
      const point = (values: ChartBand['lower'], index: number, side: -1 | 1) =>
        `${round(plot.x(index) + side * half)} ${round(plot.y(toNumber(values[index])))}`;
      const over = run.flatMap((index) =>
        half > 0 ? [point(upper, index, -1), point(upper, index, 1)] : [point(upper, index, 1)],
      );
      const under = run
        .toReversed()
        .flatMap((index) => (half > 0 ? [point(lower, index, 1), point(lower, index, -1)] : [point(lower, index, 1)]));
      return `M${[...over, ...under].join('L')}z`;
    })
    .join('');
}

/** A value between two gaps is a point: a line without length, which a round cap shows. */
export function linePath(values: readonly (string | null)[], plot: Plot): string {
  return runsOf((index) => (values[index] ?? null) !== null, values.length)
    .map((run) => {
      const points = run.map((index) => `${round(plot.x(index))} ${round(plot.y(toNumber(values[index])))}`);
      return points.length === 1 ? `M${points[0]}h0.01` : `M${points.join('L')}`;
    })
    .join('');
}
