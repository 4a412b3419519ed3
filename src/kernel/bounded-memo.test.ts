import { expect, test } from 'vitest';
import { BoundedMemo } from './bounded-memo.ts';

test('a result is made once while it is in use, and made anew when it was crowded out', () => {
  const memo = new BoundedMemo<number>(10);
  let made = 0;
  const ask = (text: string) => memo.get(text, () => ++made);
  const first = ask('keep');
  for (let index = 0; index < 50; index++) {
    ask(`f${index}`);
    expect(ask('keep')).toBe(first);
  }
  expect(made).toBe(51);
  ask('f0');
  expect(made).toBe(52);
});

test('a text longer than the memo is answered all the same', () => {
  const memo = new BoundedMemo<string>(4);
  expect(memo.get('far too long', () => 'made')).toBe('made');
});
