import type {
  CostCategoryRule,
  CreateCostCategoryDefinitionRequest,
  CreateCostCategoryDefinitionResponse,
  DescribeCostCategoryDefinitionResponse,
  Expression,
  GetCostAndUsageResponse,
  GetCostCategoriesResponse,
  ListCostCategoryDefinitionsResponse,
} from '@aws-sdk/client-cost-explorer';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import { type CostExplorerBench, costExplorerBench } from './cost-explorer-bench.ts';
import { ACCOUNT, ADMIN, lineItem, MEMBER_ACCOUNT } from './line-items.ts';

const NOW_MS = Date.UTC(2026, 4, 20, 10);
const APRIL_MS = Date.UTC(2026, 3, 7);
const MAY_MS = Date.UTC(2026, 4, 7);
/** 1,000 tokens each: 0.0033 USD. */
const ITEMS = [
  lineItem(APRIL_MS, { principalTags: [['team', 'ds']] }),
  lineItem(MAY_MS, { principalTags: [['team', 'ds']], quantity: 2_000n }),
  lineItem(MAY_MS + HOUR_MS, { principalTags: [['team', 'web']], region: 'eu-west-1', quantity: 3_000n }),
  lineItem(MAY_MS + 2 * HOUR_MS, { accountId: MEMBER_ACCOUNT, quantity: 4_000n }),
];

let bench: CostExplorerBench;

beforeAll(async () => {
  bench = await costExplorerBench(NOW_MS, ITEMS);
  await bench.tags.setStatuses([{ key: 'iamPrincipal/team', status: 'Active' }], ADMIN);
  await bench.tags.startBackfill(Date.UTC(2026, 0, 1), ADMIN);
});

afterEach(deleteAll);
afterAll(() => bench?.close());

const rule = (Value: string, Rule: Expression): CostCategoryRule => ({ Value, Rule });
const team = (...Values: string[]): Expression => ({ Tags: { Key: 'iamPrincipal/team', Values } });
const account = (...Values: string[]): Expression => ({ Dimensions: { Key: 'LINKED_ACCOUNT', Values } });
const inherited = (DimensionName: 'TAG' | 'LINKED_ACCOUNT_NAME', DimensionKey?: string): CostCategoryRule => ({
  Type: 'INHERITED_VALUE',
  InheritedValue: { DimensionName, ...(DimensionKey !== undefined && { DimensionKey }) },
});

type Definition = Partial<CreateCostCategoryDefinitionRequest>;

function create(Name: string, definition: Definition): Promise<CreateCostCategoryDefinitionResponse> {
  return bench.ask('CreateCostCategoryDefinition', { Name, RuleVersion: 'CostCategoryExpression.v1', ...definition });
}

function update(CostCategoryArn: string, definition: Definition): Promise<unknown> {
  const request = { CostCategoryArn, RuleVersion: 'CostCategoryExpression.v1', ...definition };
  return bench.ask('UpdateCostCategoryDefinition', request);
}

async function describeCategory(CostCategoryArn: string, EffectiveOn?: string) {
  const request = { CostCategoryArn, ...(EffectiveOn && { EffectiveOn }) };
  return (await bench.ask<DescribeCostCategoryDefinitionResponse>('DescribeCostCategoryDefinition', request))
    .CostCategory!;
}

/** A test begins without categories; what was said about months before goes by names of its own. */
async function deleteAll(): Promise<void> {
  const { CostCategoryReferences } = await bench.ask<ListCostCategoryDefinitionsResponse>(
    'ListCostCategoryDefinitions',
    {},
  );
  for (const { CostCategoryArn } of CostCategoryReferences!) {
    await bench.ask('DeleteCostCategoryDefinition', { CostCategoryArn });
  }
}

