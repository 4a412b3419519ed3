import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileParts, compileWildcard } from './wildcard.ts';

/** What a pattern means, said in the slow way. */
function matchesSlowly(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const [first, rest] = [pattern[0], pattern.slice(1)];
  if (first === '*') return matchesSlowly(rest, text) || (text !== '' && matchesSlowly(pattern, text.slice(1)));
  return text !== '' && (first === '?' || first === text[0]) && matchesSlowly(rest, text.slice(1));
}

test('a pattern matches what its definition says', () => {
  const anyPattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 7 });
  const anyText = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
  const property = fc.property(anyPattern, anyText, (pattern, text) => {
    expect(compileWildcard(pattern)(text)).toBe(matchesSlowly(pattern, text));
  });
  fc.assert(property, { seed: 20_261, numRuns: 5_000 });
});

test('wildcards in literal parts are plain characters', () => {
  const matches = compileParts([
    { text: 'a*', isLiteral: true },
    { text: '*', isLiteral: false },
    { text: '?', isLiteral: true },
  ]);
  expect(matches('a*bc?')).toBe(true);
  expect(matches('a*?')).toBe(true);
  expect(matches('axbc?')).toBe(false);
  expect(matches('a*bcd')).toBe(false);
});
