import { expect, it } from 'vitest';
import { attributeOf, attributesOf } from './attributes.ts';
import { patchedAttributes } from './patch.ts';

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
