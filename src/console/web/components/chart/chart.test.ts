import { describe, expect, it } from 'vitest';
import { type ChartData, type ChartKind, seriesAt } from './chart-data.ts';
import { areaPaths, barPaths, linePath } from './paths.ts';
import { plotOf, ticksOf } from './plot.ts';
import { tileAt, tilesOf } from './treemap.ts';
import { STEP_HEIGHT, stepAt, waterfallOf } from './waterfall.ts';

const SIZE = { width: 500, height: 300 };

function chart(kind: ChartKind, ...values: (string | null)[][]): ChartData {
  const series = values.map((all, index) => ({ key: `s${index}`, name: '', colour: '', values: all }));
  return { kind, labels: values[0]!.map((_, index) => `day ${index}`), series, axisText: String };
}

describe('axes', () => {
  it('have round values with zero among them', () => {
    expect(ticksOf(0, 1_375)).toEqual([0, 500, 1_000, 1_500]);
    expect(ticksOf(-30, 80)).toEqual([-50, 0, 50, 100]);
    expect(ticksOf(0, 0)).toEqual([0, 0.25]);
  });

  it('find the place and the value that a point stands for', () => {
    for (const kind of ['bars', 'line'] as const) {
      const plot = plotOf(chart(kind, ['1', '2', '3'], ['4', '5', '6']), SIZE);
      for (const index of [0, 1, 2]) expect(plot.indexAt(plot.x(index))).toBe(index);
      expect(plot.indexAt(-100)).toBe(0);
      expect(plot.indexAt(10_000)).toBe(2);
      expect(plot.valueAt(plot.y(4.5))).toBeCloseTo(4.5);
    }
  });

  it('reach the top of a stack, and below zero', () => {
    expect(plotOf(chart('bars', ['3', '-1'], ['4', '-2']), SIZE).ticks).toEqual([-5, -2.5, 0, 2.5, 5, 7.5]);
  });
});

describe('what is under the pointer', () => {
  it('is the part of the stack that the value falls into', () => {
    const data = chart('bars', ['3', '-1'], ['4', '-2']);
    const under = (index: number, value: number) => seriesAt(data, index, value)?.key;
    expect([under(0, 1), under(0, 5), under(0, 9), under(0, -1)]).toEqual(['s0', 's1', undefined, undefined]);
    expect([under(1, -0.5), under(1, -2), under(1, 0.5)]).toEqual(['s0', 's1', undefined]);
  });

  it('is the nearest of lines', () => {
    expect(seriesAt(chart('line', ['3'], ['10']), 0, 7)?.key).toBe('s1');
  });
});

describe('paths', () => {
  it('leave gaps where nothing is known', () => {
    const data = chart('line', ['1', null, '3', '4']);
    const path = linePath(data.series[0]!.values, plotOf(data, SIZE));
    expect(path.match(/M/g)).toHaveLength(2);
    expect(path).toMatch(/^M[\d. ]+h0\.01M[\d. ]+L[\d. ]+$/);
  });

  it('draw no bar of nothing, and areas on one another', () => {
    const bars = chart('bars', ['1', '0'], ['2', '2']);
    expect(barPaths(bars, plotOf(bars, SIZE)).map((path) => path.match(/z/g)?.length)).toEqual([1, 2]);
    const areas = chart('area', ['1', '1'], ['2', null]);
    const [lower, upper] = areaPaths(areas, plotOf(areas, SIZE));
    expect(lower!.match(/z/g)).toHaveLength(1);
    expect(upper).not.toBe('');
  });
});

describe('treemaps', () => {
  it('fill the room in proportion, and leave out what is not above zero', () => {
    const data = chart('treemap', ['6'], ['6'], ['4'], ['3'], ['2'], ['2'], ['1'], ['0'], ['-5']);
    const tiles = tilesOf(data, { width: 600, height: 400 });
    expect(tiles.map(({ key }) => key)).toEqual(['s0', 's1', 's2', 's3', 's4', 's5', 's6']);
    for (const { width, height, value } of tiles) expect(width * height).toBeCloseTo(value * 10_000);
    expect(Math.max(...tiles.map(({ width, height }) => Math.max(width / height, height / width)))).toBeLessThan(3);
    const { x, y, key } = tiles[4]!;
    expect(tileAt(tiles, x + 1, y + 1)?.key).toBe(key);
  });
});

describe('waterfalls', () => {
  it('lead from one whole to the other, each step from where the last one ended', () => {
    const data = chart('waterfall', ['40', '25', '-15', '50']);
    const { steps, zero } = waterfallOf(data, SIZE);
    expect(steps.map(({ kind }) => kind)).toEqual(['whole', 'rise', 'fall', 'whole']);
    expect(steps[1]!.left).toBeCloseTo(steps[0]!.end);
    expect(steps[2]!.left + steps[2]!.width).toBeCloseTo(steps[1]!.end);
    expect(steps[2]!.end).toBeCloseTo(steps[3]!.end);
    expect([steps[0]!.left, steps[3]!.left]).toEqual([zero, zero]);
    expect([stepAt(-5, data), stepAt(STEP_HEIGHT * 2.5, data), stepAt(9_999, data)]).toEqual([0, 2, 3]);
  });

  it('leave zero out where steps would be too small to be seen', () => {
    const [whole, step] = waterfallOf(chart('waterfall', ['1000', '1', '1001']), SIZE).steps;
    expect(step!.width).toBeGreaterThan(100);
    expect(whole!.width).toBeGreaterThan(50);
  });
});
