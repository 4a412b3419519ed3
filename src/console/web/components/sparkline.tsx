import type { ReactElement } from 'react';

/** The course of a figure in the height of a line; the figures themselves stand beside it. `values` are decimal text. */
export function Sparkline(props: {
  readonly values: readonly string[];
  /** Custom property of the theme. Absent: the accent. */
  readonly colour?: string;
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
}): ReactElement | null {
  const { values, width = 96, height = 22, colour = '--accent' } = props;
  if (values.length < 2) return null;
  const numbers = values.map(Number);
  const highest = Math.max(...numbers, 0);
  const step = width / (values.length - 1);
  // A line of nothing lies at the bottom, and one pixel keeps the stroke inside.
  const y = (value: number) => height - 1.5 - (highest === 0 ? 0 : (Math.max(0, value) / highest) * (height - 3));
  const points = numbers.map((value, index) => `${(index * step).toFixed(1)},${y(value).toFixed(1)}`);
  const color = `var(${colour})`;
  return (
    <svg
      className="sparkline"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <polygon points={`0,${height} ${points.join(' ')} ${width},${height}`} fill={color} opacity={0.13} />
      <polyline points={points.join(' ')} fill="none" stroke={color} strokeWidth={1.4} strokeLinejoin="round" />
    </svg>
  );
}