/** `value: amount` of a month. */
async function costsBy(name: string, month: string, Filter?: Expression): Promise<Record<string, string>> {
  const { ResultsByTime } = await bench.ask<GetCostAndUsageResponse>('GetCostAndUsage', {
    TimePeriod: { Start: `${month}-01`, End: `${month}-28` },
    Granularity: 'MONTHLY',
    Metrics: ['UnblendedCost'],
    GroupBy: [{ Type: 'COST_CATEGORY', Key: name }],
    ...(Filter && { Filter }),
  });
  return Object.fromEntries(
    ResultsByTime![0]!.Groups!.map(({ Keys, Metrics }) => [Keys![0]!, Metrics!.UnblendedCost!.Amount!]),
  );
}

describe('a cost category', () => {
  it('gives each line the value of the first rule that matches, or the default', async () => {
    await create('Team', {
      Rules: [
        rule('Europe', {
          Dimensions: { Key: 'REGION', Values: ['EU-'], MatchOptions: ['STARTS_WITH', 'CASE_INSENSITIVE'] },
        }),
        rule('Both', { And: [team('ds', 'web'), account(ACCOUNT)] }),
      ],
      DefaultValue: 'Other',
    });
    expect(await costsBy('Team', '2026-05')).toEqual({
      Team$Both: '0.0066',
      Team$Europe: '0.0099',
      Team$Other: '0.0132',
    });
    expect(await costsBy('team', '2026-05')).toEqual({ team$: '0.0297' });
    const isEurope: Expression = { CostCategories: { Key: 'Team', Values: ['Europe'] } };
    expect(await costsBy('Team', '2026-05', isEurope)).toEqual({ Team$Europe: '0.0099' });
    expect(await costsBy('Team', '2026-05', { Not: isEurope })).toEqual({ Team$Both: '0.0066', Team$Other: '0.0132' });
    const absent: Expression = { CostCategories: { Key: 'Team', MatchOptions: ['ABSENT'] } };
    expect(await costsBy('Team', '2026-05', absent)).toEqual({});
    expect(await costsBy('Team', '2026-04', absent)).toEqual({ Team$: '0.0033' });
  });

  it('inherits values from tags and account names, and looks at other categories', async () => {
    await create('Inherited', { Rules: [inherited('TAG', 'iamPrincipal/team'), inherited('LINKED_ACCOUNT_NAME')] });
    expect(await costsBy('Inherited', '2026-05')).toEqual({
      Inherited$: '0.0132',
      Inherited$ds: '0.0066',
      Inherited$web: '0.0099',
    });
    await create('Nested', {
      Rules: [
        rule('Data', { CostCategories: { Key: 'Inherited', Values: ['ds'] } }),
        rule('None', { CostCategories: { Key: 'Inherited', MatchOptions: ['ABSENT'] } }),
        rule('Payer', { Dimensions: { Key: 'LINKED_ACCOUNT_NAME', Values: ['aye'], MatchOptions: ['CONTAINS'] } }),
      ],
    });
    expect(await costsBy('Nested', '2026-05')).toEqual({
      Nested$Data: '0.0066',
      Nested$None: '0.0132',
      Nested$Payer: '0.0099',
    });
  });

  it('applies a change from its month on and keeps what was said about the months before', async () => {
    const { CostCategoryArn: arn, EffectiveStart } = await create('Dated', {
      Rules: [rule('first', team('ds'))],
      EffectiveStart: '2026-03-01T00:00:00Z',
    });
    expect(EffectiveStart).toBe('2026-03-01T00:00:00Z');
    await update(arn!, { Rules: [rule('second', team('ds'))], DefaultValue: 'rest' });
    expect(await costsBy('Dated', '2026-04')).toEqual({ Dated$first: '0.0033' });
    expect(await costsBy('Dated', '2026-05')).toEqual({ Dated$rest: '0.0231', Dated$second: '0.0066' });
    expect(await describeCategory(arn!)).toMatchObject({
      EffectiveStart: '2026-05-01T00:00:00Z',
      DefaultValue: 'rest',
    });
    const first = await describeCategory(arn!, '2026-04-30T23:59:59Z');
    expect(first).toEqual({
      ...{ CostCategoryArn: arn, Name: 'Dated', RuleVersion: 'CostCategoryExpression.v1' },
      ...{ EffectiveStart: '2026-03-01T00:00:00Z', EffectiveEnd: '2026-04-30T23:59:59Z' },
      Rules: [rule('first', team('ds'))],
      ProcessingStatus: [{ Component: 'COST_EXPLORER', Status: 'APPLIED' }],
    });
    const hourly = await bench.ask<GetCostAndUsageResponse>('GetCostAndUsage', {
      TimePeriod: { Start: '2026-04-07', End: '2026-05-08' },
      Granularity: 'MONTHLY',
      Metrics: ['UnblendedCost'],
      Filter: { CostCategories: { Key: 'Dated', Values: ['first', 'second'] } },
    });
    expect(hourly.ResultsByTime!.map(({ Total }) => Total!.UnblendedCost!.Amount)).toEqual(['0.0033', '0.0066']);

    await update(arn!, { Rules: [rule('third', team('ds'))], EffectiveStart: '2026-04-01T00:00:00Z' });
    expect(await costsBy('Dated', '2026-04')).toEqual({ Dated$third: '0.0033' });
    expect(await costsBy('Dated', '2026-05')).toEqual({ Dated$: '0.0231', Dated$third: '0.0066' });

    expect(await bench.ask('DeleteCostCategoryDefinition', { CostCategoryArn: arn })).toEqual({
      CostCategoryArn: arn,
      EffectiveEnd: '2026-04-30T23:59:59Z',
    });
    expect(await costsBy('Dated', '2026-04')).toEqual({ Dated$third: '0.0033' });
    expect(await costsBy('Dated', '2026-05')).toEqual({ Dated$: '0.0297' });
    const gone = { code: 'ResourceNotFoundException', message: `No Cost Categories found with ID ${arn!.slice(-36)}` };
    await expect(describeCategory(arn!)).rejects.toMatchObject(gone);
    await expect(update(arn!, { Rules: [rule('a', team('ds'))] })).rejects.toMatchObject(gone);
    await expect(bench.ask('DeleteCostCategoryDefinition', { CostCategoryArn: arn })).rejects.toMatchObject(gone);
    expect((await describeCategory(arn!, '2026-04-01T00:00:00Z')).Rules).toEqual([rule('third', team('ds'))]);

    // The name is free, and the new category takes over the months that it reaches back to.
    await create('Dated', { Rules: [rule('new', team('ds'))], EffectiveStart: '2026-04-01T00:00:00Z' });
    expect(await costsBy('Dated', '2026-04')).toEqual({ Dated$new: '0.0033' });
  });

  it('is listed by name, by date and in pages', async () => {
    for (const Name of ['b', 'a', 'C']) {
      const Rules = [rule('x', team('ds')), rule('x', team('web')), rule('y', team('z'))];
      await create(Name, { Rules, DefaultValue: 'z', ...(Name === 'a' && { EffectiveStart: '2026-02-01T00:00:00Z' }) });
    }
    const list = async (request: object) => {
      const answer = await bench.ask<ListCostCategoryDefinitionsResponse>('ListCostCategoryDefinitions', request);
      return { ...answer, names: answer.CostCategoryReferences!.map(({ Name }) => Name) };
    };
    const { names, NextToken, CostCategoryReferences } = await list({ MaxResults: 2 });
    expect(names).toEqual(['C', 'a']);
    expect(CostCategoryReferences![1]).toEqual({
      CostCategoryArn: expect.stringMatching(new RegExp(`^arn:aws:ce::${ACCOUNT}:costcategory/[0-9a-f-]{36}$`)),
      ...{ Name: 'a', EffectiveStart: '2026-02-01T00:00:00Z', NumberOfRules: 3, Values: ['x', 'y'], DefaultValue: 'z' },
      ProcessingStatus: [{ Component: 'COST_EXPLORER', Status: 'APPLIED' }],
    });
    expect(await list({ MaxResults: 2, NextToken })).toEqual({
      names: ['b'],
      CostCategoryReferences: [expect.objectContaining({ Name: 'b' })],
    });
    expect((await list({ EffectiveOn: '2026-02-15T00:00:00Z' })).names).toEqual(['a']);
    expect((await list({ SupportedResourceTypes: ['billing:rispgroupsharing'] })).names).toEqual([]);
  });

  it('waits as long as the installation is told to, and says so', async () => {
    const slow = await costExplorerBench(NOW_MS, ITEMS, { processingDelayMs: DAY_MS });
    const ask = <Output>(operation: string, request: object) => slow.ask<Output>(operation, request);
    const { CostCategoryArn } = await ask<CreateCostCategoryDefinitionResponse>('CreateCostCategoryDefinition', {
      ...{ Name: 'Slow', RuleVersion: 'CostCategoryExpression.v1', Rules: [rule('mine', account(ACCOUNT))] },
    });
    const state = async () => {
      const { CostCategory } = await ask<DescribeCostCategoryDefinitionResponse>('DescribeCostCategoryDefinition', {
        CostCategoryArn,
      });
      const { CostCategoryNames } = await ask<GetCostCategoriesResponse>('GetCostCategories', {
        TimePeriod: { Start: '2026-05-01', End: '2026-06-01' },
      });
      return [CostCategory!.ProcessingStatus![0]!.Status, CostCategoryNames];
    };
    expect(await state()).toEqual(['PROCESSING', []]);
    slow.time.nowMs += DAY_MS;
    expect(await state()).toEqual(['APPLIED', ['Slow']]);
    await slow.close();
  });
});

