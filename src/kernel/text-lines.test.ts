import { expect, it } from 'vitest';
import { textLines } from './text-lines.ts';

async function* inPieces(text: string, pieceBytes: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function linesOf(text: string, pieceBytes: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of textLines(inPieces(text, pieceBytes), 100, () => new RangeError('too long')))
    lines.push(line);
  return lines;
}

it('has the lines of a stream, wherever its pieces end', async () => {
  const text = '{"a":"€"}\r\n\n  \nzwei\n{"b":2}';
  for (let pieceBytes = 1; pieceBytes < 30; pieceBytes += 1) {
    expect(await linesOf(text, pieceBytes)).toEqual(['{"a":"€"}', 'zwei', '{"b":2}']);
  }
  expect(await linesOf('', 1)).toEqual([]);
});

it('gives up on a line that is too long before it has all of it', async () => {
  await expect(linesOf(`short\n${'x'.repeat(1_000)}\n`, 10)).rejects.toThrow('too long');
  expect(await linesOf(`${'x'.repeat(90)}\n${'y'.repeat(90)}\n`, 7)).toHaveLength(2);
});
