import { globSync } from 'node:fs';
import { join } from 'node:path';
import { BCMDataExportsClient, CreateExportCommand, ListExecutionsCommand } from '@aws-sdk/client-bcm-data-exports';
import { BudgetsClient, CreateBudgetCommand, DescribeBudgetCommand } from '@aws-sdk/client-budgets';
import {
  CostExplorerClient,
  CreateCostCategoryDefinitionCommand,
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandInput,
  GetCostAndUsageComparisonsCommand,
  GetCostComparisonDriversCommand,
  GetCostForecastCommand,
  GetDimensionValuesCommand,
  GetTagsCommand,
  type GroupDefinition,
} from '@aws-sdk/client-cost-explorer';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TallylineClient } from '../../src/cli/client.ts';
import { type ReportOptions, report } from '../../src/cli/report.ts';
import { formatUsd, formatUsdRounded, parsePicoUsd } from '../../src/kernel/money.ts';
import { parseCents, toCents } from '../../src/statements/cents.ts';
import { type DuckDb, openDuckDb } from '../cur/duckdb.ts';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { ARRIVAL } from '../wire/ledger.ts';
import { movedClient } from '../wire/moved-client.ts';
import { ACCOUNT } from '../wire/principals.ts';
import { WebhookReceiver } from '../wire/webhook-receiver.ts';
import { BEDROCK_KINDS, OTHER_KINDS, UNHEARD_OF } from './bill-kinds.ts';
import { billRows, writeDelivery } from './delivery.ts';
import { FileSums, sumsOf, type UsdSums } from './file-sums.ts';
import { type ImportAnswer, ImportClient } from './import-client.ts';

