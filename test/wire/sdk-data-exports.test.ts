import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  BCMDataExportsClient,
  CreateExportCommand,
  DeleteExportCommand,
  type Export,
  GetExecutionCommand,
  GetExportCommand,
  GetTableCommand,
  ListExecutionsCommand,
  ListExportsCommand,
  ListTablesCommand,
  ListTagsForResourceCommand,
  ResourceNotFoundException,
  UpdateExportCommand,
  ValidationException,
} from '@aws-sdk/client-bcm-data-exports';
import {
  CostExplorerClient,
  ListCostAllocationTagsCommand,
  StartCostAllocationTagBackfillCommand,
  UpdateCostAllocationTagsStatusCommand,
} from '@aws-sdk/client-cost-explorer';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TallylineClient } from '../../src/cli/client.ts';
import { readProfile } from '../../src/cli/profile.ts';
import { isoSeconds } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';
import { ACCOUNT, INVOKE, newUser } from './principals.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const TEAM = 'iamPrincipal/team';
const COLUMNS = 'line_item_iam_principal, line_item_usage_type, line_item_usage_amount, line_item_unblended_cost, tags';
const BUCKET = 'bills';

let server: TestServer;
let exports: BCMDataExportsClient;

beforeAll(async () => {
  server = await startServer();
  exports = new BCMDataExportsClient(server.admin);
  const calls = [{ modelId: SONNET, inputTokens: 10_000, outputTokens: 2_000 }];
  const teams = { ann: 'ds', bob: 'ds', eve: 'R + D: é' };
  for (const [name, team] of Object.entries(teams)) {
    await spend(await newUser(server.admin, name, { statements: [INVOKE], tags: { team } }), calls);
  }
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(3), ARRIVAL);
  const ce = new CostExplorerClient(server.admin);
  await ce.send(new ListCostAllocationTagsCommand({}));
  const CostAllocationTagsStatus = [{ TagKey: TEAM, Status: 'Active' as const }];
  await ce.send(new UpdateCostAllocationTagsStatusCommand({ CostAllocationTagsStatus }));
  const now = new Date();
  const BackfillFrom = isoSeconds(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1));
  await ce.send(new StartCostAllocationTagBackfillCommand({ BackfillFrom }));
  ce.destroy();
});
afterAll(async () => {
  exports?.destroy();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

function definition(
  name: string,
  format: 'csv' | 'parquet',
  options: { columns?: string; principals?: boolean } = {},
): Export {
  const { columns = COLUMNS, principals = true } = options;
  const TIME_GRANULARITY = 'MONTHLY';
  const INCLUDE_IAM_PRINCIPAL_DATA = principals ? 'TRUE' : 'FALSE';
  return {
    Name: name,
    Description: `test of ${name}`,
    DataQuery: {
      QueryStatement: `SELECT ${columns} FROM COST_AND_USAGE_REPORT`,
      TableConfigurations: { COST_AND_USAGE_REPORT: { TIME_GRANULARITY, INCLUDE_IAM_PRINCIPAL_DATA } },
    },
    DestinationConfigurations: {
      S3Destination: {
        ...{ S3Bucket: BUCKET, S3Prefix: 'cur2', S3Region: 'us-east-1' },
        S3OutputConfigurations: {
          OutputType: 'CUSTOM',
          Format: format === 'csv' ? 'TEXT_OR_CSV' : 'PARQUET',
          Compression: format === 'csv' ? 'GZIP' : 'PARQUET',
          Overwrite: 'OVERWRITE_REPORT',
        },
      },
    },
    RefreshCadence: { Frequency: 'SYNCHRONOUS' },
  };
}

async function create(definition: Export): Promise<string> {
  return (await exports.send(new CreateExportCommand({ Export: definition }))).ExportArn!;
}

async function executions(ExportArn: string): Promise<(string | undefined)[]> {
  const { Executions = [] } = await exports.send(new ListExecutionsCommand({ ExportArn }));
  return Executions.map(({ ExecutionStatus }) => ExecutionStatus?.StatusCode);
}

async function delivered(definition: Export): Promise<string> {
  const arn = await create(definition);
  await expect.poll(() => executions(arn), ARRIVAL).toEqual(['DELIVERY_SUCCESS']);
  return arn;
}

/** The delivered files of every billing period. */
function files(name: string, extension: string): Buffer[] {
  const folder = join(server.data, 'exports', BUCKET, 'cur2', name, 'data');
  return globSync(`BILLING_PERIOD=*/${name}-*.${extension}`, { cwd: folder })
    .sort()
    .map((file) => readFileSync(join(folder, file)));
}

/** Rows of cells; cells may be quoted, and none of these holds a line break. */
function csvRows(name: string): string[][] {
  const lines = files(name, 'csv.gz').flatMap((bytes) => gunzipSync(bytes).toString().trimEnd().split('\n'));
  return lines.map((line) => {
    const cells = line.match(/"(?:[^"]|"")*"|[^,]+/g) ?? [];
    return cells.map((cell) => cell.replace(/^"(.*)"$/, '$1').replaceAll('""', '"'));
  });
}

async function parquetRows(name: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for (const bytes of files(name, 'snappy.parquet')) {
    rows.push(...(await parquetReadObjects({ file: new Uint8Array(bytes).buffer, compressors })));
  }
  return rows;
}

const arn = (name: string) => `arn:aws:iam::${ACCOUNT}:user/${name}`;
const INPUT = 'USE1-Claude4.6Sonnet-input-tokens';
const OUTPUT = 'USE1-Claude4.6Sonnet-output-tokens';

describe('an export with principals', () => {
  it('is delivered as gzipped CSV', async () => {
    await delivered(definition('as-csv', 'csv'));
    const [header, ...rows] = csvRows('as-csv');
    expect(header).toEqual(COLUMNS.split(', '));
    const tags = (team: string) => JSON.stringify({ [TEAM]: team });
    expect(rows.sort()).toEqual([
      [arn('ann'), INPUT, '10', '0.033', tags('ds')],
      [arn('ann'), OUTPUT, '2', '0.033', tags('ds')],
      [arn('bob'), INPUT, '10', '0.033', tags('ds')],
      [arn('bob'), OUTPUT, '2', '0.033', tags('ds')],
      [arn('eve'), INPUT, '10', '0.033', tags('R + D: é')],
      [arn('eve'), OUTPUT, '2', '0.033', tags('R + D: é')],
    ]);
  });

  it('is delivered as Parquet with its types', async () => {
    await delivered(definition('as-parquet', 'parquet'));
    const rows = await parquetRows('as-parquet');
    expect(rows).toHaveLength(6);
    expect(rows).toContainEqual({
      line_item_iam_principal: arn('ann'),
      line_item_usage_type: OUTPUT,
      ...{ line_item_usage_amount: 2, line_item_unblended_cost: 0.033 },
      tags: { [TEAM]: 'ds' },
    });
  });
});

describe('an export without principals', () => {
  it('sums over them, and keeps the tags apart', async () => {
    const columns = 'line_item_usage_type, line_item_usage_amount, line_item_unblended_cost, tags';
    await delivered(definition('merged', 'parquet', { columns, principals: false }));
    const rows = await parquetRows('merged');
    const summed = rows
      .map((row) => [
        row.line_item_usage_type,
        (row.tags as Record<string, string>)[TEAM],
        row.line_item_unblended_cost,
      ])
      .sort();
    expect(summed).toEqual([
      [INPUT, 'R + D: é', 0.033],
      [INPUT, 'ds', 0.066],
      [OUTPUT, 'R + D: é', 0.033],
      [OUTPUT, 'ds', 0.066],
    ]);
  });

  it('cannot select them', async () => {
    const creating = create(definition('impossible', 'csv', { principals: false }));
    await expect(creating).rejects.toThrow(ValidationException);
    await expect(creating).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(
        'The columns in the query provided are not a subset of the table [COST_AND_USAGE_REPORT]',
      ),
      $metadata: { httpStatusCode: 400 },
    });
  });
});

