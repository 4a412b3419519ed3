import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvLine, csvRows } from './csv-rows.ts';

it('reads what it writes, whatever the cells', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'é', ' ', ',', '"', '\n', '\r', '\r\n') });
  const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 });
  const end = fc.constantFrom('\n', '\r\n');
  fc.assert(
    fc.property(rows, end, fc.boolean(), (written, lineEnd, hasMark) => {
      const text = `${hasMark ? '\uFEFF' : ''}${written.map(csvLine).join(lineEnd)}`;
      expect(csvRows(text).map(({ cells }) => cells)).toEqual(written);
    }),
    { seed: 1 },
  );
});

it('says on which line a row begins, over empty lines and breaks inside quotes', () => {
  expect(csvRows('a,b\n\n"x\ny",2\r\nlast,')).toEqual([
    { line: 1, cells: ['a', 'b'] },
    { line: 3, cells: ['x\ny', '2'] },
    { line: 5, cells: ['last', ''] },
  ]);
});