describe('GetCostCategories', () => {
  it('answers names and values that usage has, searched, sorted and in pages', async () => {
    await create('Team', { Rules: [inherited('TAG', 'iamPrincipal/team')] });
    await create('Empty', { Rules: [rule('a', team('nobody'))] });
    const ask = (request: object) => {
      const TimePeriod = { Start: '2026-05-01', End: '2026-06-01' };
      return bench.ask<GetCostCategoriesResponse>('GetCostCategories', { TimePeriod, ...request });
    };
    expect(await ask({})).toEqual({ CostCategoryNames: ['Team'], ReturnSize: 1, TotalSize: 1 });
    expect(await ask({ SearchString: 'x' })).toEqual({ CostCategoryNames: [], ReturnSize: 0, TotalSize: 0 });
    const values = { CostCategoryName: 'Team' };
    expect(await ask(values)).toEqual({ CostCategoryValues: ['ds', 'web'], ReturnSize: 2, TotalSize: 2 });
    const byCost = { ...values, SortBy: [{ Key: 'UnblendedCost', SortOrder: 'DESCENDING' }], MaxResults: 1 };
    expect(await ask(byCost)).toEqual({ CostCategoryValues: ['web'], ReturnSize: 1, TotalSize: 2 });
    expect((await ask({ ...values, SearchString: 'E' })).CostCategoryValues).toEqual(['web']);
    const inEurope = { Filter: { Dimensions: { Key: 'REGION', Values: ['eu-west-1'] } } };
    expect((await ask({ ...values, ...inEurope })).CostCategoryValues).toEqual(['web']);
    expect((await ask({ CostCategoryName: 'Unknown' })).CostCategoryValues).toEqual([]);
  });
});

