import {
  type Expression as BudgetExpression,
  CreateBudgetCommand,
  DescribeBudgetCommand,
} from '@aws-sdk/client-budgets';
import {
  type CostCategoryValues,
  type Expression,
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandInput,
} from '@aws-sdk/client-cost-explorer';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatUsdRounded, parsePicoUsd } from '../../src/kernel/money.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { filterOf } from '../../src/reports/cost-expression.ts';
import type { Granularity, GroupKey, ReportFilter, ReportQuery, ReportRow } from '../../src/reports/report-query.ts';
import { matches, valueIn } from '../reports/report-oracle.ts';
import { Installation } from './conservation/installation.ts';
import { exactly, ledger, type Sums, sumsOf } from './conservation/ledger.ts';
import { CATEGORIES, FIRST_MS, organisation, PAYER, TAG_KEYS } from './conservation/organisation.ts';

/** CONSERVATION_SEEDS=17 replays one organisation; several are separated by commas. */
const SEEDS = (process.env.CONSERVATION_SEEDS ?? '1,2').split(',').map(Number);
const JUNE_MS = Date.UTC(2026, 5, 1);
const RANGE = { startMs: FIRST_MS, endMs: JUNE_MS };
const TIME_PERIOD = { Start: '2026-03-01', End: '2026-06-01' };
const MONTHS = ['2026-03', '2026-04', '2026-05'];

const monthOf = (at: Date | number) => new Date(at).toISOString().slice(0, 7);
const cost = ({ costPicoUsd }: { readonly costPicoUsd: bigint }) => costPicoUsd;
const netCost = ({ netCostPicoUsd }: { readonly netCostPicoUsd: bigint }) => netCostPicoUsd;
const pieces = ({ quantity }: { readonly quantity: bigint }) => quantity;
const listCost = ({ listCostPicoUsd }: { readonly listCostPicoUsd: bigint }) => listCostPicoUsd;

/**
 * FOCUS has a list price for everything: usage that no public list prices, as none does for sales through AWS Marketplace, is
 * sold at the price that the organisation pays.
 */
const focusListCost = (item: LineItem) =>
  item.recordType === 'Usage' && (item.listPricePicoUsd ?? 0n) === 0n ? cost(item) : listCost(item);

