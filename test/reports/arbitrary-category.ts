import fc from 'fast-check';
import type { CategoryCatalog, CostCategoryRule, CostCategoryVersion } from '../../src/allocation/cost-category.ts';
import type { CostExpression, CostExpressionLeaf } from '../../src/allocation/cost-expression.ts';

/** A rule refers only to categories that come before its own. */
export const CATEGORY_NAMES = ['Team', 'team', 'Größe-1'];

/** The same names under every prefix; the last one is in no usage. */
export const TAG_KEYS = [
  'iamPrincipal/team',
  'iamPrincipal/Team',
  'iamPrincipal/cost"center\\',
  'resourceTags/team',
  'resourceTags/iamPrincipal/team',
  'accountTag/team',
  'accountTag/none',
];

/** Texts that occur in lines, and some that do not. */
export const VALUES = ['', 'eng', 'Eng', "o'neil", 'äöü', '日本', 'us-east-1', 'input', 'cache write', 'App', 'alice'];

/** More of what dimensions say than `VALUES` has. */
const ruleTexts = fc.array(fc.constantFrom(...VALUES, 'AmazonBedrock', '111111111111', 'payer'), {
  minLength: 1,
  maxLength: 3,
});

const ruleLeaf: fc.Arbitrary<Omit<CostExpressionLeaf, 'Key'>> = fc.record(
  {
    Values: ruleTexts,
    MatchOptions: fc
      .tuple(
        fc.constantFrom('EQUALS', 'STARTS_WITH', 'ENDS_WITH', 'CONTAINS'),
        fc.constantFrom('CASE_SENSITIVE', 'CASE_INSENSITIVE'),
      )
      .map((options) => [...options]),
  },
  { requiredKeys: ['Values'] },
);
const absentLeaf = fc.constant<Omit<CostExpressionLeaf, 'Key'>>({ MatchOptions: ['ABSENT'] });

const RULE_DIMENSIONS = ['LINKED_ACCOUNT', 'LINKED_ACCOUNT_NAME', 'SERVICE_CODE', 'SERVICE', 'REGION', 'USAGE_TYPE'];

function ruleExpression(earlier: readonly string[]): fc.Arbitrary<CostExpression> {
  const withKey = (keys: readonly string[], leaf: fc.Arbitrary<Omit<CostExpressionLeaf, 'Key'>>) => {
    return fc.tuple(fc.constantFrom(...keys), leaf).map(([Key, rest]) => ({ Key, ...rest }));
  };
  const leaves: fc.Arbitrary<CostExpression>[] = [
    withKey([...RULE_DIMENSIONS, 'RECORD_TYPE'], ruleLeaf).map((Dimensions) => ({ Dimensions })),
    withKey(TAG_KEYS, fc.oneof(ruleLeaf, absentLeaf)).map((Tags) => ({ Tags })),
  ];
  if (earlier.length > 0) {
    leaves.push(withKey(earlier, fc.oneof(ruleLeaf, absentLeaf)).map((CostCategories) => ({ CostCategories })));
  }
  return fc.letrec<{ expression: CostExpression }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 2 },
      ...leaves,
      tie('expression').map((Not) => ({ Not })),
      fc.array(tie('expression'), { minLength: 2, maxLength: 3 }).map((And) => ({ And })),
      fc.array(tie('expression'), { minLength: 2, maxLength: 3 }).map((Or) => ({ Or })),
    ),
  })).expression;
}

function categoryRule(earlier: readonly string[]): fc.Arbitrary<CostCategoryRule> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ Value: fc.constantFrom('A', 'B', 'Größe'), Rule: ruleExpression(earlier) }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<CostCategoryRule>(
        { Type: 'INHERITED_VALUE', InheritedValue: { DimensionName: 'LINKED_ACCOUNT_NAME' } },
        { Type: 'INHERITED_VALUE', InheritedValue: { DimensionName: 'TAG', DimensionKey: TAG_KEYS[0]! } },
      ),
    },
  );
}

/** As most categories are: one rule for each account, team, ... */
const ruleList: fc.Arbitrary<CostCategoryRule[]> = fc
  .tuple(
    fc.constantFrom(
      (Values: string[]): CostExpression => ({ Dimensions: { Key: 'REGION', Values } }),
      (Values: string[]): CostExpression => ({ Tags: { Key: TAG_KEYS[0]!, Values } }),
    ),
    fc.array(fc.tuple(fc.constantFrom('A', 'B', 'C'), ruleTexts), { minLength: 2, maxLength: 4 }),
  )
  .map(([about, pairs]) => pairs.map(([Value, texts]) => ({ Value, Rule: about(texts) })));

function categoryRules(earlier: readonly string[]): fc.Arbitrary<CostCategoryRule[]> {
  const rule = categoryRule(earlier).map((one) => [one]);
  return fc
    .array(fc.oneof({ weight: 3, arbitrary: rule }, { weight: 1, arbitrary: ruleList }), { maxLength: 3 })
    .map((all) => all.flat());
}

/** Months in which versions begin: before the lines, within them, and after. */
const MONTHS = [Date.UTC(2026, 1, 1), Date.UTC(2026, 3, 1), Date.UTC(2026, 4, 1), Date.UTC(2026, 6, 1)];

function categoryVersions(earlier: readonly string[]): fc.Arbitrary<CostCategoryVersion[]> {
  const definition = fc.record(
    {
      rules: categoryRules(earlier),
      defaultValue: fc.constantFrom('Other', 'A'),
      splitChargeRules: fc.constant([]),
    },
    { requiredKeys: ['rules', 'splitChargeRules'] },
  );
  const begins = fc.subarray(MONTHS, { minLength: 1 });
  return fc
    .tuple(begins, fc.array(definition, { minLength: 4, maxLength: 4 }), fc.boolean())
    .map(([months, definitions, isEnded]) => {
      return months.flatMap((fromMs, index) => {
        const toMs = months[index + 1];
        if (isEnded && months.length > 1 && index === months.length - 1) return [];
        return [{ fromMs, ...(toMs !== undefined && { toMs }), ...definitions[index]! }];
      });
    });
}

export const anyCategories: fc.Arbitrary<CategoryCatalog> = fc
  .tuple(...CATEGORY_NAMES.map((_, index) => categoryVersions(CATEGORY_NAMES.slice(0, index))))
  .map((all) => new Map(all.map((versions, index) => [CATEGORY_NAMES[index]!, versions])));
