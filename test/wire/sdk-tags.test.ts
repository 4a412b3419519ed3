import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BCMDataExportsClient, CreateExportCommand } from '@aws-sdk/client-bcm-data-exports';
import { BedrockClient, CreateInferenceProfileCommand } from '@aws-sdk/client-bedrock';
import {
  CostExplorerClient,
  type Expression,
  GetCostAndUsageCommand,
  GetTagsCommand,
  ListCostAllocationTagBackfillHistoryCommand,
  ListCostAllocationTagsCommand,
  StartCostAllocationTagBackfillCommand,
  UpdateCostAllocationTagsStatusCommand,
} from '@aws-sdk/client-cost-explorer';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TallylineClient } from '../../src/cli/client.ts';
import { readProfile } from '../../src/cli/profile.ts';
import { tags as printTags } from '../../src/cli/tags.ts';
import { formatUsd, parsePicoUsd } from '../../src/kernel/money.ts';
import { DAY_MS, isoSeconds } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { monthStart } from './delivered-rows.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';
import { memberAdmin, newAccount } from './organization.ts';
import { ACCOUNT, INVOKE, newUser } from './principals.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const SONNET_ARN = `arn:aws:bedrock:us-east-1::foundation-model/${SONNET}`;
const ADMIN = `arn:aws:iam::${ACCOUNT}:user/admin`;
/** In the order in which AWS's wire has them: a resource's key is bare. */
const KEYS = ['CostCenter', 'accountTag/unit', 'cost-center', 'iamPrincipal/project', 'project'];

let server: TestServer;
let ce: CostExplorerClient;
let profileArn: string;
let memberProfileArn: string;
let memberId: string;

async function newProfile(caller: typeof server.admin, tags: Readonly<Record<string, string>>): Promise<string> {
  const bedrock = new BedrockClient(caller);
  const { inferenceProfileArn } = await bedrock.send(
    new CreateInferenceProfileCommand({
      inferenceProfileName: 'chat',
      modelSource: { copyFrom: SONNET_ARN },
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    }),
  );
  bedrock.destroy();
  return inferenceProfileArn!;
}

