import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BCMDataExportsClient, CreateExportCommand, type Export } from '@aws-sdk/client-bcm-data-exports';
import { CostExplorerClient, CreateCostCategoryDefinitionCommand } from '@aws-sdk/client-cost-explorer';
import { parquetMetadata } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TallylineClient } from '../../src/cli/client.ts';
import { readProfile } from '../../src/cli/profile.ts';
import { DAY_MS } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { monthStart } from './delivered-rows.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';
import { memberAdmin, newAccount } from './organization.ts';
import { INVOKE, newUser } from './principals.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const QUERY = 'SELECT line_item_iam_principal, line_item_unblended_cost, tags FROM COST_AND_USAGE_REPORT';
const CONFIGURATION = {
  COST_AND_USAGE_REPORT: { TIME_GRANULARITY: 'MONTHLY', INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' },
};

interface DeliveryAnswer {
  readonly Periods: readonly {
    readonly BillingPeriod: string;
    readonly DeliveredAt: string;
    readonly ExecutionId: string;
    readonly Files: readonly { readonly Uri: string; readonly Bytes: number; readonly Rows?: number }[];
  }[];
}

interface SampleAnswer {
  readonly Columns: readonly { readonly Name: string; readonly Type: string }[];
  readonly Rows: readonly Readonly<Record<string, unknown>>[];
}

let server: TestServer;
let client: TallylineClient;
let exports: BCMDataExportsClient;

beforeAll(async () => {
  server = await startServer();
  client = new TallylineClient(readProfile(server.data, {}), () => Date.now());
  exports = new BCMDataExportsClient(server.admin);
  const calls = [{ modelId: SONNET, inputTokens: 10_000, outputTokens: 2_000 }];
  for (const name of ['ann', 'bob']) await spend(await newUser(server.admin, name, { statements: [INVOKE] }), calls);
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(2), ARRIVAL);
});
afterAll(async () => {
  exports?.destroy();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

const period = () => monthStart().toISOString().slice(0, 7);

async function newExport(name: string, isCsv: boolean): Promise<string> {
  const output = isCsv
    ? ({ Format: 'TEXT_OR_CSV', Compression: 'GZIP' } as const)
    : ({ Format: 'PARQUET', Compression: 'PARQUET' } as const);
  const definition: Export = {
    Name: name,
    DataQuery: { QueryStatement: QUERY, TableConfigurations: CONFIGURATION },
    DestinationConfigurations: {
      S3Destination: {
        ...{ S3Bucket: 'bills', S3Prefix: 'cur', S3Region: 'us-east-1' },
        S3OutputConfigurations: { OutputType: 'CUSTOM', Overwrite: 'OVERWRITE_REPORT', ...output },
      },
    },
    RefreshCadence: { Frequency: 'SYNCHRONOUS' },
  };
  const { ExportArn } = await exports.send(new CreateExportCommand({ Export: definition }));
  await client.call('StartExportExecution', { ExportName: name });
  return ExportArn!;
}

const delivery = (ExportArn: string) => client.call<DeliveryAnswer>('GetExportDelivery', { ExportArn });

describe('what an export has delivered', () => {
  it('is listed by billing period with the size and the rows of every file', async () => {
    const { Periods } = await delivery(await newExport('whole', false));
    const { BillingPeriod, DeliveredAt, ExecutionId, Files } = Periods[0]!;
    expect([BillingPeriod, ExecutionId.length, Files.length]).toEqual([period(), 36, 1]);
    expect(Date.now() - Date.parse(DeliveredAt)).toBeLessThan(DAY_MS);
    const file = join(server.data, 'exports', Files[0]!.Uri.replace('s3://', ''));
    const bytes = readFileSync(file);
    const { num_rows } = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    expect([Files[0]!.Bytes, Files[0]!.Rows]).toEqual([statSync(file).size, Number(num_rows)]);
    expect(Files[0]!.Rows).toBe(4);
  });

  it('has no rows for CSV, which does not say how many it holds', async () => {
    const [{ Files }] = (await delivery(await newExport('text', true))).Periods as [DeliveryAnswer['Periods'][number]];
    expect(Files[0]!.Bytes).toBeGreaterThan(0);
    expect(Files[0]).not.toHaveProperty('Rows');
  });

  it('is nobody else’s', async () => {
    const ExportArn = await newExport('own', false);
    const { region, credentials } = await memberAdmin(server.admin, await newAccount(server.admin, 'member'));
    const member = new TallylineClient({ endpoint: server.url, region, ...credentials }, () => Date.now());
    await expect(member.call('GetExportDelivery', { ExportArn })).rejects.toThrow('not authorized');
  });
});

describe('a sample', () => {
  const sample = (input: object) => client.call<SampleAnswer>('GetExportSample', input);

  it('is made of the rows that a delivery would have now', async () => {
    const { Columns, Rows } = await sample({ QueryStatement: QUERY, TableConfigurations: CONFIGURATION });
    expect(Columns).toEqual([
      { Name: 'line_item_iam_principal', Type: 'string' },
      { Name: 'line_item_unblended_cost', Type: 'double' },
      { Name: 'tags', Type: 'map<string,string>' },
    ]);
    expect(Rows).toHaveLength(4);
    expect(Rows[0]).toMatchObject({ line_item_iam_principal: expect.stringContaining(':user/'), tags: '{}' });
    expect(Rows.reduce((sum, row) => sum + Number(row.line_item_unblended_cost), 0)).toBeCloseTo(0.132, 12);
  });

  it('ends at the number of rows that is asked for, and at the query’s own limit', async () => {
    const question = { QueryStatement: QUERY, TableConfigurations: CONFIGURATION };
    expect((await sample({ ...question, MaxRows: 3 })).Rows).toHaveLength(3);
    expect((await sample({ ...question, QueryStatement: `${QUERY} LIMIT 1` })).Rows).toHaveLength(1);
    expect((await sample({ ...question, BillingPeriod: '2020-01' })).Rows).toEqual([]);
  });

  it('is refused in the words in which the export would be', async () => {
    for (const QueryStatement of ['SELECT nothing FROM COST_AND_USAGE_REPORT', QUERY]) {
      await expect(sample({ QueryStatement })).rejects.toThrow('not a subset of the table [COST_AND_USAGE_REPORT]');
    }
  });
});

describe('a preview of a cost category', () => {
  const range = () => ({
    Start: monthStart().toISOString(),
    End: new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS + DAY_MS).toISOString(),
  });
  const rule = (Value: string, ending: string) => ({
    Value,
    Rule: { Dimensions: { Key: 'USAGE_TYPE', Values: [ending], MatchOptions: ['ENDS_WITH'] } },
  });
  const Rules = [rule('Reading', 'input-tokens'), rule('Writing', 'output-tokens')];

  it('has what the rules would make of the spend, and sums to it', async () => {
    expect(await client.call('PreviewCostCategory', { ...range(), Rules })).toEqual({
      Values: [
        { Value: 'Reading', CostUsd: '0.066', Requests: '2' },
        { Value: 'Writing', CostUsd: '0.066', Requests: '0' },
      ],
      TotalUsd: '0.132',
    });
    expect(
      await client.call('PreviewCostCategory', { ...range(), Rules: Rules.slice(0, 1), DefaultValue: 'Rest' }),
    ).toMatchObject({ Values: [{ Value: 'Reading' }, { Value: 'Rest', CostUsd: '0.066' }] });
  });

  it('is what reports show once the category is kept', async () => {
    const ce = new CostExplorerClient(server.admin);
    const kept = { Name: 'Direction', RuleVersion: 'CostCategoryExpression.v1' as const };
    await ce.send(
      new CreateCostCategoryDefinitionCommand({ ...kept, Rules: Rules as never, EffectiveStart: undefined }),
    );
    ce.destroy();
    const GroupBy = [{ Type: 'COST_CATEGORY', Key: 'Direction' }];
    const report = { ...range(), Granularity: 'TOTAL', GroupBy };
    const { Rows } = await client.call<{ Rows: { Keys: string[]; CostUsd: string }[] }>('GetReport', report);
    const { Values } = await client.call<{ Values: { Value: string; CostUsd: string }[] }>('PreviewCostCategory', {
      ...{ ...range(), Rules, Name: 'Direction' },
    });
    const pairs = Values.map(({ Value, CostUsd }) => [Value, CostUsd]).sort();
    expect(pairs).toEqual(Rows.map(({ Keys, CostUsd }) => [Keys[0], CostUsd]).sort());
  });

  it('may look at other categories and not at itself', async () => {
    const of = (Key: string) => [{ Value: 'x', Rule: { CostCategories: { Key, Values: ['Reading'] } } }];
    expect(await client.call('PreviewCostCategory', { ...range(), Rules: of('Direction') })).toMatchObject({
      Values: [{ CostUsd: '0.066' }, { CostUsd: '0.066' }],
    });
    await expect(
      client.call('PreviewCostCategory', { ...range(), Rules: of('Direction'), Name: 'Direction' }),
    ).rejects.toThrow('cost category `Direction` cannot depend on itself');
  });
});
