import { describe, expect, it } from 'vitest';
import { normalisedName } from './normalised-name.ts';

describe('normalised names', () => {
  it.each([
    ['user:project', 'user_project'],
    ['user:CostCenter', 'user_cost_center'],
    ['user:cost-center', 'user_cost_center'],
    ['user:a:b / c_', 'user_a_b_c'],
    ['aws:createdBy', 'aws_created_by'],
    // As AWS's own savings_plan_savings_plan_a_r_n.
    ['savingsPlan/SavingsPlanARN', 'savings_plan_savings_plan_a_r_n'],
  ])('of %s is %s', (name, normalised) => {
    expect(normalisedName(name)).toBe(normalised);
  });
});
