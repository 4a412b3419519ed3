import { describe, expect, it } from 'vitest';
import { normalisedKey } from './resource-tags.ts';

describe('normalised keys of resource tags', () => {
  it.each([
    ['resourceTags/project', 'user_project'],
    ['resourceTags/CostCenter', 'user_cost_center'],
    ['resourceTags/cost-center', 'user_cost_center'],
    ['resourceTags/a:b / c_', 'user_a_b_c'],
    ['resourceTags/aws:createdBy', 'aws_created_by'],
  ])('of %s is %s', (key, name) => {
    expect(normalisedKey(key)).toBe(name);
  });
});