describe('a definition that cannot be', () => {
  const ds = [rule('ds', team('ds'))];
  const split = (...SplitChargeRules: object[]) => ({ Rules: ds, SplitChargeRules }) as Definition;
  const fixed = (...Values: string[]) => ({
    Method: 'FIXED',
    Parameters: [{ Type: 'ALLOCATION_PERCENTAGES', Values }],
  });
  it.each<[string, Definition, string]>([
    ['a rule without a value', { Rules: [{ Rule: team('a') }] }, 'Invalid Rule: Value and Rule must not be null.'],
    [
      'an inherited value with a value',
      { Rules: [{ Value: 'a', ...inherited('TAG', 'k') }] },
      'Invalid INHERITED_VALUE rule defined. Rule and Value attributes must be null',
    ],
    [
      'values of what is absent',
      { Rules: [rule('a', { Tags: { Key: 'k', Values: ['b'], MatchOptions: ['ABSENT'] } })] },
      'Tags expression must not have values set when ABSENT is provided',
    ],
    [
      'a dimension of other APIs',
      { Rules: [rule('a', { Dimensions: { Key: 'AZ', Values: ['b'] } })] },
      'Dimension AZ is not allowed. Allowed dimension(s): LINKED_ACCOUNT, LINKED_ACCOUNT_NAME, SERVICE_CODE, RECORD_TYPE, REGION, USAGE_TYPE, BILLING_ENTITY, SERVICE',
    ],
    [
      'two comparisons at once',
      { Rules: [rule('a', { Tags: { Key: 'k', Values: ['b'], MatchOptions: ['EQUALS', 'CONTAINS'] } })] },
      'Match options EQUALS and CONTAINS cannot be used together',
    ],
    [
      'a day within a month',
      { Rules: ds, EffectiveStart: '2026-05-02T00:00:00Z' },
      'Effective start must be the first day of a month',
    ],
    [
      'more than a year ago',
      { Rules: ds, EffectiveStart: '2025-04-01T00:00:00Z' },
      'Effective start cannot be more than 12 months ago',
    ],
    ['the future', { Rules: ds, EffectiveStart: '2026-06-01T00:00:00Z' }, 'Effective start cannot be in the future'],
    [
      'a category that is not there',
      { Rules: [rule('a', { CostCategories: { Key: 'Nowhere', Values: ['b'] } })] },
      'Cost category Nowhere does not exist',
    ],
    [
      'itself',
      { Rules: [rule('a', { Not: { CostCategories: { Key: 'Bad', Values: ['b'] } } })] },
      'Cost category Bad cannot depend on itself',
    ],
    [
      'all categories, and so itself',
      { Rules: [rule('a', { CostCategories: { MatchOptions: ['ABSENT'] } })] },
      'CostCategories expression must have a key',
    ],
    [
      'percentages that do not sum to 100',
      split({ Source: 'a', Targets: ['b', 'c'], ...fixed('50', '49.9') }),
      'Invalid split charge rule: the allocation percentages must sum to 100',
    ],
    [
      'a percentage too few',
      split({ Source: 'a', Targets: ['b', 'c'], ...fixed('100') }),
      'Invalid split charge rule: FIXED needs one allocation percentage for each target',
    ],
    [
      'a source that is a target',
      split({ Source: 'a', Targets: ['b'], Method: 'EVEN' }, { Source: 'b', Targets: ['c'], Method: 'EVEN' }),
      'Invalid split charge rule: b cannot be both a source and a target',
    ],
    [
      'a source of two rules',
      split({ Source: 'a', Targets: ['b'], Method: 'EVEN' }, { Source: 'a', Targets: ['c'], Method: 'PROPORTIONAL' }),
      'Invalid split charge rule: the source a is used in more than one rule',
    ],
  ])('is refused for %s', async (_, definition, reason) => {
    const refusal = { code: 'ValidationException', message: `Failed to create Cost Category: ${reason}` };
    await expect(create('Bad', definition)).rejects.toMatchObject(refusal);
  });

  it('is refused for a name that is taken, for one category too many, and for a member account', async () => {
    for (let count = 0; count < 50; count += 1) await create(`category ${count}`, { Rules: ds });
    await expect(create('category 7', { Rules: ds })).rejects.toMatchObject({
      code: 'ValidationException',
      message: 'Failed to create Cost Category: Cost category name category 7 already exists',
    });
    await expect(create('one more', { Rules: ds })).rejects.toMatchObject({ code: 'ServiceQuotaExceededException' });
    await deleteAll();
    await expect(bench.ask('ListCostCategoryDefinitions', {}, MEMBER_ACCOUNT)).rejects.toMatchObject({
      code: 'AccessDeniedException',
      message: "Failed to list Cost Categories: Linked account doesn't have access to cost category.",
    });
  });

  it('is refused when the rules of all categories are more than a statement can hold', async () => {
    const tooLong = { code: 'ServiceQuotaExceededException', status: 402 };
    const begins = (text: string): Expression => ({
      Tags: { Key: 'iamPrincipal/team', Values: [text], MatchOptions: ['STARTS_WITH'] },
    });
    const many = Array.from({ length: 500 }, (_, index) => rule(`value ${index}`, begins(`text ${index}`)));
    for (const name of ['one', 'two', 'three']) await create(name, { Rules: many });
    await expect(create('four', { Rules: many })).rejects.toMatchObject(tooLong);
    // A list of rules that compare one key is one look-up, however long.
    const list = Array.from({ length: 500 }, (_, index) => rule(`value ${index}`, team(`text ${index}`)));
    await create('list', { Rules: list });
    expect(await costsBy('list', '2026-05')).toEqual({ list$: '0.0297' });
    await deleteAll();
    // Each looks at the one before it twice.
    const levels = async () => {
      await create('level 0', { Rules: ds });
      for (let level = 1; level < 50; level += 1) {
        const before = (text: string): Expression => ({
          CostCategories: { Key: `level ${level - 1}`, Values: [text], MatchOptions: ['STARTS_WITH'] },
        });
        await create(`level ${level}`, { Rules: [rule('a', before('a')), rule('b', before('b'))] });
      }
    };
    await expect(levels()).rejects.toMatchObject(tooLong);
  });

  it('is refused when categories would come to look at each other, also in months before', async () => {
    const looksAt = (Key: string) => ({ Rules: [rule('a', { CostCategories: { Key, Values: ['b'] } })] });
    const refusal = { code: 'ValidationException', message: /cannot depend on itself$/ };
    const from = (EffectiveStart: string) => ({ EffectiveStart });
    const first = (await create('First', { Rules: ds, ...from('2026-01-01T00:00:00Z') })).CostCategoryArn!;
    const second = (await create('Second', { ...looksAt('First'), ...from('2026-01-01T00:00:00Z') })).CostCategoryArn!;
    const third = (await create('Third', looksAt('Second'))).CostCategoryArn!;
    await expect(update(first, looksAt('Third'))).rejects.toMatchObject({
      message: expect.stringMatching(refusal.message),
    });
    await update(third, { Rules: ds });
    await update(first, looksAt('Third'));
    await expect(update(second, { ...looksAt('First'), ...from('2026-02-01T00:00:00Z') })).resolves.toBeDefined();
    // From May on the second may look away and be looked at; in April it still looks at the first.
    await update(second, { Rules: ds });
    await update(first, looksAt('Second'));
    await expect(update(first, { ...looksAt('Second'), ...from('2026-04-01T00:00:00Z') })).rejects.toMatchObject({
      message: expect.stringMatching(refusal.message),
    });
    expect(await costsBy('First', '2026-05')).toEqual({ First$: '0.0297' });
  });
});

describe('tags of a cost category', () => {
  it('are put, listed and taken away, and end with it', async () => {
    const ResourceTags = [{ Key: 'owner', Value: 'finops' }];
    const { CostCategoryArn: ResourceArn } = await create('Tagged', { Rules: [rule('a', team('ds'))], ResourceTags });
    const tags = () => bench.ask('ListTagsForResource', { ResourceArn });
    await bench.ask('TagResource', { ResourceArn, ResourceTags: [{ Key: 'stage', Value: 'live' }] });
    expect(await tags()).toEqual({ ResourceTags: [...ResourceTags, { Key: 'stage', Value: 'live' }] });
    await bench.ask('UntagResource', { ResourceArn, ResourceTagKeys: ['owner'] });
    expect(await tags()).toEqual({ ResourceTags: [{ Key: 'stage', Value: 'live' }] });
    await deleteAll();
    await expect(tags()).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });
});
