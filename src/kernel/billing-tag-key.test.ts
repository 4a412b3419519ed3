import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTagKey, TAG_PREFIX, tagTypeOf, wireTagKey } from './billing-tag-key.ts';

describe('keys of billing tags', () => {
  it.each([
    ['iamPrincipal/team', 'iamPrincipal/team'],
    ['accountTag/business-unit', 'accountTag/business-unit'],
    ['resourceTags/project', 'project'],
    ['resourceTags/a/b', 'a/b'],
    ['resourceTags/aws:createdBy', 'aws:createdBy'],
    // Keys of resources that are spelled like the bill's own.
    ['resourceTags/iamPrincipal/team', 'resourceTags/iamPrincipal/team'],
    ['resourceTags/resourceTags/x', 'resourceTags/resourceTags/x'],
  ])('write %s as %s', (key, wireKey) => {
    expect(wireTagKey(key)).toBe(wireKey);
    expect(readTagKey(wireKey)).toBe(key);
  });

  it('never look alike, and are read back, whatever tags are called', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom(...Object.values(TAG_PREFIX)));
    const key = fc.tuple(fc.constantFrom(...Object.values(TAG_PREFIX)), fc.array(name, { maxLength: 3 }));
    const property = fc.property(key, ([prefix, names]) => {
      const prefixed = prefix + names.join('');
      expect(readTagKey(wireTagKey(prefixed))).toBe(prefixed);
    });
    fc.assert(property, { seed: 3, numRuns: 2_000 });
  });

  it('that AWS makes are those of resources with aws:', () => {
    expect(tagTypeOf('resourceTags/aws:createdBy')).toBe('AWSGenerated');
    expect(tagTypeOf('resourceTags/project')).toBe('UserDefined');
    expect(tagTypeOf('iamPrincipal/team')).toBe('UserDefined');
  });
});
