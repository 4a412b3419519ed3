import { expect, it } from 'vitest';
import { attributeOf, attributesOf } from './attributes.ts';
import { patchedAttributes, patchedMembers } from './patch.ts';

it('passes over names that every object has', () => {
  const smuggled = { userName: 1, active: 'x', createdAtMs: 'x' };
  expect(attributesOf({ constructor: smuggled, userName: 'alice' })).toEqual({ userName: 'alice' });
  expect(attributeOf('urn:x:Constructor', smuggled)).toEqual({});
  const Operations = [{ op: 'replace', path: 'constructor', value: smuggled }];
  expect(patchedAttributes({ Operations })).toEqual({});
});

it('refuses text that is too long or steers a terminal', () => {
  for (const userName of ['a'.repeat(257), 'a\u001b[2J', 7])
    expect(() => attributesOf({ userName })).toThrow('userName');
});

it('changes members as operations say, one after the other', () => {
  const patched = (present: string[], ...Operations: object[]) => patchedMembers({ Operations }, present);
  const list = (...ids: string[]) => ids.map((value) => ({ value }));
  const add = { op: 'Add', path: 'members', value: list('c', 'a') };
  expect(patched(['a', 'b'], add, { op: 'remove', path: 'members[value eq "b"]' })).toEqual(['a', 'c']);
  expect(patched(['a', 'b'], { op: 'remove', path: 'members', value: list('a', 'x') })).toEqual(['b']);
  expect(patched(['a'], { op: 'remove', path: 'members' }, add)).toEqual(['c', 'a']);
  expect(patched(['a'], { op: 'replace', value: { members: list('b') } })).toEqual(['b']);
  expect(patched(['a'], { op: 'replace', path: 'displayName', value: 'x' })).toEqual(['a']);
  // As many as there may be, named in every operation: a list of lists would take minutes.
  const everybody = Array.from({ length: 20_000 }, (_, id) => `${id}`);
  const value = list(...everybody);
  const again = Array.from({ length: 50 }, () => ({ op: 'remove', path: 'members', value }));
  expect(patched(everybody, ...again)).toEqual([]);
});
