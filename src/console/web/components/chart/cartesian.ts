import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { ChartBand, ChartData, ChartSeries } from './chart-data.ts';
import { STRIPES, themeColour, themeFont } from './style.ts';

export { init } from 'echarts/core';

use([BarChart, LineChart, GridComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

const BEFORE = 'before';

/** Where there is no figure there is a gap, and no fall to zero. */
function drawn(value: string | null): number | null {
  return value === null ? null : Number(value);
}

function seriesOption(data: ChartData, series: ChartSeries): Record<string, unknown> {
  const color = themeColour(series.colour);
  const common = { id: series.key, name: series.name, data: series.values.map(drawn), cursor: 'inherit' };
  if (data.kind === 'bars')
    return {
      ...common,
      type: 'bar',
      stack: 'all',
      barCategoryGap: data.labels.length > 60 ? '12%' : '26%',
      barMaxWidth: 56,
      itemStyle: {
        color,
        borderColor: themeColour('--surface'),
        borderWidth: 0.5,
        ...(series.striped && { decal: STRIPES }),
      },
      emphasis: { disabled: true },
    };
  return {
    ...common,
    type: 'line',
    // A figure between two gaps is a point, which no line would show.
    showSymbol: data.labels.length === 1 || (data.kind === 'line' && series.values.includes(null)),
    symbolSize: 5,
    lineStyle: { color, width: data.kind === 'area' ? 1 : 1.8, ...(series.striped && { type: 'dashed' }) },
    itemStyle: { color },
    emphasis: { disabled: true },
    ...(data.kind === 'area' && { stack: 'all', areaStyle: { color, opacity: 0.82 } }),
  };
}

function beforeOption(data: ChartData, before: NonNullable<ChartData['before']>): Record<string, unknown> {
  return {
    id: BEFORE,
    name: BEFORE,
    type: 'line',
    data: before.map(drawn),
    showSymbol: data.labels.length === 1,
    lineStyle: { color: themeColour('--text-soft'), width: 1.4, type: [4, 4] },
    itemStyle: { color: themeColour('--text-soft') },
    emphasis: { disabled: true },
    z: 5,
  };
}

/** The lower bound carries, unseen, what lies between the bounds. */
function bandOptions({ mean, lower, upper }: ChartBand): Record<string, unknown>[] {
  const color = themeColour('--accent');
  const line = { type: 'line', showSymbol: false, emphasis: { disabled: true }, itemStyle: { color }, z: 4 };
  const hidden = { ...line, stack: 'band', lineStyle: { opacity: 0 } };
  const between = upper.map((value, index) => (value === null ? null : Number(value) - Number(lower[index])));
  return [
    { ...hidden, id: 'band-lower', data: lower.map(drawn) },
    { ...hidden, id: 'band-between', data: between, areaStyle: { color, opacity: 0.16 } },
    { ...line, id: 'band-mean', data: mean.map(drawn), lineStyle: { color, width: 1.6, type: [5, 4] } },
  ];
}

function notesOption(notes: NonNullable<ChartData['notes']>): Record<string, unknown> {
  return {
    id: 'notes',
    type: 'line',
    data: [],
    markLine: {
      silent: true,
      symbol: 'none',
      animation: false,
      lineStyle: { color: themeColour('--accent'), width: 1, type: 'solid' },
      label: {
        formatter: '{b}',
        color: themeColour('--accent'),
        fontFamily: themeFont(),
        fontSize: 11,
        position: 'end',
        distance: 3,
        width: 140,
        overflow: 'truncate',
      },
      data: notes.map(({ index, text }) => ({ xAxis: index, name: text })),
    },
  };
}

/** ECharts' option of bars, areas and lines over time. */
export function optionOf(data: ChartData): EChartsCoreOption {
  const faint = themeColour('--text-faint');
  const text = { color: faint, fontFamily: themeFont(), fontSize: 11 };
  return {
    animation: false,
    grid: {
      left: 4,
      right: 8,
      top: data.notes?.length ? 24 : 12,
      bottom: 2,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    tooltip: {
      trigger: 'axis',
      showContent: false,
      axisPointer: {
        type: data.kind === 'bars' ? 'shadow' : 'line',
        shadowStyle: { color: themeColour('--text'), opacity: 0.05 },
        lineStyle: { color: faint, type: 'solid', width: 1 },
      },
    },
    xAxis: {
      type: 'category',
      data: data.labels,
      boundaryGap: data.kind === 'bars' || data.labels.length === 1,
      axisLine: { lineStyle: { color: themeColour('--line-strong') } },
      axisTick: { show: false },
      axisLabel: { ...text, hideOverlap: true, margin: 10 },
    },
    yAxis: {
      type: 'value',
      splitNumber: 4,
      axisLabel: { ...text, formatter: data.axisText },
      splitLine: { lineStyle: { color: themeColour('--line') } },
    },
    series: [
      ...data.series.map((series) => seriesOption(data, series)),
      ...(data.before ? [beforeOption(data, data.before)] : []),
      ...(data.band ? bandOptions(data.band) : []),
      ...(data.notes?.length ? [notesOption(data.notes)] : []),
    ],
  };
}
