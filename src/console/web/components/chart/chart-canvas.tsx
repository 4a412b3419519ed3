import type { EChartsType } from 'echarts/core';
import { type PointerEvent, type ReactElement, type RefObject, useEffect, useRef, useState } from 'react';
import { useShownTheme } from '../../display/preferences.ts';
import { type ChartData, type ChartSeries, seriesAt } from './chart-data.ts';
import { ChartTip, type TipPlace } from './chart-tip.tsx';
import { themeColour } from './style.ts';

/** Makes a PNG of the chart as it is. */
export type ChartPicture = () => Promise<Blob | null>;

interface CanvasProps {
  readonly data: ChartData;
  readonly summary: string;
  readonly format: (value: string) => string;
  readonly sums: boolean;
  readonly height: number;
  readonly picture: RefObject<ChartPicture | null>;
  readonly onZoom: ((first: number, last: number) => void) | undefined;
  readonly onSelect: ((series: ChartSeries, index?: number) => void) | undefined;
}

/** Less is a press, not a stretch. Pixels. */
const MIN_DRAG = 6;

/** ECharts with what a kind of chart needs, loaded when the first of them is shown. */
function engineOf(kind: ChartData['kind']) {
  return kind === 'treemap' ? import('./treemap.ts') : import('./cartesian.ts');
}

/** The drawn part of a chart: ECharts draws, and what the pointer does is decided here. */
export function ChartCanvas(props: CanvasProps): ReactElement {
  const { data, onZoom, onSelect } = props;
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const hovered = useRef<string>(undefined);
  const [tip, setTip] = useState<TipPlace>();
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number }>();
  const theme = useShownTheme();

  const pressed = useRef(onSelect);
  useEffect(() => {
    pressed.current = (series) => onSelect?.(series);
  });

  // Areas of treemaps are found by ECharts itself; what is drawn over time is found by its coordinates, see below.
  const areas = useRef(data.series);
  areas.current = data.series;
  const listened = (made: EChartsType): EChartsType => {
    const keyOf = (event: { data?: unknown }) => (event.data as { id?: string } | undefined)?.id;
    made.on('mouseover', { seriesType: 'treemap' }, (event) => {
      hovered.current = keyOf(event);
    });
    made.on('mouseout', { seriesType: 'treemap' }, () => {
      hovered.current = undefined;
    });
    made.on('click', { seriesType: 'treemap' }, (event) => {
      const series = areas.current.find(({ key }) => key === keyOf(event));
      if (series) pressed.current?.(series);
    });
    return made;
  };

  useEffect(() => {
    const element = box.current!;
    let gone = false;
    void engineOf(data.kind).then(({ init, optionOf }) => {
      if (gone) return;
      chart.current ??= listened(init(element));
      chart.current.setOption(optionOf(data), { notMerge: true });
      element.dataset.drawn = theme;
    });
    return () => {
      gone = true;
    };
  }, [data, theme]);

  useEffect(() => {
    const observer = new ResizeObserver(() => chart.current?.resize());
    observer.observe(box.current!);
    return () => {
      observer.disconnect();
      chart.current?.dispose();
      chart.current = undefined;
    };
  }, []);

  useEffect(() => {
    props.picture.current = () => {
      const url = chart.current?.getDataURL({ pixelRatio: 2, backgroundColor: themeColour('--surface') });
      return url === undefined ? Promise.resolve(null) : pngOf(url);
    };
  }, [props.picture]);

  const pointOf = (event: PointerEvent): { x: number; y: number } => {
    const area = box.current!.getBoundingClientRect();
    return { x: event.clientX - area.left, y: event.clientY - area.top };
  };
  const indexAt = (x: number): number | undefined => {
    if (!chart.current || data.kind === 'treemap') return undefined;
    const index = Number(chart.current.convertFromPixel({ xAxisIndex: 0 }, x));
    return Number.isFinite(index) ? Math.max(0, Math.min(data.labels.length - 1, Math.round(index))) : undefined;
  };
  const seriesUnder = (event: PointerEvent): { series: ChartSeries | undefined; index: number } | undefined => {
    const { x, y } = pointOf(event);
    if (data.kind === 'treemap') return { series: data.series.find(({ key }) => key === hovered.current), index: 0 };
    const index = indexAt(x);
    if (index === undefined) return undefined;
    return { series: seriesAt(data, index, Number(chart.current!.convertFromPixel({ yAxisIndex: 0 }, y))), index };
  };

  const onPointerMove = (event: PointerEvent) => {
    const { x, y } = pointOf(event);
    if (drag) return setDrag({ ...drag, to: x });
    const under = seriesUnder(event);
    setTip(under && { index: under.index, seriesKey: under.series?.key, x, y });
  };
  const onPointerUp = (event: PointerEvent) => {
    const { x } = pointOf(event);
    const stretch = drag;
    setDrag(undefined);
    if (onZoom && stretch && Math.abs(stretch.from - x) >= MIN_DRAG) {
      const [first, last] = [indexAt(Math.min(stretch.from, x)), indexAt(Math.max(stretch.from, x))];
      if (first !== undefined && last !== undefined) onZoom(first, last);
      return;
    }
    const under = data.kind === 'treemap' ? undefined : seriesUnder(event);
    if (under?.series) onSelect?.(under.series, under.index);
  };

  return (
    <div className="chart" data-zoomable={onZoom !== undefined && data.kind !== 'treemap'}>
      <div
        ref={box}
        className="chart-canvas"
        role="img"
        aria-label={props.summary}
        style={{ height: props.height }}
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
      />
      {drag && onZoom && Math.abs(drag.from - drag.to) >= MIN_DRAG && (
        <div
          className="chart-selection"
          style={{ left: Math.min(drag.from, drag.to), width: Math.abs(drag.from - drag.to) }}
        />
      )}
      {tip && !drag && <ChartTip place={tip} data={data} format={props.format} sums={props.sums} box={box} />}
    </div>
  );
}

async function pngOf(dataUrl: string): Promise<Blob> {
  const bytes = Uint8Array.from(atob(dataUrl.slice(dataUrl.indexOf(',') + 1)), (char) => char.charCodeAt(0));
  return new Blob([bytes], { type: 'image/png' });
}
