import { TreemapChart } from 'echarts/charts';
import { type EChartsCoreOption, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { type ChartData, toNumber } from './chart-data.ts';
import { STRIPES, themeColour, themeFont } from './style.ts';

export { init } from 'echarts/core';

use([TreemapChart, CanvasRenderer]);

/** ECharts' option of areas in proportion to the sums of the series. What is not above zero has no area. */
export function optionOf(data: ChartData): EChartsCoreOption {
  const areas = data.series.map((series) => ({
    id: series.key,
    name: series.name,
    value: series.values.reduce((sum, value) => sum + toNumber(value), 0),
    itemStyle: { color: themeColour(series.colour), ...(series.striped && { decal: STRIPES }) },
  }));
  const whole = areas.reduce((sum, { value }) => sum + Math.max(0, value), 0);
  return {
    animation: false,
    series: [
      {
        type: 'treemap',
        top: 0,
        left: 0,
        right: 0,
        bottom: 0,
        roam: false,
        nodeClick: false,
        breadcrumb: { show: false },
        label: {
          fontFamily: themeFont(),
          fontSize: 12,
          lineHeight: 17,
          color: themeColour('--surface'),
          formatter: ({ name, value }: { name: string; value: number }) =>
            `${name}\n${data.axisText(value)} · ${((100 * value) / whole).toFixed(1)} %`,
        },
        itemStyle: { borderColor: themeColour('--surface'), borderWidth: 1, gapWidth: 1 },
        emphasis: { itemStyle: { borderColor: themeColour('--text') } },
        data: areas.filter(({ value }) => value > 0),
      },
    ],
  };
}