describe.each(SEEDS)('the organisation of seed %i', (seed) => {
  const company = organisation(seed);
  let installation: Installation;
  let bill: LineItem[];

  beforeAll(async () => {
    installation = await Installation.open(company);
    await installation.live();
    bill = ledger(company, installation.prices, installation.charges());
  }, 60_000);
  afterAll(() => installation?.close());

  /** What the ledger says by month and keys, without a store. */
  function expected(groupBy: readonly GroupKey[], amountOf: (item: LineItem) => bigint, filter?: ReportFilter): Sums {
    const catalog = installation.catalog();
    const items = filter ? bill.filter((item) => matches(item, filter, catalog)) : bill;
    const keyOf = (item: LineItem) =>
      [monthOf(item.bucketStartMs), ...groupBy.map((key) => valueIn(item, key, catalog))].join(' | ');
    return sumsOf(items, keyOf, amountOf);
  }

  /** Cost Explorer's amounts, which it rounds to ten digits. */
  async function costExplorer(
    input: Partial<GetCostAndUsageCommandInput>,
    metric = 'UnblendedCost',
    textOf = (key: string) => key,
  ): Promise<Sums> {
    const found: [string, string][] = [];
    let NextPageToken: string | undefined;
    do {
      const answer = await installation.ce.send(
        new GetCostAndUsageCommand({
          ...{ TimePeriod: TIME_PERIOD, Granularity: 'MONTHLY', Metrics: [metric], ...input },
          ...(NextPageToken && { NextPageToken }),
        }),
      );
      for (const { TimePeriod, Total, Groups = [] } of answer.ResultsByTime!) {
        const groups = Object.keys(Total!).length > 0 ? [{ Keys: [], Metrics: Total! }] : Groups;
        for (const { Keys, Metrics } of groups) {
          const key = [TimePeriod!.Start!.slice(0, 7), ...Keys!.map(textOf)].join(' | ');
          found.push([key, Metrics![metric]!.Amount!]);
        }
      }
      NextPageToken = answer.NextPageToken;
    } while (NextPageToken);
    return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  const total = (sums: Sums): bigint => Object.values(sums).reduce((sum, amount) => sum + BigInt(amount), 0n);
  /** As Cost Explorer writes amounts. */
  const printed = (sums: Sums): Sums =>
    Object.fromEntries(
      Object.entries(sums).map(([key, amount]) => [key, formatUsdRounded(BigInt(amount), 10).replace(/\.?0+$/, '')]),
    );

  it('is billed what its calls and charges cost, by every key that reports know', async () => {
    const keys: readonly GroupKey[] = [
      ...TAG_KEYS.map((tag) => ({ tag })),
      ...CATEGORIES.map((costCategory) => ({ costCategory })),
      ...(['principal', 'account', 'service', 'model', 'usageType', 'recordType', 'region'] as const).map(
        (dimension) => ({ dimension }),
      ),
    ];
    for (const groupBy of [[], ...keys.map((key) => [key]), [keys[0]!, keys[4]!, keys[6]!]]) {
      const rows = await installation.report({ range: RANGE, granularity: 'MONTHLY', groupBy });
      const keyOf = ({ bucketStartMs, keys: values }: ReportRow) => [monthOf(bucketStartMs), ...values].join(' | ');
      for (const amountOf of [cost, netCost, listCost, pieces]) {
        expect(sumsOf(rows, keyOf, amountOf), JSON.stringify(groupBy)).toEqual(expected(groupBy, amountOf));
      }
    }
  });

  it('sees the same in Cost Explorer', async () => {
    expect(await costExplorer({})).toEqual(printed(expected([], cost)));
    expect(await costExplorer({}, 'NetUnblendedCost')).toEqual(printed(expected([], netCost)));
    const groups: readonly [GroupKey, 'TAG' | 'DIMENSION' | 'COST_CATEGORY', string][] = [
      ...TAG_KEYS.map((tag) => [{ tag }, 'TAG', tag.replace('resourceTags/', '')] as [GroupKey, 'TAG', string]),
      ...CATEGORIES.map(
        (name) => [{ costCategory: name }, 'COST_CATEGORY', name] as [GroupKey, 'COST_CATEGORY', string],
      ),
      [{ dimension: 'account' }, 'DIMENSION', 'LINKED_ACCOUNT'],
      [{ dimension: 'service' }, 'DIMENSION', 'SERVICE'],
      [{ dimension: 'recordType' }, 'DIMENSION', 'RECORD_TYPE'],
    ];
    for (const [key, Type, Key] of groups) {
      const answer = await costExplorer({ GroupBy: [{ Type, Key }] }, 'UnblendedCost', (text) =>
        text.replace(`${Key}$`, ''),
      );
      expect(answer, Key).toEqual(printed(expected([key], cost)));
    }
  });

  it('sees the same in delivered CUR files of every grain: principals, resources and hours only split rows', async () => {
    const grains = [
      ['HOURLY', true, true],
      ['HOURLY', false, false],
      ['DAILY', true, false],
      ['DAILY', false, true],
      ['MONTHLY', true, true],
      ['MONTHLY', false, false],
    ] as const;
    const counts: number[] = [];
    for (const [TIME_GRANULARITY, principals, resources] of grains) {
      const properties = {
        TIME_GRANULARITY,
        INCLUDE_IAM_PRINCIPAL_DATA: principals ? 'TRUE' : 'FALSE',
        INCLUDE_RESOURCES: resources ? 'TRUE' : 'FALSE',
      };
      const rows = await installation.deliver('COST_AND_USAGE_REPORT', properties, [
        ...['bill_billing_period_start_date', 'line_item_usage_account_id', 'line_item_line_item_type'],
        ...['line_item_unblended_cost', 'line_item_net_unblended_cost', 'pricing_public_on_demand_cost', 'tags'],
        ...['identity_line_item_id', 'line_item_product_code', 'cost_category'],
        ...(principals ? ['line_item_iam_principal'] : []),
      ]);
      counts.push(rows.length);
      const period = (row: Record<string, unknown>) => monthOf(row.bill_billing_period_start_date as Date);
      const by = (column: string) => (row: Record<string, unknown>) => `${period(row)} | ${row[column] ?? ''}`;
      const unblended = (row: Record<string, unknown>) => exactly(row.line_item_unblended_cost);
      expect(sumsOf(rows, period, unblended)).toEqual(expected([], cost));
      const net = (row: Record<string, unknown>) =>
        exactly(row.line_item_net_unblended_cost ?? row.line_item_unblended_cost);
      expect(sumsOf(rows, period, net)).toEqual(expected([], netCost));
      const list = (row: Record<string, unknown>) => exactly(row.pricing_public_on_demand_cost);
      expect(sumsOf(rows, period, list)).toEqual(expected([], listCost));
      const grouped = (key: GroupKey) => expected([key], cost);
      expect(sumsOf(rows, by('line_item_usage_account_id'), unblended)).toEqual(grouped({ dimension: 'account' }));
      expect(sumsOf(rows, by('line_item_line_item_type'), unblended)).toEqual(grouped({ dimension: 'recordType' }));
      if (principals) {
        expect(sumsOf(rows, by('line_item_iam_principal'), unblended)).toEqual(grouped({ dimension: 'principal' }));
      }
      for (const tag of TAG_KEYS) {
        const value = (row: Record<string, unknown>) =>
          `${period(row)} | ${(row.tags as Record<string, string>)[tag] ?? ''}`;
        expect(sumsOf(rows, value, unblended), tag).toEqual(grouped({ tag }));
      }
      for (const costCategory of CATEGORIES) {
        for (const [column, key] of [
          ['tags', `costCategory/${costCategory}`],
          ['cost_category', costCategory.toLowerCase()],
        ] as const) {
          const value = (row: Record<string, unknown>) =>
            `${period(row)} | ${(row[column] as Record<string, string>)[key] ?? ''}`;
          expect(sumsOf(rows, value, unblended), `${column} ${key}`).toEqual(grouped({ costCategory }));
        }
      }
      const ids = rows.map((row) => row.identity_line_item_id);
      expect(new Set(ids).size).toBe(ids.length);
    }
    expect(counts[1]).toBeLessThan(counts[0]!);
    expect(counts[5]).toBeLessThan(counts[4]!);
    expect(counts[4]).toBeLessThan(counts[0]!);
  });

  it('sees the same in FOCUS', async () => {
    for (const table of ['FOCUS_1_2_AWS', 'FOCUS_1_4_AWS']) {
      const rows = await installation.deliver(table, { TIME_GRANULARITY: 'DAILY' }, [
        ...['BillingPeriodStart', 'SubAccountId', 'BilledCost', 'EffectiveCost', 'ListCost', 'ConsumedQuantity'],
      ]);
      const period = (row: Record<string, unknown>) => monthOf(row.BillingPeriodStart as Date);
      expect(sumsOf(rows, period, (row) => exactly(row.BilledCost))).toEqual(expected([], netCost));
      expect(sumsOf(rows, period, (row) => exactly(row.EffectiveCost))).toEqual(expected([], netCost));
      expect(sumsOf(rows, period, (row) => exactly(row.ListCost))).toEqual(expected([], focusListCost));
      const consumed = (row: Record<string, unknown>) => BigInt((row.ConsumedQuantity as number | null) ?? 0);
      expect(sumsOf(rows, period, consumed)).toEqual(expected([], pieces));
      const byAccount = (row: Record<string, unknown>) => `${period(row)} | ${row.SubAccountId}`;
      expect(sumsOf(rows, byAccount, (row) => exactly(row.BilledCost))).toEqual(
        expected([{ dimension: 'account' }], netCost),
      );
    }
  });

  it('sees the same in budgets', async () => {
    const tagged: BudgetExpression = { Tags: { Key: TAG_KEYS[0]!, Values: ['search'], MatchOptions: ['EQUALS'] } };
    const filters: readonly (readonly [string, BudgetExpression | undefined, ReportFilter | undefined])[] = [
      ['all', undefined, undefined],
      ['tagged', tagged, { key: { tag: TAG_KEYS[0]! }, equalsAny: ['search'] }],
      ['others', { Not: tagged }, { not: { key: { tag: TAG_KEYS[0]! }, equalsAny: ['search'] } }],
    ];
    for (const [name, FilterExpression, filter] of filters) {
      for (const metric of ['UnblendedCost', 'NetUnblendedCost'] as const) {
        const BudgetName = `${name}-${metric}`;
        await installation.budgets.send(
          new CreateBudgetCommand({
            AccountId: PAYER,
            Budget: {
              ...{ BudgetName, BudgetType: 'COST', TimeUnit: 'CUSTOM', BudgetLimit: { Amount: '1000', Unit: 'USD' } },
              TimePeriod: { Start: new Date(FIRST_MS), End: new Date(JUNE_MS) },
              ...{ Metrics: [metric], ...(FilterExpression && { FilterExpression }) },
            },
          }),
        );
        await installation.lookAtBudget(BudgetName);
        const { Budget } = await installation.budgets.send(new DescribeBudgetCommand({ AccountId: PAYER, BudgetName }));
        const amount = total(expected([], metric === 'UnblendedCost' ? cost : netCost, filter));
        expect(parsePicoUsd(Budget!.CalculatedSpend!.ActualSpend!.Amount!), BudgetName).toBe(amount);
      }
    }
  });

  it('sees the same on the command line', async () => {
    const range = { from: '2026-03-01', to: '2026-06-01' };
    for (const [by, key] of [
      ['principal', { dimension: 'principal' }],
      ['tag:team', { tag: TAG_KEYS[0]! }],
      ['account', { dimension: 'account' }],
      ['model', { dimension: 'model' }],
    ] as const) {
      const rows = await installation.commandLine({ ...range, by });
      const byKeys = (amountOf: (item: LineItem) => bigint) =>
        sumsOf(bill, (item) => valueIn(item, key, installation.catalog()), amountOf);
      const keyOf = ({ Keys }: { readonly Keys: readonly string[] }) => Keys.join(' | ');
      expect(
        sumsOf(rows, keyOf, ({ CostUsd }) => parsePicoUsd(CostUsd)),
        by,
      ).toEqual(byKeys(cost));
      expect(
        sumsOf(rows, keyOf, ({ NetCostUsd }) => parsePicoUsd(NetCostUsd)),
        by,
      ).toEqual(byKeys(netCost));
    }
  });

  it('is split in two by any filter and its complement', async () => {
    const whole = total(expected([], cost));
    const property = fc.asyncProperty(anyExpression, async (Filter) => {
      const ask = async (expression: Expression) => {
        const amounts = Object.values(await costExplorer({ Filter: expression }));
        return amounts.reduce((sum, usd) => sum + parsePicoUsd(usd), 0n);
      };
      const difference = (await ask(Filter)) + (await ask({ Not: Filter })) - whole;
      // Cost Explorer rounds each of six amounts by itself, by 0.5e-10 USD at most.
      expect(difference <= 300n && difference >= -300n).toBe(true);
      const query = { range: RANGE, granularity: 'TOTAL', groupBy: [] } as const;
      const filter = filterOf(Filter);
      const [[inside], [outside]] = [
        await installation.report({ ...query, filter }),
        await installation.report({ ...query, filter: { not: filter } }),
      ];
      expect(cost(inside!) + cost(outside!)).toBe(whole);
      expect(cost(inside!)).toBe(total(expected([], cost, filter)));
    });
    await fc.assert(property, { seed, numRuns: 8 });
  });

  it('is split by no time zone and no grain of time into other than the whole', async () => {
    const zones = ['America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Etc/UTC'];
    for (const timeZone of zones) {
      for (const granularity of ['HOURLY', 'DAILY', 'MONTHLY'] as const satisfies readonly Granularity[]) {
        const query: ReportQuery = { range: RANGE, granularity, timeZone, groupBy: [{ dimension: 'account' }] };
        const rows = await installation.report(query);
        for (const amountOf of [cost, netCost, pieces]) {
          expect(total(sumsOf(rows, () => '', amountOf)), `${timeZone} ${granularity}`).toBe(
            total(expected([], amountOf)),
          );
        }
      }
    }
  });

  it('is split by the split charges of a cost category into as much as before', async () => {
    const rows = await installation.splits('Product');
    expect(rows.some(({ allocatedOutPicoUsd }) => allocatedOutPicoUsd !== 0n)).toBe(true);
    expect(
      sumsOf(
        rows,
        ({ period }) => period,
        ({ totalPicoUsd }) => totalPicoUsd,
      ),
    ).toEqual(expected([], cost));
  });

  it('is invoiced what its months cost, account by account', async () => {
    for (const period of MONTHS) {
      const accounts = (await installation.invoices(period)).flatMap((invoice) => invoice.accounts);
      const invoiced = sumsOf(
        accounts,
        ({ accountId }) => `${period} | ${accountId}`,
        ({ amounts }) => amounts.total,
      );
      const ofMonth = Object.entries(expected([{ dimension: 'account' }], netCost)).filter(([key]) =>
        key.startsWith(period),
      );
      expect(invoiced).toEqual(Object.fromEntries(ofMonth));
    }
  });

  // peers rows 23.
  it('costs the same when its months are rated anew, closed ones too', async () => {
    const query: ReportQuery = { range: RANGE, granularity: 'MONTHLY', groupBy: [{ tag: TAG_KEYS[0]! }] };
    const before = await installation.report(query);
    for (const period of MONTHS) await installation.rerate(period);
    expect(await installation.report(query)).toEqual(before);
  });
});

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(...TAG_KEYS),
      fc.subarray(['search', 'Search', 'ads', '日本', 'chat', 'prod', '4711'], { minLength: 1 }),
    )
    .map(([Key, Values]): Expression => ({ Tags: { Key, Values } })),
  fc.constantFrom(...TAG_KEYS).map((Key): Expression => ({ Tags: { Key, MatchOptions: ['ABSENT'] } })),
  fc
    .tuple(fc.constantFrom(...CATEGORIES), fc.subarray(['Search', 'Ads', 'Other', 'search'], { minLength: 1 }))
    .map(([Key, Values]): Expression => ({ CostCategories: { Key, Values } as CostCategoryValues })),
  fc.constantFrom<Expression>(
    { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [PAYER] } },
    { Dimensions: { Key: 'RECORD_TYPE', Values: ['Usage', 'Tax'] } },
    { Dimensions: { Key: 'REGION', Values: ['eu-central-1', ''] } },
    { Dimensions: { Key: 'SERVICE', Values: ['Amazon Bedrock Service'] } },
    { Dimensions: { Key: 'TENANCY', Values: ['NoTenancy'] } },
  ),
);

const anyExpression: fc.Arbitrary<Expression> = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 2 },
    leaf,
    fc.array(tie('expression'), { minLength: 2, maxLength: 3 }).map((And) => ({ And })),
    fc.array(tie('expression'), { minLength: 2, maxLength: 3 }).map((Or) => ({ Or })),
    tie('expression').map((Not) => ({ Not })),
  ),
})).expression;
