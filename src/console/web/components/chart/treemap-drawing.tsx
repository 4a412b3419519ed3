import { memo, type ReactElement } from 'react';
import type { ChartData } from './chart-data.ts';
import type { Size } from './plot.ts';
import { themeColour } from './style.ts';
import { tilesOf } from './treemap.ts';

/** Pixels of the names on tiles. */
const NAME_SIZE = 12;

export const TreemapDrawing = memo(function TreemapDrawing(props: {
  readonly data: ChartData;
  readonly size: Size;
  /** Drawn anew when it changes: colours are written out. */
  readonly theme: string;
}): ReactElement {
  const { data, size } = props;
  const tiles = tilesOf(data, size);
  const whole = tiles.reduce((sum, { value }) => sum + value, 0);
  return (
    <>
      {tiles.map(({ key, value, x, y, width, height }) => {
        const series = data.series.find((one) => one.key === key)!;
        const letters = Math.floor((width - 16) / 6.8);
        const share = `${data.axisText(value)} · ${((100 * value) / whole).toFixed(1)} %`;
        return (
          <g key={key}>
            <rect
              x={x + 1}
              y={y + 1}
              width={Math.max(0, width - 2)}
              height={Math.max(0, height - 2)}
              rx={2}
              fill={themeColour(series.colour)}
              {...(series.striped && { stroke: themeColour('--text'), strokeDasharray: '4 3' })}
            />
            {letters >= 4 && height > 24 && (
              <text x={x + 9} y={y + 19} fill={themeColour('--surface')} fontSize={NAME_SIZE} fontWeight={560}>
                {shortened(series.name, letters)}
              </text>
            )}
            {letters >= share.length && height > 42 && (
              <text x={x + 9} y={y + 36} fill={themeColour('--surface')} fontSize={NAME_SIZE}>
                {share}
              </text>
            )}
          </g>
        );
      })}
    </>
  );
});

function shortened(text: string, letters: number): string {
  return text.length > letters ? `${text.slice(0, Math.max(1, letters - 1))}…` : text;
}
