import { type ChartData, toNumber } from './chart-data.ts';
import type { Size } from './plot.ts';

/** A rectangle for one series, in pixels. */
export interface Tile {
  readonly key: string;
  readonly value: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Area {
  readonly key: string;
  readonly value: number;
  /** Square pixels. */
  readonly area: number;
}

/** How far from a square the worst of a row is, when the row takes a whole side. */
function worst(row: readonly Area[], side: number): number {
  const sum = row.reduce((before, { area }) => before + area, 0);
  const depth = sum / side;
  return Math.max(...row.map(({ area }) => Math.max(depth / (area / depth), area / depth / depth)));
}

/**
 * Rectangles in proportion to the sums of the series, as near to squares as they get: rows along the shorter side, each as long as
 * that betters its worst (Bruls, Huizing, van Wijk: Squarified Treemaps). What is not above zero has no area.
 */
export function tilesOf({ series }: Pick<ChartData, 'series'>, { width, height }: Size): Tile[] {
  const values = series
    .map(({ key, values: all }) => ({ key, value: all.reduce((sum, value) => sum + toNumber(value), 0) }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value);
  const whole = values.reduce((sum, { value }) => sum + value, 0);
  const left = values.map(({ key, value }): Area => ({ key, value, area: (value / whole) * width * height }));
  const tiles: Tile[] = [];
  let room = { x: 0, y: 0, width, height };
  while (left.length > 0) {
    const side = Math.min(room.width, room.height);
    const row = [left.shift()!];
    while (left[0] && worst([...row, left[0]], side) <= worst(row, side)) row.push(left.shift()!);
    const depth = row.reduce((sum, { area }) => sum + area, 0) / side;
    const isColumn = room.width >= room.height;
    let at = isColumn ? room.y : room.x;
    for (const { key, value, area } of row) {
      const length = area / depth;
      tiles.push(
        isColumn
          ? { key, value, x: room.x, y: at, width: depth, height: length }
          : { key, value, x: at, y: room.y, width: length, height: depth },
      );
      at += length;
    }
    room = isColumn
      ? { ...room, x: room.x + depth, width: room.width - depth }
      : { ...room, y: room.y + depth, height: room.height - depth };
  }
  return tiles;
}

export function tileAt(tiles: readonly Tile[], x: number, y: number): Tile | undefined {
  return tiles.find((tile) => x >= tile.x && x < tile.x + tile.width && y >= tile.y && y < tile.y + tile.height);
}
