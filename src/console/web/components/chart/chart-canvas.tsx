import { type PointerEvent, type ReactElement, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { useShownTheme } from '../../display/preferences.ts';
import { type ChartData, type ChartSeries, seriesAt } from './chart-data.ts';
import { ChartTip, type TipPlace } from './chart-tip.tsx';
import { plotOf, type Size } from './plot.ts';
import { themeFont } from './style.ts';
import { TimeDrawing } from './time-drawing.tsx';
import { tileAt, tilesOf } from './treemap.ts';
import { TreemapDrawing } from './treemap-drawing.tsx';
import { stepAt } from './waterfall.ts';
import { WaterfallDrawing } from './waterfall-drawing.tsx';

interface CanvasProps {
  readonly data: ChartData;
  readonly summary: string;
  readonly format: (value: string) => string;
  readonly sums: boolean;
  readonly height: number;
  /** The drawing, for a picture of it. */
  readonly drawing: RefObject<SVGSVGElement | null>;
  readonly onZoom: ((first: number, last: number) => void) | undefined;
  readonly onSelect: ((series: ChartSeries, index?: number) => void) | undefined;
}

/** Less is a press, not a stretch. Pixels. */
const MIN_DRAG = 6;

/** The drawn part of a chart, and what the pointer does on it. */
export function ChartCanvas(props: CanvasProps): ReactElement {
  const { data, height, onZoom, onSelect } = props;
  const isTreemap = data.kind === 'treemap';
  const isWaterfall = data.kind === 'waterfall';
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const theme = useShownTheme();
  const size = useMemo<Size>(() => ({ width, height }), [width, height]);
  const plot = useMemo(
    () => (isTreemap || isWaterfall ? undefined : plotOf(data, size)),
    [isTreemap, isWaterfall, data, size],
  );
  const tiles = useMemo(() => (isTreemap ? tilesOf(data, size) : []), [isTreemap, data, size]);
  const [tip, setTip] = useState<TipPlace>();
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number }>();

  const pointOf = (event: PointerEvent): { x: number; y: number } => {
    const area = box.current!.getBoundingClientRect();
    return { x: event.clientX - area.left, y: event.clientY - area.top };
  };
  const under = ({ x, y }: { x: number; y: number }): { series: ChartSeries | undefined; index: number } => {
    if (isWaterfall) return { series: data.series[0], index: stepAt(y, data) };
    if (!plot) return { series: data.series.find(({ key }) => key === tileAt(tiles, x, y)?.key), index: 0 };
    const index = plot.indexAt(x);
    return { series: seriesAt(data, index, plot.valueAt(y)), index };
  };

  const onPointerMove = (event: PointerEvent) => {
    const point = pointOf(event);
    if (drag) return setDrag({ ...drag, to: point.x });
    const { series, index } = under(point);
    setTip({ index, seriesKey: series?.key, ...point });
  };
  const onPointerUp = (event: PointerEvent) => {
    const point = pointOf(event);
    const stretch = drag;
    setDrag(undefined);
    if (plot && onZoom && stretch && Math.abs(stretch.from - point.x) >= MIN_DRAG) {
      const { from } = stretch;
      return onZoom(plot.indexAt(Math.min(from, point.x)), plot.indexAt(Math.max(from, point.x)));
    }
    const { series, index } = under(point);
    if (series) onSelect?.(series, isTreemap ? undefined : index);
  };

  const Drawing = isTreemap ? TreemapDrawing : isWaterfall ? WaterfallDrawing : TimeDrawing;
  return (
    <div className="chart" data-zoomable={onZoom !== undefined && plot !== undefined}>
      <div
        ref={box}
        className="chart-canvas"
        role="img"
        aria-label={props.summary}
        data-drawn={width > 0 ? theme : undefined}
        style={{ height }}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          setTip(undefined);
          const { x } = pointOf(event);
          setDrag({ from: x, to: x });
        }}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerLeave={() => {
          setTip(undefined);
          setDrag(undefined);
        }}
      >
        {width > 0 && (
          <svg ref={props.drawing} viewBox={`0 0 ${width} ${height}`} fontFamily={themeFont()} aria-hidden="true">
            <Drawing data={data} size={size} theme={theme} />
          </svg>
        )}
      </div>
      {tip && plot && !drag && (
        <div
          className="chart-pointer"
          style={{
            left: plot.x(tip.index) - (data.kind === 'bars' ? plot.step / 2 : 0),
            width: data.kind === 'bars' ? plot.step : 1,
            top: plot.top,
            height: plot.bottom - plot.top,
          }}
        />
      )}
      {drag && onZoom && plot && Math.abs(drag.from - drag.to) >= MIN_DRAG && (
        <div
          className="chart-selection"
          style={{ left: Math.min(drag.from, drag.to), width: Math.abs(drag.from - drag.to) }}
        />
      )}
      {tip && !drag && <ChartTip place={tip} data={data} format={props.format} sums={props.sums} box={box} />}
    </div>
  );
}

/** Zero until it is known. */
function useWidth(box: RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry!.contentRect.width)));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, [box]);
  return width;
}
