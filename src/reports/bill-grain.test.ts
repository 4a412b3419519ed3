import { expect, it } from 'vitest';
import { billGrain } from './bill-grain.ts';

it.each([
  ['hour', { by_hour: 90, by_day: 90, all: 100 }],
  ['day', { by_hour: 89, by_day: 95, all: 100 }],
  ['month', { by_hour: 0, by_day: 89, all: 100 }],
  [undefined, { by_hour: 0, by_day: 0, all: 0 }],
])('is %s where that is what most of the cost is known by', (grain, row) => {
  expect(billGrain(row)).toBe(grain);
});
