import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../kernel/time.ts';
import { chunksOf, fuseChunks, type HourCount, partCondition } from './export-chunks.ts';

const MAY = Date.parse('2026-05-01T00:00:00Z');
const JUNE = Date.parse('2026-06-01T00:00:00Z');

function cut(granularity: string, counts: Readonly<Record<number, number>>, maxLineItems: number): string[] {
  const hours = Object.entries(counts).map(([hour, lineItems]) => ({
    startMs: MAY + Number(hour) * HOUR_MS,
    lineItems,
  }));
  const chunks = chunksOf('2026-05', granularity, hours, maxLineItems);
  return chunks.map(({ range, part }) => {
    const hour = (atMs: number) => (atMs - MAY) / HOUR_MS;
    return `${hour(range.startMs)}-${hour(range.endMs)}${part ? ` ${part.index}/${part.count}` : ''}`;
  });
}

describe('a period', () => {
  test('is one chunk when it is small, and when it is empty', () => {
    expect(cut('HOURLY', {}, 10)).toEqual(['0-744']);
    expect(cut('HOURLY', { 3: 5, 700: 5 }, 10)).toEqual(['0-744']);
  });

  test('is cut where the next hour or day would be too much', () => {
    expect(cut('HOURLY', { 0: 6, 1: 4, 5: 6, 30: 5 }, 10)).toEqual(['0-5', '5-30', '30-744']);
    expect(cut('DAILY', { 0: 6, 1: 4, 5: 6, 30: 5 }, 16)).toEqual(['0-24', '24-744']);
  });

  test('is cut into parts where one hour, day or month alone is too much', () => {
    expect(cut('HOURLY', { 3: 25, 4: 1 }, 10)).toEqual(['0-4 0/3', '0-4 1/3', '0-4 2/3', '4-744']);
    expect(cut('MONTHLY', { 3: 6, 700: 5 }, 10)).toEqual(['0-744 0/2', '0-744 1/2']);
  });

  test('is covered whole, once, in order, whatever it holds', () => {
    const hour = fc.record({ hour: fc.integer({ min: 0, max: 743 }), lineItems: fc.integer({ min: 1, max: 50 }) });
    const hours = fc.uniqueArray(hour, { selector: (one) => one.hour, maxLength: 60 });
    const granularities = fc.constantFrom('HOURLY', 'DAILY', 'MONTHLY');
    fc.assert(
      fc.property(hours, granularities, fc.integer({ min: 1, max: 100 }), (counts, granularity, maxLineItems) => {
        const sorted = counts.toSorted((a, b) => a.hour - b.hour);
        const given: HourCount[] = sorted.map(({ hour, lineItems }) => ({ startMs: MAY + hour * HOUR_MS, lineItems }));
        const chunks = chunksOf('2026-05', granularity, given, maxLineItems);
        let endMs = MAY;
        for (const { range, part } of chunks.filter((chunk) => (chunk.part?.index ?? 0) === 0)) {
          expect(range.startMs).toBe(endMs);
          endMs = range.endMs;
          const unitMs = granularity === 'DAILY' ? DAY_MS : HOUR_MS;
          if (granularity !== 'MONTHLY') expect((range.startMs - MAY) % unitMs).toBe(0);
          const inside = given.filter(({ startMs }) => startMs >= range.startMs && startMs < range.endMs);
          const lineItems = inside.reduce((sum, one) => sum + one.lineItems, 0);
          expect(lineItems / (part?.count ?? 1)).toBeLessThanOrEqual(maxLineItems);
          const parts = chunks.filter((chunk) => chunk.range.startMs === range.startMs);
          expect(parts.map((chunk) => chunk.part?.index ?? 0)).toEqual([...parts.keys()]);
          expect(parts).toHaveLength(part?.count ?? 1);
        }
        expect(endMs).toBe(JUNE);
      }),
      { seed: 20261129, numRuns: 300 },
    );
  });
});

describe('chunks of which a statement lets only some rows through', () => {
  const chunk = (from: number, to: number) => ({ range: { startMs: from, endMs: to } });
  const counted = [
    { chunk: chunk(0, 1), rowCount: 0 },
    { chunk: chunk(1, 2), rowCount: 2 },
    { chunk: chunk(2, 3), rowCount: 0 },
    { chunk: chunk(3, 4), rowCount: 3 },
    { chunk: { ...chunk(4, 5), part: { index: 0, count: 2 } }, rowCount: 6 },
    { chunk: { ...chunk(4, 5), part: { index: 1, count: 2 } }, rowCount: 0 },
    { chunk: chunk(5, 6), rowCount: 4 },
  ];

  test('become fewer, and keep their order', () => {
    expect(fuseChunks(counted, 5)).toEqual([chunk(1, 4), counted[4]!.chunk, chunk(5, 6)]);
    expect(fuseChunks(counted, 4)).toEqual([chunk(1, 2), chunk(3, 4), counted[4]!.chunk, chunk(5, 6)]);
    expect(fuseChunks(counted, 6)).toEqual([chunk(1, 4), chunk(4, 5), chunk(5, 6)]);
    expect(fuseChunks(counted.slice(0, 1), 5)).toEqual([]);
  });

  test('end where the limit is', () => {
    expect(fuseChunks(counted, 5, 14)).toEqual([chunk(1, 4), counted[4]!.chunk, { ...chunk(5, 6), limit: 3 }]);
    expect(fuseChunks(counted.slice(0, 2), 5, 1)).toEqual([{ ...chunk(1, 2), limit: 1 }]);
    expect(fuseChunks(counted, 5, 100).at(-1)).toEqual(chunk(5, 6));
  });
});

test('a part takes the rows of its remainder', () => {
  const range = { startMs: 0, endMs: 1 };
  expect(partCondition({ range }, ['a', 'b'])).toBe('');
  expect(partCondition({ range, part: { index: 1, count: 3 } }, ['a', 'b'])).toBe(' AND sipHash64(a, b) % 3 = 1');
});
