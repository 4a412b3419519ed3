import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { GptTokenCounter } from './gpt-token-counter.ts';

const counter = new GptTokenCounter();
const paragraph = 'A cache read is cheaper than a write, and Zürich is colder than 東京 in winter. '.repeat(40);

describe('GptTokenCounter', () => {
  it('agrees with the vocabulary', async () => {
    expect(await counter.count(['Hello, world!'])).toBe(4);
    expect(await counter.count([])).toBe(0);
    expect(await counter.count(['', ''])).toBe(0);
    expect(await counter.count([paragraph, 'Hello, world!'])).toBe(countTokens(paragraph) + 4);
  });

  it('counts the names of control tokens as text', async () => {
    expect(await counter.count(['<|endoftext|>'])).toBeGreaterThan(1);
  });

  it('extrapolates what is too long to count', async () => {
    const long = paragraph.repeat(400);
    const exact = countTokens(paragraph) * 400;
    expect(Math.abs((await counter.count([long])) - exact) / exact).toBeLessThan(0.01);
  });

  it('counts a run without blanks nearly as the vocabulary does', async () => {
    const run = Array.from({ length: 3_000 }, (_, at) => String.fromCharCode(97 + ((at * 7919) % 26))).join('');
    const exact = countTokens(run);
    expect(Math.abs((await counter.count([run])) - exact) / exact).toBeLessThan(0.03);
  });
});