beforeAll(async () => {
  server = await startServer();
  ce = new CostExplorerClient(server.admin);
  const ana = await newUser(server.admin, 'ana', { statements: [INVOKE], tags: { project: 'of-ana' } });
  profileArn = await newProfile(server.admin, { project: 'chat', 'cost-center': '7' });
  memberId = await newAccount(server.admin, 'research', { unit: 'labs' });
  const member = await memberAdmin(server.admin, memberId);
  memberProfileArn = await newProfile(member, { project: 'search', CostCenter: '9' });
  const call = { inputTokens: 1_000_000, outputTokens: 0 };
  await spend(ana, [
    { modelId: profileArn, ...call },
    { modelId: SONNET, ...call },
  ]);
  await spend(member, [
    { modelId: memberProfileArn, ...call },
    { modelId: `us.${SONNET}`, ...call },
  ]);
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(4), ARRIVAL);
});
afterAll(async () => {
  ce?.destroy();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

/** From the month before on: usage of this test, also around midnight. */
function recent(): { Start: string; End: string } {
  const date = (atMs: number) => isoSeconds(atMs).slice(0, 10);
  return { Start: date(monthStart().getTime()), End: date(Date.now() + DAY_MS) };
}

async function costBy(tag?: string, Filter?: Expression): Promise<Record<string, string>> {
  const { ResultsByTime } = await ce.send(
    new GetCostAndUsageCommand({
      TimePeriod: recent(),
      Granularity: 'MONTHLY',
      Metrics: ['UnblendedCost'],
      ...(tag !== undefined && { GroupBy: [{ Type: 'TAG', Key: tag }] }),
      ...(Filter && { Filter }),
    }),
  );
  const sums = new Map<string, bigint>();
  for (const { Groups = [], Total } of ResultsByTime!) {
    const rows = tag === undefined ? [{ Keys: [''], Metrics: Total }] : Groups;
    for (const { Keys, Metrics } of rows) {
      const key = Keys![0]!;
      sums.set(key, (sums.get(key) ?? 0n) + parsePicoUsd(Metrics!.UnblendedCost!.Amount!));
    }
  }
  return Object.fromEntries([...sums].map(([key, sum]) => [key, formatUsd(sum)]));
}

async function listed(): Promise<[string, string][]> {
  const { CostAllocationTags } = await ce.send(new ListCostAllocationTagsCommand({ Type: 'UserDefined' }));
  return CostAllocationTags!.map(({ TagKey, Status }) => [TagKey!, Status!]);
}

describe('cost allocation tags of principals, resources and accounts', () => {
  it('are discovered from the usage, each source under its own keys', async () => {
    expect(await listed()).toEqual(KEYS.map((key) => [key, 'Inactive']));
    const { CostAllocationTags: generated } = await ce.send(
      new ListCostAllocationTagsCommand({ Type: 'AWSGenerated' }),
    );
    expect(generated).toEqual([]);
    expect(await costBy('project')).toEqual({ project$: '13.2' });
  });

  it('are activated apart: a resource key is not the principal key of the same name', async () => {
    const switchOn = (...keys: string[]) =>
      ce.send(
        new UpdateCostAllocationTagsStatusCommand({
          CostAllocationTagsStatus: keys.map((TagKey) => ({ TagKey, Status: 'Active' })),
        }),
      );
    expect((await switchOn('project', 'accountTag/project')).Errors).toEqual([
      {
        TagKey: 'accountTag/project',
        Code: 'TagKeysNotFoundException',
        Message: 'Failed to update Cost Allocation Tag: accountTag/project',
      },
    ]);
    expect(new Map(await listed()).get('project')).toBe('Active');
    expect(new Map(await listed()).get('iamPrincipal/project')).toBe('Inactive');
    expect((await switchOn(...KEYS)).Errors).toEqual([]);
    const BackfillFrom = isoSeconds(monthStart().getTime());
    const { BackfillRequest } = await ce.send(new StartCostAllocationTagBackfillCommand({ BackfillFrom }));
    expect(BackfillRequest).toMatchObject({ BackfillFrom, BackfillStatus: 'SUCCEEDED' });
    const { BackfillRequests } = await ce.send(new ListCostAllocationTagBackfillHistoryCommand({}));
    expect(BackfillRequests).toEqual([BackfillRequest]);
  });

  it('split costs by the keys as the wire writes them', async () => {
    expect(await costBy('project')).toEqual({ project$: '6.6', project$chat: '3.3', project$search: '3.3' });
    expect(await costBy('resourceTags/project')).toEqual({
      'resourceTags/project$': '6.6',
      'resourceTags/project$chat': '3.3',
      'resourceTags/project$search': '3.3',
    });
    expect(await costBy('iamPrincipal/project')).toEqual({
      'iamPrincipal/project$': '6.6',
      'iamPrincipal/project$of-ana': '6.6',
    });
    expect(await costBy('accountTag/unit')).toEqual({ 'accountTag/unit$': '6.6', 'accountTag/unit$labs': '6.6' });
    const { Tags: keys } = await ce.send(new GetTagsCommand({ TimePeriod: recent() }));
    expect(keys).toEqual(KEYS);
    const { Tags: values } = await ce.send(new GetTagsCommand({ TimePeriod: recent(), TagKey: 'project' }));
    expect(values).toEqual(['', 'chat', 'search']);
  });

  it('filter costs, and what is filtered away is the rest', async () => {
    const filters: Expression[] = [
      { Tags: { Key: 'project', Values: ['chat'] } },
      { Tags: { Key: 'project', MatchOptions: ['ABSENT'] } },
      { Tags: { Key: 'iamPrincipal/project', Values: ['of-ana'] } },
      { Tags: { Key: 'accountTag/unit', MatchOptions: ['ABSENT'] } },
      { Tags: { MatchOptions: ['ABSENT'] } },
    ];
    const amounts: [string, string][] = [];
    for (const filter of filters) {
      amounts.push([(await costBy(undefined, filter))['']!, (await costBy(undefined, { Not: filter }))['']!]);
    }
    expect(amounts).toEqual([
      ['3.3', '9.9'],
      ['6.6', '6.6'],
      ['6.6', '6.6'],
      ['6.6', '6.6'],
      ['0', '13.2'],
    ]);
  });

  it('are delivered in CUR 2.0: every source with its prefix, and those of resources once more, normalised', async () => {
    const columns = 'line_item_resource_id, line_item_unblended_cost, tags, resource_tags';
    const exports = new BCMDataExportsClient(server.admin);
    await exports.send(
      new CreateExportCommand({
        Export: {
          Name: 'tagged',
          DataQuery: {
            QueryStatement: `SELECT ${columns} FROM COST_AND_USAGE_REPORT`,
            TableConfigurations: { COST_AND_USAGE_REPORT: { TIME_GRANULARITY: 'MONTHLY', INCLUDE_RESOURCES: 'TRUE' } },
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
        },
      }),
    );
    exports.destroy();
    const delivered = () =>
      globSync(join(server.data, 'exports', 'bills', 'cur2', 'tagged', 'data', '**', '*.parquet'));
    await vi.waitFor(() => expect(delivered()).not.toEqual([]), ARRIVAL);
    const bytes = readFileSync(delivered().sort().at(-1)!);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const rows = await parquetReadObjects({ file, compressors });
    const byResource = new Map(rows.map((row) => [row.line_item_resource_id, row]));
    expect(rows).toHaveLength(4);
    expect(byResource.get(profileArn)).toMatchObject({
      line_item_unblended_cost: 3.3,
      tags: { 'iamPrincipal/project': 'of-ana', 'resourceTags/project': 'chat', 'resourceTags/cost-center': '7' },
      resource_tags: { user_project: 'chat', user_cost_center: '7' },
    });
    expect(byResource.get(memberProfileArn)).toMatchObject({
      tags: { 'accountTag/unit': 'labs', 'resourceTags/project': 'search', 'resourceTags/CostCenter': '9' },
      resource_tags: { user_project: 'search', user_cost_center: '9' },
    });
    expect(byResource.get(SONNET_ARN)).toMatchObject({ tags: { 'iamPrincipal/project': 'of-ana' }, resource_tags: {} });
    const system = `arn:aws:bedrock:us-east-1:${memberId}:inference-profile/us.${SONNET}`;
    expect(byResource.get(system)).toMatchObject({ tags: { 'accountTag/unit': 'labs' }, resource_tags: {} });
  });

  it('of accounts are on charges that are no usage', async () => {
    const client = new TallylineClient(readProfile(server.data, {}), () => Date.now());
    const charge = { Type: 'Credit', AccountId: memberId, AmountUsd: '1.5', Description: 'thanks' };
    await client.call('CreateCharge', charge);
    await expect
      .poll(() => costBy('accountTag/unit'), ARRIVAL)
      .toEqual({ 'accountTag/unit$': '6.6', 'accountTag/unit$labs': '5.1' });
    expect((await costBy('project')).project$).toBe('5.1');
  });

  it('have a history that says who switched what', async () => {
    const client = new TallylineClient(readProfile(server.data, {}), () => Date.now());
    const printed = async (key?: string) => {
      let all = '';
      await printTags(client, key, {}, (text) => {
        all += text;
      });
      return all.split('\n').map((line) => line.split(/ {2,}/));
    };
    const table = await printed();
    expect(table[0]).toEqual(['key', 'status', 'since', 'last used', 'by']);
    expect(table.slice(2, 7).map(([key, status, , , by]) => [key, status, by])).toEqual(
      ['accountTag/unit', 'iamPrincipal/project', 'CostCenter', 'cost-center', 'project'].map((key) => [
        ...[key, 'Active', ADMIN],
      ]),
    );
    const ofProject = await printed('project');
    expect(ofProject[2]!.slice(0, 1)).toEqual(['Active']);
    expect(ofProject[2]!.at(-1)).toBe(ADMIN);
    expect(ofProject).toContainEqual([monthStart().toISOString().replace('.000', '')]);
    await expect(printed('accountTag/none')).rejects.toThrow('no usage has the tag `accountTag/none`');

    const member = new CostExplorerClient(await memberAdmin(server.admin, memberId));
    await expect(member.send(new ListCostAllocationTagsCommand({}))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    member.destroy();
  });
});