/** The bill has come up to the end of the day before yesterday, as bills do. */
const NOW_MS = Date.UTC(2026, 5, 18, 12);
const BILLED_UNTIL = '2026-06-17T00:00:00';
const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:spend`;
const TEAM = 'iamPrincipal/team';
const MONTHS = ['2026-04', '2026-05', '2026-06'];
const SPRING = { Start: '2026-04-01', End: '2026-07-01' };
const NET = 'line_item_net_unblended_cost';
const MONTH_SQL = "strftime(line_item_usage_start_date, '%Y-%m')";
const TEAM_SQL = `coalesce(tags['${TEAM}'], '')`;
const MAY = `${MONTH_SQL} = '2026-05'`;
const BY = {
  account: 'line_item_usage_account_id',
  principal: 'line_item_iam_principal',
  usageType: 'line_item_usage_type',
  recordType: "replace(line_item_line_item_type, 'Edp', '')",
  region: 'product_region_code',
  billingEntity: 'bill_billing_entity',
  resource: 'line_item_resource_id',
  accountName: 'line_item_usage_account_name',
  productCode: 'line_item_product_code',
} as const;

let duck: DuckDb;
let server: TestServer;
let receiver: WebhookReceiver;
let bill: FileSums;
let bills: string;
let offsetMs = 0;
let imported: ImportAnswer;

const call = <Answer>(operation: string, input: object) => movedClient(server, offsetMs).call<Answer>(operation, input);
/** A client of its own for each call: after an answer a client trusts the date of the answer, which no test moves. */
const moved = () => ({ ...server.admin, systemClockOffset: offsetMs });
const ce = () => new CostExplorerClient(moved());

beforeAll(async () => {
  duck = await openDuckDb();
  receiver = await WebhookReceiver.start();
  bills = temporaryFolder('bills');
  const kinds = [...BEDROCK_KINDS, ...OTHER_KINDS, UNHEARD_OF];
  const files: string[] = [];
  let path = '';
  for (const [index, period] of MONTHS.entries()) {
    const rows = [9_000, 12_000, 6_000][index]!;
    const delivery = { folder: bills, period, rows, seed: index + 1, files: 2, kinds, principals: 60, charges: true };
    const written = await writeDelivery(duck, { ...delivery, ...(index === 2 && { until: BILLED_UNTIL }) });
    files.push(...written.files);
    path = written.path;
  }
  bill = new FileSums(duck, files);
  offsetMs = NOW_MS - Date.now();
  server = await startServer({
    config: {
      import: { folders: [bills] },
      costExplorer: { extensions: true },
      budgets: { refreshSeconds: 1 },
      notices: receiver.config(TOPIC),
    },
    environment: {
      NODE_OPTIONS: `--import=${join(import.meta.dirname, '..', 'moved-clock.ts')}`,
      CLOCK_OFFSET_MS: String(offsetMs),
    },
  });
  imported = await new ImportClient(server.data, () => Date.now() + offsetMs).import(path);
}, 120_000);
afterAll(async () => {
  expect(await server?.stop()).toBe(0);
  receiver?.close();
  duck?.close();
  removeFolders();
});

const usdOf = (sums: UsdSums) => formatUsd(Object.values(sums).reduce((sum, usd) => sum + parsePicoUsd(usd), 0n));
/** As Cost Explorer writes amounts: ten digits. */
const printed = (sums: UsdSums): UsdSums =>
  sumsOf(
    Object.entries(sums).map(([key, usd]) => [key, formatUsdRounded(parsePicoUsd(usd), 10).replace(/\.?0+$/, '')]),
  );

interface Row {
  readonly Keys: readonly string[];
  readonly CostUsd: string;
  readonly NetCostUsd: string;
  readonly ListCostUsd: string;
}

async function rows(Type: string, Key: string, more: object = {}): Promise<Row[]> {
  const range = { Start: '2026-04-01T00:00:00Z', End: '2026-07-01T00:00:00Z' };
  const question = { ...range, Granularity: 'TOTAL', GroupBy: [{ Type, Key }], ...more };
  return (await call<{ Rows: Row[] }>('GetReport', question)).Rows;
}

const costs = async (Type: string, Key: string, more: object = {}): Promise<UsdSums> =>
  sumsOf((await rows(Type, Key, more)).map(({ Keys, CostUsd }) => [Keys[0]!, CostUsd]));

describe('an imported bill is what the reports are of', () => {
  it('with the cost, the net cost and the list cost of every key', async () => {
    expect(imported).toMatchObject({ Import: { MadePrimary: true, Problems: [] }, PrimaryBook: 'bill' });
    expect(imported.Periods.map(({ BillingPeriod, CostUsd }) => [BillingPeriod, CostUsd])).toEqual(
      Object.entries(await bill.by(MONTH_SQL)),
    );
    for (const [dimension, sql] of Object.entries(BY)) {
      const found = await rows('DIMENSION', dimension);
      for (const [member, column] of [
        ['CostUsd', undefined],
        ['NetCostUsd', NET],
        ['ListCostUsd', 'pricing_public_on_demand_cost'],
      ] as const) {
        const sums = sumsOf(found.map((row) => [row.Keys[0]!, row[member]]));
        expect(sums, `${member} by ${dimension}`).toEqual(await bill.by(sql, 'true', column));
      }
    }
    for (const tag of [TEAM, 'iamPrincipal/cost-center', 'accountTag/environment']) {
      expect(await costs('TAG', tag)).toEqual(await bill.by(`tags['${tag}']`));
    }
    expect(await costs('DIMENSION', 'session')).toEqual(
      await bill.by("regexp_extract(line_item_iam_principal, 'assumed-role/[^/]+/(.+)$', 1)"),
    );
  });

  it('by hour and by day', async () => {
    const range = { Start: '2026-05-01T00:00:00Z', End: '2026-06-01T00:00:00Z', GroupBy: [] };
    for (const [Granularity, format] of [
      ['DAILY', '%Y-%m-%d'],
      ['HOURLY', '%Y-%m-%dT%H'],
    ] as const) {
      const { Rows } = await call<{ Rows: (Row & { Start: string })[] }>('GetReport', { ...range, Granularity });
      const sums = sumsOf(Rows.map(({ Start, CostUsd }) => [Start.slice(0, format.length === 8 ? 10 : 13), CostUsd]));
      expect(sums).toEqual(await bill.by(`strftime(line_item_usage_start_date, '${format}')`, MAY));
    }
  });
});

it('tells the keys of its tags to those who see all of it', async () => {
  const keys = async (client: TallylineClient) =>
    (await client.call<{ Books: { BillTagKeys: string[] } }>('GetConsoleSession', {})).Books.BillTagKeys;
  expect(await keys(movedClient(server, offsetMs))).toEqual(await bill.values('unnest(map_keys(tags))'));
  await new IAMClient(moved()).send(new CreateUserCommand({ UserName: 'mia' }));
  const { AccessKey } = await new IAMClient(moved()).send(new CreateAccessKeyCommand({ UserName: 'mia' }));
  const profile = { endpoint: server.url, region: 'us-east-1', accessKeyId: AccessKey!.AccessKeyId! };
  const mia = { ...profile, secretAccessKey: AccessKey!.SecretAccessKey! };
  expect(await keys(new TallylineClient(mia, () => Date.now() + offsetMs))).toEqual([TEAM]);
});

async function costExplorer(
  GroupBy: GroupDefinition[],
  metric = 'UnblendedCost',
  more: Partial<GetCostAndUsageCommandInput> = {},
): Promise<UsdSums> {
  const client = ce();
  client.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers['x-tallyline-extensions'] = 'on';
      return next(args);
    },
    { step: 'build' },
  );
  const question = { TimePeriod: SPRING, Granularity: 'MONTHLY' as const, Metrics: [metric], GroupBy, ...more };
  const { ResultsByTime } = await client.send(new GetCostAndUsageCommand(question));
  return sumsOf(
    ResultsByTime!.flatMap(({ TimePeriod, Groups, Total }) => {
      const month = TimePeriod!.Start!.slice(0, 7);
      if (GroupBy.length === 0) return [[month, Total![metric]!.Amount!] as const];
      return Groups!.map(({ Keys, Metrics }) => {
        return [`${month} ${Keys![0]!.replace(`${GroupBy[0]!.Key}$`, '')}`, Metrics![metric]!.Amount!] as const;
      });
    }),
  );
}

const byMonth = (sql: string, where?: string, column?: string) =>
  bill.by(`${MONTH_SQL} || ' ' || coalesce(${sql}, '')`, where, column);

describe('Cost Explorer', () => {
  it('sums the bill by month and by what AWS groups by, and by who called', async () => {
    expect(await costExplorer([])).toEqual(printed(await bill.by(MONTH_SQL)));
    expect(await costExplorer([], 'NetUnblendedCost')).toEqual(printed(await bill.by(MONTH_SQL, 'true', NET)));
    for (const [Type, Key, sql] of [
      ['DIMENSION', 'LINKED_ACCOUNT', BY.account],
      ['DIMENSION', 'USAGE_TYPE', `coalesce(nullif(${BY.usageType}, ''), 'NoUsageType')`],
      ['DIMENSION', 'RECORD_TYPE', BY.recordType],
      ['DIMENSION', 'REGION', BY.region],
      ['DIMENSION', 'BILLING_ENTITY', BY.billingEntity],
      ['DIMENSION', 'IAM_PRINCIPAL', BY.principal],
      ['TAG', TEAM, TEAM_SQL],
      ['TAG', 'accountTag/environment', "tags['accountTag/environment']"],
    ] as const) {
      expect(await costExplorer([{ Type, Key }]), Key).toEqual(printed(await byMonth(sql)));
    }
    const Filter = { Tags: { Key: TEAM, Values: ['team-3', 'team-5'] } };
    const filtered = await costExplorer([{ Type: 'DIMENSION', Key: 'USAGE_TYPE' }], 'NetUnblendedCost', { Filter });
    const where = `${TEAM_SQL} IN ('team-3', 'team-5')`;
    expect(filtered).toEqual(printed(await byMonth(BY.usageType, where, NET)));
  });

  it('lists the values of dimensions and of tags', async () => {
    for (const [Dimension, sql] of [
      ['LINKED_ACCOUNT', BY.account],
      ['USAGE_TYPE', BY.usageType],
      ['RECORD_TYPE', BY.recordType],
      ['REGION', BY.region],
    ] as const) {
      const { DimensionValues } = await ce().send(new GetDimensionValuesCommand({ TimePeriod: SPRING, Dimension }));
      const values = DimensionValues!.map(({ Value }) => Value);
      expect(values.sort(), Dimension).toEqual(
        (await bill.values(sql))
          .map((value) => (value === '' && Dimension === 'USAGE_TYPE' ? 'NoUsageType' : value))
          .sort(),
      );
    }
    const { Tags: keys } = await ce().send(new GetTagsCommand({ TimePeriod: SPRING }));
    expect(keys).toEqual(await bill.values('unnest(map_keys(tags))'));
    const { Tags } = await ce().send(new GetTagsCommand({ TimePeriod: SPRING, TagKey: TEAM }));
    expect(Tags).toEqual(await bill.values(TEAM_SQL));
  });

  it('compares two months, and its drivers add up to the difference', async () => {
    const [april, may] = await Promise.all(
      ['2026-04', '2026-05'].map((month) => bill.by(BY.account, `${MONTH_SQL} = '${month}'`)),
    );
    const months = {
      BaselineTimePeriod: { Start: '2026-04-01', End: '2026-05-01' },
      ComparisonTimePeriod: { Start: '2026-05-01', End: '2026-06-01' },
      MetricForComparison: 'UnblendedCost',
      GroupBy: [{ Type: 'DIMENSION' as const, Key: 'LINKED_ACCOUNT' }],
    };
    const differences = Object.fromEntries(
      Object.keys({ ...april, ...may }).map((account) => {
        const [before, after] = [april!, may!].map((sums) => parsePicoUsd(sums[account] ?? '0')) as [bigint, bigint];
        return [account, formatUsd(after - before)];
      }),
    );
    const { CostAndUsageComparisons } = await ce().send(
      new GetCostAndUsageComparisonsCommand({ ...months, MaxResults: 100 }),
    );
    const compared = CostAndUsageComparisons!.map(({ CostAndUsageSelector, Metrics }) => {
      return [CostAndUsageSelector!.Dimensions!.Values![0]!, Metrics!.UnblendedCost!.Difference!] as const;
    });
    expect(sumsOf(compared)).toEqual(printed(sumsOf(Object.entries(differences))));
    const { CostComparisonDrivers } = await ce().send(new GetCostComparisonDriversCommand(months));
    for (const { CostSelector, CostDrivers, Metrics } of CostComparisonDrivers!) {
      const account = CostSelector!.Dimensions!.Values![0]!;
      const sum = CostDrivers!.reduce((all, one) => all + parsePicoUsd(one.Metrics!.UnblendedCost!.Difference!), 0n);
      const away = sum - parsePicoUsd(differences[account]!);
      // Each driver is printed with ten digits.
      expect(away <= 50n * BigInt(CostDrivers!.length) && away >= -50n * BigInt(CostDrivers!.length)).toBe(true);
      expect(parsePicoUsd(Metrics!.UnblendedCost!.Difference!) - parsePicoUsd(differences[account]!) <= 50n).toBe(true);
    }
  });

  it('foresees the rest of the month from the days that are billed', async () => {
    const question = { TimePeriod: { Start: '2026-06-18', End: '2026-07-01' }, Metric: 'UNBLENDED_COST' as const };
    const answer = await ce().send(new GetCostForecastCommand({ ...question, Granularity: 'DAILY' }));
    expect(answer.ForecastResultsByTime).toHaveLength(13);
    const daily = Number(await bill.total(`${MONTH_SQL} = '2026-06'`)) / 16;
    for (const { MeanValue } of answer.ForecastResultsByTime!.slice(1)) {
      expect(Number(MeanValue) / daily).toBeGreaterThan(0.75);
      expect(Number(MeanValue) / daily).toBeLessThan(1.25);
    }
  });

  it('puts usage under cost categories, and splits what is shared', async () => {
    const Rules = ['team-0', 'team-1', 'team-2'].map((team) => ({
      Value: team,
      Rule: { Tags: { Key: TEAM, Values: [team] } },
    }));
    await ce().send(
      new CreateCostCategoryDefinitionCommand({
        ...{ Name: 'Team', RuleVersion: 'CostCategoryExpression.v1', Rules, DefaultValue: 'shared' },
        EffectiveStart: '2026-04-01T00:00:00Z',
        SplitChargeRules: [{ Source: 'shared', Targets: ['team-0', 'team-1', 'team-2'], Method: 'PROPORTIONAL' }],
      }),
    );
    const sql = `CASE WHEN ${TEAM_SQL} IN ('team-0', 'team-1', 'team-2') THEN ${TEAM_SQL} ELSE 'shared' END`;
    const values = await bill.by(sql, MAY);
    const months = { TimePeriod: { Start: '2026-05-01', End: '2026-06-01' } };
    expect(await costExplorer([{ Type: 'COST_CATEGORY', Key: 'Team' }], 'UnblendedCost', months)).toEqual(
      printed(sumsOf(Object.entries(values).map(([key, usd]) => [`2026-05 ${key}`, usd]))),
    );
    const { Rows } = await call<{ Rows: { Value: string; CostUsd: string; TotalUsd: string }[] }>('GetSplitCharges', {
      ...{ CostCategory: 'Team', FirstPeriod: '2026-05' },
    });
    expect(sumsOf(Rows.map(({ Value, CostUsd }) => [Value, CostUsd]))).toEqual(values);
    expect(usdOf(sumsOf(Rows.map(({ Value, TotalUsd }) => [Value, TotalUsd])))).toBe(usdOf(values));
  });
});

describe('budgets', () => {
  it('have spent what the bill says, and tell it after the fact', async () => {
    const spent = await bill.total(`${MONTH_SQL} = '2026-06' AND ${TEAM_SQL} = 'team-3'`);
    await new BudgetsClient(moved()).send(
      new CreateBudgetCommand({
        AccountId: ACCOUNT,
        Budget: {
          ...{
            BudgetName: 'team 3',
            BudgetType: 'COST',
            TimeUnit: 'MONTHLY',
            BudgetLimit: { Amount: '0.5', Unit: 'USD' },
          },
          FilterExpression: { Tags: { Key: TEAM, Values: ['team-3'], MatchOptions: ['EQUALS'] } },
          Metrics: ['UnblendedCost'],
        },
        NotificationsWithSubscribers: [
          {
            Notification: { NotificationType: 'ACTUAL', ComparisonOperator: 'GREATER_THAN', Threshold: 80 },
            Subscribers: [{ SubscriptionType: 'SNS', Address: TOPIC }],
          },
        ],
      }),
    );
    await expect.poll(() => receiver.posts, ARRIVAL).toHaveLength(1);
    expect(receiver.posts[0]!.facts).toMatchObject({ budgetName: 'team 3', notificationType: 'ACTUAL' });
    const { Budget } = await new BudgetsClient(moved()).send(
      new DescribeBudgetCommand({ AccountId: ACCOUNT, BudgetName: 'team 3' }),
    );
    expect(Budget!.CalculatedSpend!.ActualSpend).toEqual({ Amount: spent, Unit: 'USD' });
  });
});

/** Makes an export, waits until it is delivered, and answers its files. */
async function deliver(
  table: string,
  columns: readonly string[],
  properties: Record<string, string>,
  Name = `of-the-bill-${table.toLowerCase().replaceAll('_', '-')}`,
): Promise<string[]> {
  const { ExportArn } = await new BCMDataExportsClient(moved()).send(
    new CreateExportCommand({
      Export: {
        Name,
        DataQuery: {
          QueryStatement: `SELECT ${columns.join(', ')} FROM ${table}`,
          TableConfigurations: { [table]: properties },
        },
        DestinationConfigurations: {
          S3Destination: {
            ...{ S3Bucket: 'bills', S3Prefix: 'out', S3Region: 'us-east-1' },
            S3OutputConfigurations: {
              ...{ OutputType: 'CUSTOM', Format: 'PARQUET', Compression: 'PARQUET', Overwrite: 'OVERWRITE_REPORT' },
            },
          },
        },
        RefreshCadence: { Frequency: 'SYNCHRONOUS' },
      },
    }),
  );
  const status = async () => {
    const { Executions } = await new BCMDataExportsClient(moved()).send(new ListExecutionsCommand({ ExportArn }));
    return Executions![0]?.ExecutionStatus?.StatusCode;
  };
  await expect.poll(status, ARRIVAL).toBe('DELIVERY_SUCCESS');
  return exported(Name);
}

/** What lies at the destination of an export. */
function exported(name: string): string[] {
  const folder = join(server.data, 'exports', 'bills', 'out', name, 'data');
  return globSync('**/*.parquet', { cwd: folder }).map((file) => join(folder, file));
}

describe('exports of the bill', () => {
  it('deliver its rows as CUR 2.0: who, what, how much, after discounts, and in its own words', async () => {
    const columns = [
      ...[
        'bill_billing_period_start_date',
        'bill_billing_entity',
        'bill_payer_account_id',
        'line_item_usage_account_id',
      ],
      ...['line_item_usage_account_name', 'line_item_usage_start_date', 'line_item_usage_end_date'],
      ...[
        'line_item_usage_type',
        'line_item_line_item_type',
        'line_item_line_item_description',
        'line_item_product_code',
      ],
      ...['line_item_iam_principal', 'line_item_resource_id', 'line_item_operation', 'line_item_usage_amount'],
      ...['line_item_unblended_cost', NET, 'pricing_public_on_demand_cost', 'pricing_unit', 'product', 'tags'],
      ...['product_region_code', 'product_product_family', 'identity_line_item_id'],
    ];
    const properties = { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE', INCLUDE_RESOURCES: 'TRUE', TIME_GRANULARITY: 'HOURLY' };
    const out = new FileSums(duck, await deliver('COST_AND_USAGE_REPORT', columns, properties));
    const texts = columns.filter((name) =>
      /^(line_item_(usage_|line_|product|iam|res|oper)|bill_|pricing_unit|product_reg)/.test(name),
    );
    for (const sql of [...texts.filter((name) => name !== 'line_item_usage_amount'), TEAM_SQL]) {
      for (const column of ['line_item_unblended_cost', NET, 'pricing_public_on_demand_cost']) {
        expect(await out.by(sql, 'true', column), `${column} by ${sql}`).toEqual(await bill.by(sql, 'true', column));
      }
    }
    const known =
      "line_item_line_item_type = 'Usage' AND bill_billing_entity = 'AWS' AND line_item_usage_type NOT LIKE '%Quasar9%'";
    expect(await out.by("product['model']", known)).toEqual(await bill.by("product['model']", known));
    const [counted] = await out.rows('count(DISTINCT identity_line_item_id) AS ids, count(*) AS rows');
    expect(counted!.ids).toBe(counted!.rows);
    const amounts = 'line_item_usage_type AS key, round(sum(line_item_usage_amount), 6) AS amount';
    const usage = "line_item_line_item_type = 'Usage' GROUP BY 1 ORDER BY 1";
    expect(await out.rows(amounts, usage)).toEqual(await bill.rows(amounts, usage));
  });

  it('deliver its costs as FOCUS', async () => {
    const columns = [
      'BillingPeriodStart',
      'SubAccountId',
      'BilledCost',
      'EffectiveCost',
      'ChargeCategory',
      'x_IamPrincipal',
    ];
    const files = await deliver('FOCUS_1_2_AWS', columns, { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' });
    const from = `read_parquet([${files.map((file) => `'${file}'`).join(', ')}])`;
    for (const [key, sql] of [
      ['SubAccountId', BY.account],
      ['x_IamPrincipal', BY.principal],
    ] as const) {
      const found = await duck.query(
        `SELECT coalesce(${key}, '') AS key, sum(BilledCost) AS usd FROM ${from} GROUP BY 1`,
      );
      const sums = Object.fromEntries(found.map((row) => [`${row.key}`, Number(row.usd).toFixed(6)]));
      const expected = await bill.by(sql, 'true', NET);
      expect(sums).toEqual(
        Object.fromEntries(Object.entries(expected).map(([name, usd]) => [name, Number(usd).toFixed(6)])),
      );
    }
  });
});

interface Statement {
  readonly Number: string;
  readonly Value: string;
  readonly MonthUsd: string;
  readonly TotalAmount: string;
}

describe('statements', () => {
  it.each([
    ['TAG', TEAM, TEAM_SQL, 'TEM'],
    ['DIMENSION', 'account', BY.account, 'ACC'],
  ])('of a month by %s %s say to the cent what the bill says', async (Type, Key, sql, Prefix) => {
    const Definition = { Name: `by ${Key}`, Kind: 'showback', Prefix, Key: { Type, Key }, Detail: 'model' };
    const created = await call<{ StatementDefinition: { DefinitionId: string } }>('CreateStatementDefinition', {
      Definition,
    });
    const { DefinitionId } = created.StatementDefinition;
    const issued = await call<{ Statements: Statement[]; BillUsd: string; BillAmount: string }>('IssueStatements', {
      ...{ DefinitionId, BillingPeriod: '2026-05' },
    });
    const total = await bill.total(MAY, NET);
    expect(issued.BillUsd).toBe(total);
    expect(sumsOf(issued.Statements.map(({ Value, MonthUsd }) => [Value, MonthUsd]))).toEqual(
      await bill.by(sql, MAY, NET),
    );
    const cents = issued.Statements.reduce((sum, { TotalAmount }) => sum + parseCents(TotalAmount), 0n);
    expect(cents).toBe(toCents(parsePicoUsd(total)));
    const [first] = issued.Statements;
    const { Statement } = await call<{
      Statement: { Lines: { Kind: string; Principal?: string; NetUsd: string; Amount: string }[] };
    }>('GetStatement', { Number: first!.Number });
    expect(Statement.Lines.reduce((sum, { Amount }) => sum + parseCents(Amount), 0n)).toBe(
      parseCents(first!.TotalAmount),
    );
    const byPrincipal = new Map<string, bigint>();
    for (const { Principal, NetUsd } of Statement.Lines.filter((line) => line.Principal !== undefined)) {
      byPrincipal.set(Principal!, (byPrincipal.get(Principal!) ?? 0n) + parsePicoUsd(NetUsd));
    }
    const where = `${MAY} AND coalesce(${sql}, '') = '${first!.Value}' AND line_item_line_item_type = 'Usage'`;
    expect(sumsOf([...byPrincipal].map(([key, pico]) => [key, formatUsd(pico)]))).toEqual(
      await bill.by(BY.principal, where, NET),
    );
  });
});

describe('an org chart', () => {
  it('groups the bill as it was and as it is, and both sum to the bill', async () => {
    const Csv = [
      'who,value,from,to',
      'person-3@example.com,Platform,2026-04-01,2026-05-11',
      'person-3@example.com,Data,2026-05-11,',
      'account:444400000005,Research,2026-01-01,',
    ].join('\n');
    await call('ImportMembership', { Structure: 'department', Csv });
    const person = `coalesce(${BY.principal}, '') LIKE '%/person-3@example.com'`;
    const read = (was: string) =>
      `CASE WHEN ${person} THEN ${was} WHEN ${BY.account} = '444400000005' THEN 'Research' ELSE '' END`;
    const was = read("IF(line_item_usage_start_date < TIMESTAMP '2026-05-11', 'Platform', 'Data')");
    expect(await costs('MEMBERSHIP', 'department')).toEqual(await bill.by(was));
    expect(await costs('MEMBERSHIP', 'department', { AsOf: 'IS' })).toEqual(await bill.by(read("'Data'")));
  });

  it('takes a name for that of one account where the entry says so', async () => {
    const entry = (Who: string, Value: string) => ({ Structure: 'unit', Who, Value, From: '2026-01-01T00:00:00Z' });
    await expect(call('PutMembershipEntry', entry('person-4', 'Ops'))).rejects.toThrow(
      'write `111122223333/person-4` for one account',
    );
    await call('PutMembershipEntry', entry('444400000004/person-4', 'Ops'));
    await call('PutMembershipEntry', entry('444400000009/person-8', 'Wrong'));
    const user = "line_item_iam_principal = 'arn:aws:iam::444400000004:user/person-4'";
    expect(await costs('MEMBERSHIP', 'unit')).toEqual(await bill.by(`IF(${user}, 'Ops', '')`));
  });
});

describe('unit economics', () => {
  it('divide the bill by what was counted', async () => {
    await call('PutBusinessMetric', {
      Name: 'tickets',
      Unit: 'ticket',
      Grain: 'MONTH',
      By: { Type: 'TAG', Key: TEAM },
    });
    await call('PutBusinessMetricValues', {
      Name: 'tickets',
      Csv: 'period,key,value\n2026-05,team-1,400\n2026-05,team-2,80\n',
    });
    const { Rows } = await call<{ Rows: { Key: string; CostUsd: string; UnitCostUsd?: string }[] }>('GetUnitCosts', {
      ...{ Name: 'tickets', Start: '2026-05-01T00:00:00Z', End: '2026-06-01T00:00:00Z', Granularity: 'TOTAL' },
    });
    const spent = await bill.by(TEAM_SQL, MAY);
    for (const [team, units] of [
      ['team-1', 400n],
      ['team-2', 80n],
    ] as const) {
      const row = Rows.find(({ Key }) => Key === team)!;
      expect(row.CostUsd).toBe(spent[team]);
      expect(parsePicoUsd(row.UnitCostUsd!) * units - parsePicoUsd(row.CostUsd)).toBeLessThan(units);
    }
  });
});

describe('why', () => {
  it('splits the difference between two days by reasons and by drivers, exactly', async () => {
    const day = (date: string) => ({
      Start: `${date}T00:00:00Z`,
      End: `${date.slice(0, 8)}${Number(date.slice(8)) + 1}T00:00:00Z`,
    });
    const answer = await call<{
      ChangeUsd: string;
      PreviousUsd: string;
      CostUsd: string;
      Reasons: { ChangeUsd: string }[];
      Drivers: { Key: { Key: string }; Values: { ChangeUsd: string; Value: string }[] }[];
    }>('ExplainSpend', { Before: day('2026-05-12'), After: day('2026-05-13') });
    const of = (date: string) => bill.total(`line_item_usage_start_date::DATE = DATE '${date}'`);
    const [before, after] = [await of('2026-05-12'), await of('2026-05-13')];
    expect([answer.PreviousUsd, answer.CostUsd]).toEqual([before, after]);
    const difference = parsePicoUsd(after) - parsePicoUsd(before);
    const total = (all: readonly { ChangeUsd: string }[]) =>
      all.reduce((sum, one) => sum + parsePicoUsd(one.ChangeUsd), 0n);
    expect(total(answer.Reasons)).toBe(difference);
    expect(answer.Drivers.map(({ Key }) => Key.Key)).toEqual([TEAM, 'principal', 'model', 'direction']);
    for (const { Values } of answer.Drivers) expect(total(Values)).toBe(difference);
  });

  it('is about the last seven days that are billed, where nothing else is asked', async () => {
    const { After, CostUsd } = await call<{ After: object; CostUsd: string }>('ExplainSpend', {});
    expect(After).toEqual({ Start: '2026-06-10T00:00:00Z', End: '2026-06-17T00:00:00Z' });
    expect(CostUsd).toBe(await bill.total("line_item_usage_start_date::DATE >= DATE '2026-06-10'"));
  });
});

describe('the command line', () => {
  it('counts back from the end of the bill, and says so', async () => {
    const printed = async (options: ReportOptions) => {
      const lines: string[] = [];
      await report(movedClient(server, offsetMs), options, Date.now() + offsetMs, (text) => lines.push(text));
      return lines.join('\n');
    };
    expect(await call('GetConsoleSession', {})).toMatchObject({ Books: { Primary: 'bill', BillGrain: 'HOUR' } });
    const lastDay = await bill.total("line_item_usage_start_date::DATE = DATE '2026-06-16'");
    const text = await printed({ by: 'principal', last: '1d' });
    expect(text).toContain('2026-06-16T00:00:00Z to 2026-06-17T00:00:00Z, where the imported bill ends');
    expect(text.replaceAll(',', '')).toContain(lastDay);
    expect(await printed({ by: 'principal' })).toContain('2026-06-01T00:00:00Z to 2026-06-17T00:00:00Z, where');
    // What is asked by its date, and what was metered here, is as it was asked.
    expect(await printed({ by: 'principal', month: '2026-05' })).not.toContain('bill ends');
    expect(await printed({ by: 'principal', book: 'ledger' })).not.toContain('bill ends');
  });
});

describe('the overview', () => {
  it('ends where the bill does, and so does what it compares with', async () => {
    interface Spent {
      readonly Start: string;
      readonly End: string;
      readonly CostUsd: string;
    }
    const overview = await call<{ MonthToDate: Spent; LastMonth: Spent; Days: Spent[]; MoversTo: string }>(
      'GetOverview',
      {},
    );
    const { MonthToDate, LastMonth, Days, MoversTo } = overview;
    expect(MonthToDate).toMatchObject({ Start: '2026-06-01T00:00:00Z', End: `${BILLED_UNTIL}Z` });
    expect(MonthToDate.CostUsd).toBe(await bill.total(`${MONTH_SQL} = '2026-06'`));
    expect(LastMonth).toMatchObject({ Start: '2026-05-01T00:00:00Z', End: '2026-05-17T00:00:00Z' });
    expect(LastMonth.CostUsd).toBe(
      await bill.total(`${MAY} AND line_item_usage_start_date < TIMESTAMP '2026-05-17 00:00:00'`),
    );
    expect([Days.at(-1)!.Start, Days.at(-1)!.End]).toEqual(['2026-06-16T00:00:00Z', `${BILLED_UNTIL}Z`]);
    expect(MoversTo).toBe(`${BILLED_UNTIL}Z`);
  });
});

describe('what is expected', () => {
  it('of principals until the end of the month begins with what the bill has', async () => {
    const { Groups, Total } = await call<{
      Groups: { Value: string; ActualUsd: string; ExpectedUsd: string }[];
      Total: { ActualUsd: string; ExpectedUsd: string };
    }>('GetForecasts', { GroupBy: { Type: 'DIMENSION', Key: 'principal' }, TopN: 3 });
    const spent = await bill.by(BY.principal, `${MONTH_SQL} = '2026-06'`);
    for (const { Value, ActualUsd } of Groups) {
      expect(ActualUsd).toBe(formatUsdRounded(parsePicoUsd(spent[Value]!), 6));
    }
    const ratio = Number(Total.ExpectedUsd) / (Number(usdOf(spent)) / 16) / 30;
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(1.1);
  });

  it('of a budget is a matter of the days to come', async () => {
    const { Outlooks } = await call<{
      Outlooks: { Name: string; Actual: string; IsPassed: boolean; Expected: string }[];
    }>('GetBudgetOutlooks', { Kind: 'AWS' });
    const spent = await bill.total(`${MONTH_SQL} = '2026-06' AND ${TEAM_SQL} = 'team-3'`);
    expect(Outlooks).toMatchObject([{ Name: 'team 3', Actual: spent, IsPassed: true }]);
    const ratio = Number(Outlooks[0]!.Expected) / (Number(spent) / 16) / 30;
    expect(ratio).toBeGreaterThan(0.85);
    expect(ratio).toBeLessThan(1.15);
  });
});

/** Imports and deliveries one after another, on a machine that does much else. */
describe('exports of a bill that is delivered again', { timeout: 120_000 }, () => {
  const CUR = 'again-as-cur';
  const FOCUS = 'again-as-focus';
  const ALL = ['2026-03', ...MONTHS];
  const DAY = `strftime(line_item_usage_start_date, '%Y-%m-%d')`;
  const MAY_ROWS = { period: '2026-05', kinds: BEDROCK_KINDS, principals: 60, charges: true };

  /** Puts another delivery of May in the place of the last one, and imports it. */
  async function deliverAgain(seed: number, rowsOf = (sql: string) => sql): Promise<void> {
    const rows = { sql: rowsOf(billRows({ ...MAY_ROWS, rows: 3_000, seed })) };
    const { path } = await writeDelivery(duck, { folder: bills, files: 2, ...MAY_ROWS, rows, seed });
    const { Import } = await new ImportClient(server.data, () => Date.now() + offsetMs).import(path);
    expect(Import).toMatchObject({ State: 'done', Problems: [] });
  }

  /** The billing periods that the next delivery of an export delivers anew. */
  async function redelivered(ExportName: string): Promise<string[]> {
    const done = await call<{ ExportArn: string; ExecutionId: string; Status: string }>('StartExportExecution', {
      ExportName,
    });
    expect(done.Status).toBe('DELIVERY_SUCCESS');
    const { ExportArn } = done;
    const { Periods } = await call<{ Periods: { BillingPeriod: string; ExecutionId: string }[] }>(
      ...(['GetExportDelivery', { ExportArn }] as const),
    );
    const ofThis = Periods.filter(({ ExecutionId }) => ExecutionId === done.ExecutionId);
    return ofThis.map(({ BillingPeriod }) => BillingPeriod).sort();
  }

  const usdOfDays = () => bill.by(DAY);
  const netOfAccounts = async () => roundedSums(await bill.by(BY.account, 'true', NET));
  const curDays = () => new FileSums(duck, exported(CUR)).by(DAY);

  async function focusAccounts(): Promise<Record<string, string>> {
    const from = `read_parquet([${exported(FOCUS).map((file) => `'${file}'`)}])`;
    const rows = await duck.query(`SELECT SubAccountId AS key, sum(BilledCost) AS usd FROM ${from} GROUP BY 1`);
    return roundedSums(Object.fromEntries(rows.map(({ key, usd }) => [`${key}`, `${usd}`])));
  }

  const roundedSums = (sums: UsdSums) =>
    sumsOf(Object.entries(sums).map(([key, usd]) => [key, Number(usd).toFixed(6)]));

  async function expectAnew(periods: readonly string[]): Promise<void> {
    expect(await redelivered(CUR)).toEqual(periods);
    expect(await redelivered(FOCUS)).toEqual(periods);
    expect(await curDays()).toEqual(await usdOfDays());
    expect(await focusAccounts()).toEqual(await netOfAccounts());
  }

  it('deliver nothing anew but the present month while nothing has changed', async () => {
    const columns = ['line_item_usage_start_date', 'line_item_unblended_cost', 'product_product_family'];
    await deliver('COST_AND_USAGE_REPORT', columns, { TIME_GRANULARITY: 'DAILY' }, CUR);
    await deliver('FOCUS_1_2_AWS', ['SubAccountId', 'BilledCost'], {}, FOCUS);
    await expectAnew(['2026-06']);
  });

  // An import that is asked for puts every month in its place again.
  it('deliver the months of the import anew, also one before them that has rows of it now', async () => {
    const early = "line_item_line_item_type = 'Usage' AND i % 40 = 0";
    const moved = (column: string) => `IF(${early}, ${column} - INTERVAL 61 DAY, ${column}) AS ${column}`;
    const columns = ['line_item_usage_start_date', 'line_item_usage_end_date'].map(moved);
    await deliverAgain(12, (sql) => `SELECT * REPLACE (${columns.join(', ')}) FROM (${sql})`);
    await expectAnew(ALL);
    expect(await bill.total(`${MONTH_SQL} = '2026-03'`)).not.toBe('0');
  });

  it('deliver a month without rows when nothing of it is left in the bill', async () => {
    await deliverAgain(13);
    await expectAnew(ALL);
    await expectAnew(['2026-06']);
  });

  it('deliver all months without rows when the bill is removed', async () => {
    const [source] = (await call<{ Sources: { SourceId: string }[] }>('ListBillSources', {})).Sources;
    await call('DeleteBillSource', { SourceId: source!.SourceId });
    expect([await redelivered(CUR), await redelivered(FOCUS)]).toEqual([ALL, ALL]);
    expect([await curDays(), await focusAccounts()]).toEqual([{}, {}]);
  });
});
