import { type ChartData, toNumber } from './chart-data.ts';
import { widthOf } from './style.ts';

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where values and places of a chart over time are drawn, in pixels, and back. */
export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** From one place on the axis to the next. */
  readonly step: number;
  readonly ticks: readonly number[];
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
  readonly indexAt: (x: number) => number;
  readonly valueAt: (y: number) => number;
}

const TICKS = 4;

/** Round values that span a range, zero among them: `0, 300, 600, 900`. */
export function ticksOf(min: number, max: number): number[] {
  const [low, high] = [Math.min(0, min), Math.max(0, max)];
  const rough = (high - low || 1) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((size) => size * power >= rough)! * power;
  const first = Math.floor(low / step);
  const last = Math.max(Math.ceil(high / step), first + 1);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

function extentOf({ kind, labels, series, before = [], band }: ChartData): readonly [number, number] {
  let [min, max] = [0, 0];
  const note = (value: number) => {
    min = Math.min(min, value);
    max = Math.max(max, value);
  };
  for (const value of [...before, ...(band?.lower ?? []), ...(band?.upper ?? [])]) note(toNumber(value));
  for (const index of labels.keys()) {
    const values = series.map(({ values: all }) => toNumber(all[index]));
    if (kind === 'line') for (const value of values) note(value);
    else {
      note(values.reduce((sum, value) => sum + Math.max(0, value), 0));
      note(values.reduce((sum, value) => sum + Math.min(0, value), 0));
    }
  }
  return [min, max];
}

export function plotOf(data: ChartData, { width, height }: Size): Plot {
  const ticks = ticksOf(...extentOf(data));
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const left = Math.max(...ticks.map((tick) => widthOf(data.axisText(tick)))) + 12;
  const [right, top, bottom] = [width - 8, data.notes?.length ? 24 : 12, height - 24];
  const count = data.labels.length;
  // Bars stand in the middle of their place; lines begin and end at the edges.
  const isCentred = data.kind === 'bars' || count === 1;
  const step = (right - left) / Math.max(1, isCentred ? count : count - 1);
  const origin = isCentred ? left + step / 2 : left;
  const scale = (bottom - top) / (high - low);
  return {
    ...{ left, right, top, bottom, step, ticks },
    x: (index) => origin + index * step,
    y: (value) => bottom - (value - low) * scale,
    indexAt: (x) => Math.max(0, Math.min(count - 1, Math.round((x - origin) / step))),
    valueAt: (y) => low + (bottom - y) / scale,
  };
}
