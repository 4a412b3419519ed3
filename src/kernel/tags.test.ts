import { describe, expect, it } from 'vitest';
import { NO_TAGS, overlayTags, sortedTagPairs } from './tags.ts';

describe('overlayTags', () => {
  it('lets the session tag replace a principal tag whose key differs in letter case only, in its own spelling', () => {
    const merged = overlayTags(
      new Map([
        ['Department', 'a'],
        ['team', 'b'],
      ]),
      new Map([['department', 'c']]),
    );
    expect(sortedTagPairs(merged)).toEqual([
      ['department', 'c'],
      ['team', 'b'],
    ]);
  });

  it('keeps a key such as __proto__ as a key', () => {
    expect(overlayTags(NO_TAGS, new Map([['__proto__', 'x']])).get('__proto__')).toBe('x');
  });
});

describe('sortedTagPairs', () => {
  it('gives equal tag sets equal bytes', () => {
    const one = JSON.stringify(
      sortedTagPairs(
        new Map([
          ['a', '1'],
          ['B', '2'],
        ]),
      ),
    );
    expect(
      JSON.stringify(
        sortedTagPairs(
          new Map([
            ['B', '2'],
            ['a', '1'],
          ]),
        ),
      ),
    ).toBe(one);
  });
});
