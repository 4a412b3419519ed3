import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { likenessOf, similarNames } from './similar-names.ts';

describe('likenessOf', () => {
  it.each([
    ['data-science', 'Data-Science', 'case'],
    ['data-science', 'Data Science', 'punctuation'],
    ['data-science', 'datascience', 'punctuation'],
    ['DataScience', 'data_science', 'punctuation'],
    ['café', 'cafe', 'punctuation'],
    ['ｓｅａｒｃｈ', 'search', 'case'],
    ['data-science', 'data-sciense', 'spelling'],
    ['datascience', 'Data-Sciense', 'spelling'],
    ['payment', 'pyament', 'spelling'],
    ['engineering', 'enginering', 'spelling'],
    ['platform-eu-1', 'platfrom-eu-1', 'spelling'],
  ])('%s and %s differ in %s', (a, b, expected) => expect(likenessOf(a, b)).toBe(expected));

  it.each([
    ['team-a', 'team-b'],
    ['12345', '12346'],
    ['cost-center-1', 'cost-center-11'],
    ['v1-2', 'v12'],
    ['dev', 'prod'],
    ['search', 'research'],
    ['eu-west', 'eu-east'],
    ['test', 'text'],
    ['-', '_'],
    ['', '-'],
    ['frontend', 'backend'],
    ['same', 'same'],
  ])('%s and %s are two names', (a, b) => expect(likenessOf(a, b)).toBeUndefined());
});

const name = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'abcABC12-_ é'), maxLength: 14 }),
  fc.constantFrom('data-science', 'Data Science', 'datascience', 'engineering', 'enginering', 'team-a', 'team-b'),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const word = fc.string({ unit: fc.constantFrom(...'abcdefghij'), minLength: 6, maxLength: 12 });

describe('whatever the names', () => {
  it('likeness goes both ways', () => {
    fc.assert(fc.property(name, name, (a, b) => likenessOf(a, b) === likenessOf(b, a)));
  });

  it('a group is found whatever the order of the names, and no name is in two', () => {
    fc.assert(
      fc.property(fc.array(name, { maxLength: 12 }), fc.nat(), (names, turn) => {
        const turned = [...names.slice(turn % (names.length + 1)), ...names.slice(0, turn % (names.length + 1))];
        const sorted = (all: readonly string[]) =>
          similarNames(all)
            .map(({ names: group }) => [...group].sort())
            .sort((a, b) => (a[0]! < b[0]! ? -1 : 1));
        expect(sorted(turned)).toEqual(sorted(names));
        const members = similarNames(names).flatMap((group) => group.names);
        expect(new Set(members).size).toBe(members.length);
        for (const { names: group } of similarNames(names)) {
          expect(group.length).toBeGreaterThan(1);
          for (const one of group) expect(group.some((other) => likenessOf(one, other) !== undefined)).toBe(true);
        }
      }),
    );
  });

  it('names outside of all groups are like no other', () => {
    fc.assert(
      fc.property(fc.array(name, { maxLength: 12 }), (names) => {
        const grouped = new Set(similarNames(names).flatMap((group) => group.names));
        const alone = names.filter((one) => !grouped.has(one));
        for (const one of alone) for (const other of names) expect(likenessOf(one, other)).toBeUndefined();
      }),
    );
  });

  it('letter case, dashes between letters, and one letter too few are seen through', () => {
    fc.assert(
      fc.property(word, word, fc.nat(), (first, second, at) => {
        const plain = `${first}-${second}`;
        expect(likenessOf(plain, plain.toUpperCase())).toBe('case');
        expect(likenessOf(plain, `${first} ${second}`)).toBe('punctuation');
        const cut = at % (first.length - 1);
        if (first.length > 6) {
          const missing = `${first.slice(0, cut)}${first.slice(cut + 1)}-${second}`;
          expect(likenessOf(plain, missing)).toBe('spelling');
        }
      }),
    );
  });

  it('another number is another name', () => {
    fc.assert(
      fc.property(word, fc.nat(), fc.nat(), (text, a, b) => {
        if (a !== b) expect(likenessOf(`${text}-${a}`, `${text}-${b}`)).toBeUndefined();
      }),
    );
  });
});
