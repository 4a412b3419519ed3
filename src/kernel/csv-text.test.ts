import { expect, it } from 'vitest';
import { csvText } from './csv-text.ts';

it.each(['=1+1', '+1', '@SUM(A1)', '\t=1', '-2+3+cmd|calc', '-1-HYPERLINK("x")', '-A1'])(
  'quotes %j, which a spreadsheet would run',
  (cell) => {
    expect(csvText([[cell]]).replace(/^"/, '')).toMatch(/^'/);
  },
);

it.each(['-', '-1', '-0.5', '-.5', '-12.50', '-1e-7', '-3.2%', 'a-b'])('leaves %j as it is', (cell) => {
  expect(csvText([[cell]])).toBe(cell);
});
