import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CostCategoryRule } from '../cost-categories/category-calls.ts';
import { draftOfRule, ruleOf, wordsOf } from './rule-draft.ts';

const leaf = fc
  .record({
    of: fc.constantFrom('Tags', 'Dimensions', 'CostCategories'),
    key: fc.constantFrom('iamPrincipal/team', 'USAGE_TYPE', 'Product line'),
    matching: fc.constantFrom('EQUALS', 'STARTS_WITH', 'ENDS_WITH', 'CONTAINS', 'ABSENT'),
    values: fc.array(fc.string({ minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
    isNegated: fc.boolean(),
  })
  .map(({ of, key, matching, values, isNegated }) => {
    const found = { [of]: { Key: key, ...(matching !== 'ABSENT' && { Values: values }), MatchOptions: [matching] } };
    return isNegated ? { Not: found } : found;
  });
const joined = fc
  .tuple(fc.constantFrom('And', 'Or'), fc.array(leaf, { minLength: 2, maxLength: 4 }))
  .map(([how, parts]) => ({ [how]: parts }));
const nested = fc.tuple(leaf, joined).map(([one, several]) => ({ And: [one, several] }));
const rule = fc.oneof(
  fc.oneof(leaf, joined, nested).map((Rule): CostCategoryRule => ({ Type: 'REGULAR', Value: 'x', Rule })),
  fc.constantFrom<CostCategoryRule>(
    { Type: 'INHERITED_VALUE', InheritedValue: { DimensionName: 'LINKED_ACCOUNT_NAME' } },
    { Type: 'INHERITED_VALUE', InheritedValue: { DimensionName: 'TAG', DimensionKey: 'iamPrincipal/team' } },
  ),
);

describe('a rule in the builder', () => {
  it('comes out as it went in, whatever it says', () => {
    fc.assert(
      fc.property(rule, (given) => {
        expect(ruleOf(draftOfRule(given))).toEqual(given);
      }),
    );
  });

  it('has controls for what is one comparison, or several that are joined in one way', () => {
    fc.assert(
      fc.property(fc.oneof(leaf, joined), (Rule) => {
        expect(draftOfRule({ Type: 'REGULAR', Value: 'x', Rule }).kind).toBe('match');
      }),
    );
    fc.assert(fc.property(nested, (Rule) => draftOfRule({ Type: 'REGULAR', Value: 'x', Rule }).kind === 'raw'));
  });

  it.each([
    [{ Tags: { Key: 'team', Values: ['a', 'b'] } }, 'tag team is a or b'],
    [
      { Not: { Dimensions: { Key: 'REGION', Values: ['eu'], MatchOptions: ['STARTS_WITH'] } } },
      'region does not begin with eu',
    ],
    [{ CostCategories: { Key: 'Line', MatchOptions: ['ABSENT'] } }, 'category Line is absent'],
  ])('%j reads: %s', (Rule, words) => expect(wordsOf(draftOfRule({ Value: 'x', Rule }))).toBe(words));
});
