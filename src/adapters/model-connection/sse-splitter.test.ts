import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventTooLong, SseSplitter } from './sse-splitter.ts';

function split(chunks: readonly Buffer[], maxEventBytes = 1_000): string[] {
  const events: string[] = [];
  const splitter = new SseSplitter(maxEventBytes, (data) => events.push(data));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return events;
}

describe('SseSplitter', () => {
  it('finds the same events wherever the stream is cut', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((data) => data.replace(/[\r\n]/g, ' '));
    const stream = fc.array(fc.tuple(text, fc.constantFrom('\n', '\r\n')), { maxLength: 6 });
    fc.assert(
      fc.property(stream, fc.array(fc.nat(200), { maxLength: 8 }), (events, cuts) => {
        const bytes = Buffer.from(events.map(([data, end]) => `id: 1${end}data: ${data}${end}${end}`).join(''));
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
        expect(split(chunks)).toEqual(events.map(([data]) => data).filter((data) => data !== ''));
      }),
    );
  });

  it('passes over what is not data', () => {
    expect(split([Buffer.from(': hello\n\nevent: x\n\ndat\n\ndata\n\ndata:\n\ndatabase: 1\n\n\n\n')])).toEqual([]);
  });

  it('joins the lines of one event', () => {
    expect(split([Buffer.from('data: a\ndata:b\ndata:  c\n\n')])).toEqual(['a\nb\n c']);
  });

  it('refuses an event that is too long, on one line or many', () => {
    expect(() => split([Buffer.from(`data: ${'x'.repeat(50)}`)], 50)).toThrow(EventTooLong);
    expect(() => split([Buffer.from('data: x\n'.repeat(50))], 50)).toThrow(EventTooLong);
  });
});
