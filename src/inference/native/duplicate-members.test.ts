import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasDuplicateMembers } from './duplicate-members.ts';

const has = (json: string) => hasDuplicateMembers(Buffer.from(json));

it('finds a member that is there twice, at the top and within, however it is spelled', () => {
  expect(has('{"max_tokens": 1, "max_tokens": 100000}')).toBe(true);
  expect(has('{"a": [{"b": {"c": 1, "d": "}", "c": 2}}]}')).toBe(true);
  expect(has('{"max_tokens": 1, "max\\u005ftokens" \n: 100000}')).toBe(true);
  expect(has('{"a\\\\": 1, "a\\\\": 2}')).toBe(true);
});

it('takes a name in another object, or in a text, for another member', () => {
  expect(has('{"a": {"a": {"a": "a"}}, "b": ["a", "a", {"a": "\\"a\\": {"}]}')).toBe(false);
  expect(has('{"a": "x", "A": "x", "a ": "\\\\"}')).toBe(false);
  expect(has('"a"')).toBe(false);
  expect(has('{}')).toBe(false);
});

it('finds none in whatever an object is written as', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.boolean(), (value, isPretty) => {
      expect(has(JSON.stringify(value, null, isPretty ? 2 : 0))).toBe(false);
    }),
  );
});
