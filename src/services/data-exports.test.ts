import type {
  Export,
  GetExecutionResponse,
  GetExportResponse,
  GetTableResponse,
} from '@aws-sdk/client-bcm-data-exports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Exporter, MEMBER, PAYER } from '../../test/cur/exporter.ts';
import { ScriptedStore } from '../../test/cur/scripted-store.ts';
import { Fault } from '../kernel/fault.ts';
import { PROBE_KEY } from '../kernel/object-store.ts';
import type { AccessNeed, OperationCall, OperationTable } from '../paths/operation-handler.ts';
import { dataExportsOperations } from './data-exports.ts';

let exporter: Exporter;
let operations: OperationTable;

beforeEach(() => {
  exporter = new Exporter(new ScriptedStore());
  operations = dataExportsOperations({ ...exporterParts(), newId: () => exporter.newId() });
});
afterEach(async () => {
  await exporter.runner.close();
  exporter.close();
});

function exporterParts() {
  const { registry, runner, destination } = exporter;
  return { registry, runner, destination: () => destination };
}

function callOf(input: object, accountId: string): OperationCall<object> {
  return { input, caller: { accountId }, nowMs: exporter.nowMs } as OperationCall<object>;
}

async function call<Output = Record<string, unknown>>(
  operation: string,
  input: object,
  accountId = PAYER,
): Promise<Output> {
  return (await operations[operation]!.run(callOf(input, accountId))) as Output;
}

function needs(operation: string, input: object): readonly AccessNeed[] {
  const { access } = operations[operation]!;
  if (typeof access !== 'function') throw new Error(`${operation} asks for nothing`);
  return access(callOf(input, PAYER));
}

async function faultOf(outcome: Promise<unknown>): Promise<Fault> {
  const fault = await outcome.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(Fault);
  return fault as Fault;
}