describe('exports', () => {
  it('are described, listed, executed anew, changed and deleted', async () => {
    const wanted = definition('life', 'csv');
    const ResourceTags = [{ Key: 'owner', Value: 'finops' }];
    const { ExportArn } = await exports.send(new CreateExportCommand({ Export: wanted, ResourceTags }));
    expect(ExportArn).toMatch(new RegExp(`^arn:aws:bcm-data-exports:us-east-1:${ACCOUNT}:export/life-[0-9a-f-]{36}$`));
    await expect.poll(() => executions(ExportArn!), ARRIVAL).toEqual(['DELIVERY_SUCCESS']);
    const { Export: shown, ExportStatus } = await exports.send(new GetExportCommand({ ExportArn }));
    expect(shown).toEqual({ ...wanted, ExportArn });
    expect(ExportStatus).toMatchObject({ StatusCode: 'HEALTHY', LastRefreshedAt: expect.any(Date) });
    const tags = await exports.send(new ListTagsForResourceCommand({ ResourceArn: ExportArn }));
    expect(tags.ResourceTags).toEqual(ResourceTags);

    const tallyline = new TallylineClient(readProfile(server.data, {}), () => Date.now());
    const again = await tallyline.call<{ Status: string; DataFiles: string[] }>('StartExportExecution', {
      ExportName: 'life',
    });
    expect(again).toMatchObject({
      Status: 'DELIVERY_SUCCESS',
      DataFiles: [
        expect.stringMatching(/^s3:\/\/bills\/cur2\/life\/data\/BILLING_PERIOD=\d{4}-\d\d\/life-00001\.csv\.gz$/),
      ],
    });
    const { Executions } = await exports.send(new ListExecutionsCommand({ ExportArn }));
    expect(Executions).toHaveLength(2);
    const { ExecutionId } = Executions![0]!;
    expect(await exports.send(new GetExecutionCommand({ ExportArn, ExecutionId }))).toMatchObject({
      ExecutionId,
      Export: { Name: 'life' },
      ExecutionStatus: { StatusCode: 'DELIVERY_SUCCESS', CompletedAt: expect.any(Date) },
    });

    const changed = definition('life', 'csv', { columns: 'line_item_usage_type AS kind', principals: false });
    await exports.send(new UpdateExportCommand({ ExportArn, Export: changed }));
    await expect.poll(() => executions(ExportArn!), ARRIVAL).toEqual(Array(3).fill('DELIVERY_SUCCESS'));
    expect(csvRows('life')[0]).toEqual(['kind']);

    const { Exports } = await exports.send(new ListExportsCommand({}));
    expect(Exports!.map(({ ExportName }) => ExportName)).toContain('life');
    await exports.send(new DeleteExportCommand({ ExportArn }));
    const missing = exports.send(new GetExportCommand({ ExportArn }));
    await expect(missing).rejects.toThrow(ResourceNotFoundException);
    await expect(missing).rejects.toMatchObject({ ResourceId: ExportArn, $metadata: { httpStatusCode: 404 } });
    expect(csvRows('life').length).toBeGreaterThan(1);
  });

  it('come in pages', async () => {
    const names: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await exports.send(new ListExportsCommand({ MaxResults: 1, NextToken }));
      names.push(...page.Exports!.map(({ ExportName }) => ExportName));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(names).toEqual(['as-csv', 'as-parquet', 'merged']);
  });

  it('are made of tables that tell their columns', async () => {
    const { Tables } = await exports.send(new ListTablesCommand({}));
    expect(Tables!.map(({ TableName }) => TableName)).toEqual([
      ...['COST_AND_USAGE_REPORT', 'FOCUS_1_0_AWS', 'FOCUS_1_2_AWS', 'FOCUS_1_4_AWS'],
    ]);
    const columnsOf = async (TableProperties: Record<string, string>) => {
      const command = new GetTableCommand({ TableName: 'COST_AND_USAGE_REPORT', TableProperties });
      return (await exports.send(command)).Schema!.map(({ Name }) => Name);
    };
    const withPrincipals = await columnsOf({ INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' });
    expect(withPrincipals.filter((name) => name === 'line_item_iam_principal')).toHaveLength(1);
    expect(await columnsOf({})).toEqual(withPrincipals.filter((name) => name !== 'line_item_iam_principal'));
  });
});
