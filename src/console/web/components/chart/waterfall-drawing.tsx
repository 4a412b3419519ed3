import { memo, type ReactElement } from 'react';
import type { ChartData } from './chart-data.ts';
import type { Size } from './plot.ts';
import { FONT_SIZE, themeColour } from './style.ts';
import { STEP_HEIGHT, waterfallOf } from './waterfall.ts';

const COLOURS = { whole: '--other', rise: '--bad', fall: '--good' } as const;
const BAR_HEIGHT = 16;

export const WaterfallDrawing = memo(function WaterfallDrawing(props: {
  readonly data: ChartData;
  readonly size: Size;
  /** Drawn anew when it changes: colours are written out. */
  readonly theme: string;
}): ReactElement {
  const { data, size } = props;
  const { steps, zero, right, letters } = waterfallOf(data, size);
  const inset = (STEP_HEIGHT - BAR_HEIGHT) / 2;
  const bottom = steps.length * STEP_HEIGHT;
  return (
    <>
      <line x1={zero} x2={zero} y1={0} y2={bottom} stroke={themeColour('--line-strong')} />
      {steps.map(({ label, kind, value, left, width, end, top }, index) => {
        const middle = top + STEP_HEIGHT / 2 + 4;
        return (
          <g key={label}>
            <title>{label}</title>
            <text x={0} y={middle} fill={themeColour('--text')} fontSize={FONT_SIZE + 1}>
              {label.length > letters ? `${label.slice(0, Math.max(1, letters - 1))}…` : label}
            </text>
            <rect x={left} y={top + inset} width={width} height={BAR_HEIGHT} rx={2} fill={themeColour(COLOURS[kind])} />
            {index < steps.length - 1 && (
              <line
                x1={end}
                x2={end}
                y1={top + inset + BAR_HEIGHT}
                y2={top + STEP_HEIGHT + inset}
                stroke={themeColour('--text-faint')}
                strokeDasharray="2 2"
              />
            )}
            <text x={right} y={middle} textAnchor="end" fill={themeColour('--text-soft')} fontSize={FONT_SIZE + 1}>
              {`${kind === 'rise' && value > 0 ? '+' : ''}${data.axisText(value)}`}
            </text>
          </g>
        );
      })}
    </>
  );
});