/** The export of the Data Exports User Guide's examples, with principals. */
function wire(name: string, changes: Partial<Export> = {}): Export {
  return {
    Name: name,
    DataQuery: {
      QueryStatement: 'SELECT line_item_iam_principal, tags FROM COST_AND_USAGE_REPORT',
      TableConfigurations: { COST_AND_USAGE_REPORT: { TIME_GRANULARITY: 'DAILY', INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' } },
    },
    DestinationConfigurations: {
      S3Destination: {
        ...{ S3Bucket: 'bills', S3Prefix: 'cur2', S3Region: 'us-east-1' },
        S3OutputConfigurations: {
          ...{ OutputType: 'CUSTOM', Format: 'PARQUET', Compression: 'PARQUET', Overwrite: 'OVERWRITE_REPORT' },
        },
      },
    },
    RefreshCadence: { Frequency: 'SYNCHRONOUS' },
    ...changes,
  };
}

function destination(s3: object, output: object = {}): Partial<Export> {
  const { S3Destination } = wire('x').DestinationConfigurations!;
  const S3OutputConfigurations = { ...S3Destination!.S3OutputConfigurations!, ...output };
  return { DestinationConfigurations: { S3Destination: { ...S3Destination!, ...s3, S3OutputConfigurations } } };
}

async function create(name: string, changes?: Partial<Export>, accountId = PAYER): Promise<string> {
  const { ExportArn } = await call('CreateExport', { Export: wire(name, changes) }, accountId);
  return ExportArn as string;
}

describe('an export', () => {
  test('is created, proves its bucket, is delivered at once and comes back as it was given', async () => {
    const arn = await create('bedrock-cur2', { Description: 'for Athena' });
    expect(arn).toMatch(/^arn:aws:bcm-data-exports:us-east-1:123456789012:export\/bedrock-cur2-[0-9a-f-]{36}$/);
    expect(exporter.read(`s3://bills/${PROBE_KEY}`)).toHaveLength(0);
    await exporter.runner.run(arn);
    const got = await call<GetExportResponse>('GetExport', { ExportArn: arn });
    expect(got.Export).toEqual({ ...wire('bedrock-cur2', { Description: 'for Athena' }), ExportArn: arn });
    const at = new Date(exporter.nowMs);
    expect(got.ExportStatus).toEqual({ StatusCode: 'HEALTHY', CreatedAt: at, LastUpdatedAt: at, LastRefreshedAt: at });
  });

  test('hands on the account that must own its bucket', async () => {
    const arn = await create('owned', destination({ S3BucketOwner: PAYER }));
    const { Export: got } = await call<GetExportResponse>('GetExport', { ExportArn: arn });
    expect(got!.DestinationConfigurations!.S3Destination).toMatchObject({ S3Bucket: 'bills', S3BucketOwner: PAYER });
  });

  test('has a name of its own in its account', async () => {
    await create('same');
    const fault = await faultOf(create('same'));
    expect([fault.code, fault.message]).toEqual(['ValidationException', 'An export with the name same already exists']);
    await expect(create('same', destination({ S3Bucket: 'other-bills' }), MEMBER)).resolves.toContain(MEMBER);
    const both = await Promise.allSettled([create('twin'), create('twin')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('is one of five at most', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await create(name);
    const fault = await faultOf(create('f'));
    expect(fault.code).toBe('ServiceQuotaExceededException');
    await call('DeleteExport', { ExportArn: exporter.registry.list(PAYER)[0]!.arn });
    const both = await Promise.allSettled([create('f'), create('g')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(fault.fields).toMatchObject({ ServiceCode: 'bcm-data-exports', ResourceType: 'Export' });
  });

  test('is invisible to other accounts, and so is its bucket', async () => {
    const arn = await create('mine');
    for (const operation of ['GetExport', 'DeleteExport', 'ListExecutions']) {
      const fault = await faultOf(call(operation, { ExportArn: arn }, MEMBER));
      expect([fault.code, fault.fields]).toEqual([
        'ResourceNotFoundException',
        { ResourceId: arn, ResourceType: 'Export' },
      ]);
    }
    expect(await call('ListExports', {}, MEMBER)).toEqual({ Exports: [] });
    expect((await faultOf(create('theirs', {}, MEMBER))).message).toBe(
      'The S3 bucket bills belongs to another account',
    );
    await call('DeleteExport', { ExportArn: arn });
    expect((await faultOf(create('theirs', {}, MEMBER))).message).toBe(
      'The S3 bucket bills belongs to another account',
    );
  });

  test('can change its query, properties and destination, but not its name or table', async () => {
    const arn = await create('x');
    exporter.nowMs += 1_000;
    const changed = wire('x', {
      DataQuery: { QueryStatement: 'SELECT bill_bill_type FROM COST_AND_USAGE_REPORT' },
      ...destination({ S3Prefix: 'elsewhere' }),
    });
    expect(await call('UpdateExport', { ExportArn: arn, Export: changed })).toEqual({ ExportArn: arn });
    const got = await call<GetExportResponse>('GetExport', { ExportArn: arn });
    expect(got.Export).toEqual({ ...changed, ExportArn: arn });
    expect(got.ExportStatus!.LastUpdatedAt).toEqual(new Date(exporter.nowMs));
    const renamed = await faultOf(call('UpdateExport', { ExportArn: arn, Export: wire('y') }));
    expect(renamed.message).toBe('The name of an export cannot be changed');
    const gone = await faultOf(call('UpdateExport', { ExportArn: `${arn.slice(0, -1)}f`, Export: changed }));
    expect(gone.code).toBe('ResourceNotFoundException');
  });

  test('is gone once deleted, and what it delivered is not', async () => {
    const arn = await create('x');
    const { dataFiles } = await exporter.runner.run(arn);
    expect(await call('DeleteExport', { ExportArn: arn })).toEqual({ ExportArn: arn });
    expect((await faultOf(call('DeleteExport', { ExportArn: arn }))).code).toBe('ResourceNotFoundException');
    expect(await call('ListExports', {})).toEqual({ Exports: [] });
    expect(exporter.read(dataFiles[0]!).length).toBeGreaterThan(0);
    const again = await create('x');
    expect(again).not.toBe(arn);
    expect((await faultOf(call('GetExport', { ExportArn: arn }))).code).toBe('ResourceNotFoundException');
  });

  test.each([
    [
      'a column that its properties do not have',
      { DataQuery: { QueryStatement: wire('x').DataQuery!.QueryStatement } },
      'not a subset of the table [COST_AND_USAGE_REPORT]',
    ],
    [
      'a property that its table does not have',
      {
        DataQuery: {
          QueryStatement: 'SELECT tags FROM COST_AND_USAGE_REPORT',
          TableConfigurations: { COST_AND_USAGE_REPORT: { X: 'TRUE' } },
        },
      },
      'Invalid parameters: Table property X provided but table has no such property',
    ],
    [
      'properties of another table',
      {
        DataQuery: {
          QueryStatement: 'SELECT tags FROM COST_AND_USAGE_REPORT',
          TableConfigurations: { FOCUS_1_2_AWS: {} },
        },
      },
      'The table FOCUS_1_2_AWS is not the table of the query',
    ],
    [
      'a billing view that is not there',
      {
        DataQuery: {
          QueryStatement: 'SELECT tags FROM COST_AND_USAGE_REPORT',
          TableConfigurations: {
            COST_AND_USAGE_REPORT: { BILLING_VIEW_ARN: `arn:aws:billing::${MEMBER}:billingview/primary` },
          },
        },
      },
      'does not exist',
    ],
    ['a bucket that is a path', destination({ S3Bucket: '../etc' }), 'The S3 bucket name ../etc is not valid'],
    ['a prefix that leads out', destination({ S3Prefix: 'a/../../b' }), 'The S3 prefix a/../../b is not valid'],
    [
      'a compression of the other format',
      destination({}, { Compression: 'GZIP' }),
      'GZIP cannot be used with the format PARQUET',
    ],
    [
      'a compression that no format has here',
      destination({}, { Format: 'TEXT_OR_CSV', Compression: 'ZIP' }),
      'ZIP cannot be used with the format TEXT_OR_CSV',
    ],
    ['a region that is none', destination({ S3Region: 'x.example.com/' }), 'The S3 region x.example.com/ is not valid'],
  ])('is refused with %s', async (_, changes, message) => {
    const fault = await faultOf(create('x', changes as Partial<Export>));
    expect(fault.code).toBe('ValidationException');
    expect(fault.message).toContain(message);
    expect(exporter.registry.all()).toEqual([]);
  });
});

describe('lists', () => {
  test('come in pages that survive changes in between', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await create(name);
    const first = await call<{ Exports: { ExportName: string; ExportArn: string }[]; NextToken: string }>(
      'ListExports',
      { MaxResults: 2 },
    );
    expect(first.Exports.map(({ ExportName }) => ExportName)).toEqual(['a', 'b']);
    await call('DeleteExport', { ExportArn: first.Exports[1]!.ExportArn });
    await create('aa');
    const second = await call<typeof first>('ListExports', { MaxResults: 2, NextToken: first.NextToken });
    expect(second.Exports.map(({ ExportName }) => ExportName)).toEqual(['c', 'd']);
    expect(second).not.toHaveProperty('NextToken');
    expect((await faultOf(call('ListExports', { NextToken: '!' }))).code).toBe('ValidationException');
  });

  test('of executions have the newest first, and each can be asked for', async () => {
    const arn = await create('x');
    await exporter.runner.run(arn);
    exporter.nowMs += 1_000;
    const { executionId } = await exporter.runner.run(arn);
    const { Executions } = await call<{ Executions: { ExecutionId: string }[] }>('ListExecutions', { ExportArn: arn });
    expect(Executions.length).toBeGreaterThan(1);
    expect(Executions[0]).toEqual({
      ExecutionId: executionId,
      ExecutionStatus: {
        StatusCode: 'DELIVERY_SUCCESS',
        ...{
          CreatedAt: new Date(exporter.nowMs),
          CompletedAt: new Date(exporter.nowMs),
          LastUpdatedAt: new Date(exporter.nowMs),
        },
      },
    });
    const got = await call<GetExecutionResponse>('GetExecution', { ExportArn: arn, ExecutionId: executionId });
    expect(got.Export!.Name).toBe('x');
    const fault = await faultOf(call('GetExecution', { ExportArn: arn, ExecutionId: 'none' }));
    expect(fault.fields).toEqual({ ResourceId: 'none', ResourceType: 'Execution' });
  });
});

describe('tables', () => {
  test('are listed with their properties in AWS’s order', async () => {
    const { Tables } = await call<{ Tables: { TableName: string; TableProperties: { Name: string }[] }[] }>(
      'ListTables',
      {},
    );
    const cur = Tables.find(({ TableName }) => TableName === 'COST_AND_USAGE_REPORT')!;
    expect(cur.TableProperties.map(({ Name }) => Name)).toEqual([
      ...['TIME_GRANULARITY', 'INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY', 'INCLUDE_SPLIT_COST_ALLOCATION_DATA'],
      ...['INCLUDE_RESOURCES', 'INCLUDE_CAPACITY_RESERVATION_DATA', 'BILLING_VIEW_ARN', 'INCLUDE_IAM_PRINCIPAL_DATA'],
    ]);
    expect(cur.TableProperties[0]).toEqual({
      ...{ Name: 'TIME_GRANULARITY', ValidValues: ['DAILY', 'MONTHLY', 'HOURLY'], DefaultValue: 'HOURLY' },
      Description: 'The granularity of the line-items in the table.',
    });
  });

  test('show the schema of exactly the configuration that is asked for', async () => {
    const TableName = 'COST_AND_USAGE_REPORT';
    const plain = await call<GetTableResponse>('GetTable', { TableName });
    expect(plain.TableProperties).toEqual({
      ...{ TIME_GRANULARITY: 'HOURLY', INCLUDE_RESOURCES: 'FALSE' },
      ...{ INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY: 'FALSE', INCLUDE_SPLIT_COST_ALLOCATION_DATA: 'FALSE' },
    });
    const withPrincipals = await call<GetTableResponse>('GetTable', {
      TableName,
      TableProperties: { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' },
    });
    expect(withPrincipals.Schema).toHaveLength(plain.Schema!.length + 1);
    expect(withPrincipals.Schema).toContainEqual({
      ...{ Name: 'line_item_iam_principal', Type: 'string' },
      Description: 'ARN of the IAM identity that made the inference calls.',
    });
    expect((await faultOf(call('GetTable', { TableName: 'NONE' }))).code).toBe('ValidationException');
  });
});

describe('FOCUS tables', () => {
  const focus = (table: string): Partial<Export> => ({
    DataQuery: { QueryStatement: `SELECT BilledCost, Tags FROM ${table}` },
  });

  test('have AWS’s columns, and the principal’s when it is asked for', async () => {
    const columns = async (TableName: string, TableProperties = {}) =>
      (await call<GetTableResponse>('GetTable', { TableName, TableProperties })).Schema!.map(({ Name }) => Name);
    expect(await columns('FOCUS_1_0_AWS')).toHaveLength(48);
    expect(await columns('FOCUS_1_2_AWS')).toHaveLength(60);
    const withPrincipals = await columns('FOCUS_1_2_AWS', { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' });
    expect(withPrincipals.filter((name) => name === 'x_IamPrincipal')).toHaveLength(1);
    expect(withPrincipals).toHaveLength(61);
    expect((await faultOf(call('GetTable', { TableName: 'FOCUS_1_2_AWS', TableProperties: { X: 'Y' } }))).message).toBe(
      'Invalid parameters: Table property X provided but table has no such property',
    );
  });

  test('are two exports each at most, beside five of CUR 2.0', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await create(name);
    for (const table of ['FOCUS_1_0_AWS', 'FOCUS_1_2_AWS']) {
      for (const name of ['x', 'y']) await create(`${name}-${table}`, focus(table));
      expect((await faultOf(create('z', focus(table)))).code).toBe('ServiceQuotaExceededException');
    }
  });

  test('refuse columns of other versions and of CUR 2.0 in AWS’s words', async () => {
    for (const column of ['SkuMeter', 'tags', 'x_IamPrincipal']) {
      const DataQuery = { QueryStatement: `SELECT ${column} FROM FOCUS_1_0_AWS` };
      expect((await faultOf(create('x', { DataQuery }))).message).toBe(
        'The columns in the query provided are not a subset of the table [FOCUS_1_0_AWS]',
      );
    }
  });
});

describe('tags', () => {
  test('are set at creation, added, replaced, removed and listed', async () => {
    const ResourceTags = [{ Key: 'team', Value: 'finops' }];
    const { ExportArn: ResourceArn } = await call('CreateExport', { Export: wire('x'), ResourceTags });
    const more = [
      { Key: 'team', Value: 'data' },
      { Key: '__proto__', Value: 'x' },
    ];
    expect(await call('TagResource', { ResourceArn, ResourceTags: more })).toEqual({});
    expect(await call('ListTagsForResource', { ResourceArn })).toEqual({ ResourceTags: [more[1], more[0]] });
    expect(await call('UntagResource', { ResourceArn, ResourceTagKeys: ['team', 'none'] })).toEqual({});
    expect(await call('ListTagsForResource', { ResourceArn })).toEqual({ ResourceTags: [more[1]] });
    const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
    expect((await faultOf(call('TagResource', { ResourceArn, ResourceTags: many }))).code).toBe('ValidationException');
    const reserved = [{ Key: 'aws:team', Value: '' }];
    expect((await faultOf(call('TagResource', { ResourceArn, ResourceTags: reserved }))).code).toBe(
      'ValidationException',
    );
  });
});

describe('permissions', () => {
  test('are asked for on the export, with its tags and the request’s', async () => {
    const ResourceTags = [{ Key: 'team', Value: 'finops' }];
    expect(needs('CreateExport', { Export: wire('x'), ResourceTags })).toEqual([
      {
        action: 'bcm-data-exports:CreateExport',
        resource: 'arn:aws:bcm-data-exports:us-east-1:123456789012:export/x',
        context: new Map([
          ['aws:TagKeys', ['team']],
          ['aws:RequestTag/team', ['finops']],
        ]),
      },
      { action: 'cur:PutReportDefinition', resource: '*' },
    ]);
    const { ExportArn } = await call('CreateExport', { Export: wire('x'), ResourceTags });
    const context = new Map([['aws:ResourceTag/team', ['finops']]]);
    for (const operation of ['GetExport', 'UpdateExport', 'DeleteExport', 'ListExecutions', 'GetExecution']) {
      expect(needs(operation, { ExportArn })).toEqual([
        { action: `bcm-data-exports:${operation}`, resource: ExportArn, context },
      ]);
    }
    expect(needs('UntagResource', { ResourceArn: ExportArn, ResourceTagKeys: ['a'] })).toEqual([
      {
        ...{ action: 'bcm-data-exports:UntagResource', resource: ExportArn },
        context: new Map([...context, ['aws:TagKeys', ['a']]]),
      },
    ]);
  });
});
