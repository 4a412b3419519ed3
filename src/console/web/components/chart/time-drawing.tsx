import { memo, type ReactElement, useId } from 'react';
import type { ChartData, ChartSeries } from './chart-data.ts';
import { areaPaths, bandPath, barPaths, linePath } from './paths.ts';
import { type Plot, plotOf, type Size } from './plot.ts';
import { FONT_SIZE, themeColour, widthOf } from './style.ts';

interface DrawingProps {
  readonly data: ChartData;
  readonly size: Size;
  /** Drawn anew when it changes: colours are written out. */
  readonly theme: string;
}

/** Bars, areas or lines over time, with axes and notes. */
export const TimeDrawing = memo(function TimeDrawing({ data, size }: DrawingProps): ReactElement {
  const plot = plotOf(data, size);
  const id = useId();
  return (
    <>
      <Stripes id={id} series={data.series} />
      <Axes data={data} plot={plot} />
      <Marks data={data} plot={plot} id={id} />
      {data.before && (
        <path
          d={linePath(data.before, plot)}
          fill="none"
          stroke={themeColour('--text-soft')}
          strokeWidth={1.4}
          strokeDasharray="4 4"
          strokeLinecap="round"
        />
      )}
      {data.band && (
        <>
          <path d={bandPath(data.band, plot)} fill={themeColour('--accent')} opacity={0.22} />
          <path
            d={linePath(data.band.mean, plot)}
            fill="none"
            stroke={themeColour('--accent')}
            strokeWidth={1.8}
            strokeDasharray="5 4"
            strokeLinecap="round"
          />
        </>
      )}
      {data.notes?.map(({ index, text }) => (
        <Note key={`${index} ${text}`} x={plot.x(index)} text={text} plot={plot} room={roomOf(index, data, plot)} />
      ))}
    </>
  );
});

function Stripes({ id, series }: { readonly id: string; readonly series: readonly ChartSeries[] }): ReactElement {
  return (
    <defs>
      {series.map(
        ({ key, colour, striped }, index) =>
          striped && (
            <pattern
              key={key}
              id={`${id}${index}`}
              width={6}
              height={6}
              patternUnits="userSpaceOnUse"
              patternTransform="rotate(45)"
            >
              <rect width={6} height={6} fill={themeColour(colour)} />
              <rect width={2} height={6} fill={themeColour('--surface')} opacity={0.55} />
            </pattern>
          ),
      )}
    </defs>
  );
}

function Marks({
  data,
  plot,
  id,
}: {
  readonly data: ChartData;
  readonly plot: Plot;
  readonly id: string;
}): ReactElement {
  const { kind, series } = data;
  const paths =
    kind === 'bars'
      ? barPaths(data, plot)
      : kind === 'area'
        ? areaPaths(data, plot)
        : series.map(({ values }) => linePath(values, plot));
  return (
    <>
      {series.map(({ key, colour, striped }, index) =>
        kind === 'line' ? (
          <path
            key={key}
            d={paths[index]}
            fill="none"
            stroke={themeColour(colour)}
            strokeWidth={1.9}
            strokeLinejoin="round"
            strokeLinecap="round"
            {...(striped && { strokeDasharray: '6 4' })}
          />
        ) : (
          <path
            key={key}
            d={paths[index]}
            fill={striped ? `url(#${id}${index})` : themeColour(colour)}
            stroke={themeColour('--surface')}
            strokeWidth={0.75}
          />
        ),
      )}
    </>
  );
}

function Axes({ data, plot }: { readonly data: ChartData; readonly plot: Plot }): ReactElement {
  const { labels, axisText } = data;
  const { left, right, bottom, ticks } = plot;
  const text = { fill: themeColour('--text-faint'), fontSize: FONT_SIZE };
  const every = Math.max(1, Math.ceil((widthOf(labels[0] ?? '') + 14) / plot.step));
  return (
    <>
      {ticks.map((tick) => (
        <g key={tick}>
          <line
            x1={left}
            x2={right}
            y1={plot.y(tick)}
            y2={plot.y(tick)}
            stroke={themeColour(tick === 0 ? '--line-strong' : '--line')}
          />
          <text x={left - 8} y={plot.y(tick) + 4} textAnchor="end" {...text}>
            {axisText(tick)}
          </text>
        </g>
      ))}
      {labels.map((label, index) => {
        if (index % every !== 0) return null;
        // A label at an edge stays inside.
        const half = widthOf(label) / 2;
        const x = Math.min(Math.max(plot.x(index), half), right + 8 - half);
        return (
          <text key={`${label} ${plot.x(index)}`} x={x} y={bottom + 18} textAnchor="middle" {...text}>
            {label}
          </text>
        );
      })}
    </>
  );
}

const NOTE_LETTERS = 24;

/** Pixels between a note and the next on either side, of which both have half. */
function roomOf(index: number, { notes = [] }: ChartData, plot: Plot): number {
  const apart = notes.filter((one) => one.index !== index).map((one) => Math.abs(plot.x(one.index) - plot.x(index)));
  return Math.min(...apart);
}

function Note(props: {
  readonly x: number;
  readonly text: string;
  readonly plot: Plot;
  readonly room: number;
}): ReactElement {
  const { x, text, plot, room } = props;
  const letters = Math.min(NOTE_LETTERS, Math.floor(room / widthOf('n')) - 1);
  const shown = text.length > letters ? `${text.slice(0, Math.max(letters - 1, 0))}…` : text;
  const half = widthOf(shown) / 2;
  const middle = Math.min(Math.max(x, half), plot.right + 8 - half);
  return (
    <g>
      <title>{text}</title>
      <line x1={x} x2={x} y1={plot.top - 6} y2={plot.bottom} stroke={themeColour('--accent')} />
      <text x={middle} y={plot.top - 10} textAnchor="middle" fill={themeColour('--accent')} fontSize={FONT_SIZE}>
        {shown}
      </text>
    </g>
  );
}
