import { type ChartData, toNumber } from './chart-data.ts';
import type { Size } from './plot.ts';
import { widthOf } from './style.ts';

/** Pixels of a row. */
export const STEP_HEIGHT = 30;

/** One row: from where to where its bar goes, in pixels. */
export interface WaterfallStep {
  readonly label: string;
  readonly kind: 'whole' | 'rise' | 'fall';
  readonly value: number;
  readonly left: number;
  readonly width: number;
  /** Where the next bar begins. */
  readonly end: number;
  readonly top: number;
}

export interface Waterfall {
  readonly steps: readonly WaterfallStep[];
  /** Where zero is, or the axis begins. */
  readonly zero: number;
  readonly right: number;
  /** Letters that fit on the left of the bars. */
  readonly letters: number;
}

const GAP = 12;
/** Its texts are larger than those of axes. */
const LARGER = 1.1;

/** Labels to the left, values to the right, bars in between. */
export function waterfallOf({ labels, series, axisText }: ChartData, { width }: Size): Waterfall {
  const values = labels.map((_, index) => toNumber(series[0]?.values[index]));
  const last = values.length - 1;
  const ends: number[] = [];
  for (const [index, value] of values.entries()) {
    ends.push(index === 0 || index === last ? value : ends[index - 1]! + value);
  }
  const [low, high] = extentOf(ends);
  const named = Math.min(width * 0.4, Math.max(...labels.map(widthOf)) * LARGER + GAP);
  const written = Math.max(...values.map((value) => widthOf(`+${axisText(value)}`))) * LARGER + 2 * GAP;
  const scale = Math.max(0, width - named - written) / (high - low || 1);
  const x = (value: number) => named + (value - low) * scale;
  const steps = values.map((value, index): WaterfallStep => {
    const isWhole = index === 0 || index === last;
    const from = isWhole ? Math.max(0, low) : ends[index - 1]!;
    const [left, right] = [Math.min(x(from), x(ends[index]!)), Math.max(x(from), x(ends[index]!))];
    return {
      ...{ label: labels[index]!, value, left, width: Math.max(1, right - left) },
      ...{ kind: isWhole ? 'whole' : value < 0 ? 'fall' : 'rise', end: x(ends[index]!), top: index * STEP_HEIGHT },
    };
  });
  return { steps, zero: low <= 0 ? x(0) : named, right: width, letters: Math.floor((named - GAP) / widthOf('x')) };
}

/** With zero, unless the steps would be too small to be seen beside the wholes. */
function extentOf(ends: readonly number[]): readonly [low: number, high: number] {
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const isSmall = least > 0 && most - least < 0.25 * most;
  return isSmall ? [Math.max(0, least - (most - least) / 2), most] : [Math.min(0, least), Math.max(0, most)];
}

/** The row at a height. */
export function stepAt(y: number, { labels }: ChartData): number {
  return Math.max(0, Math.min(labels.length - 1, Math.floor(y / STEP_HEIGHT)));
}
