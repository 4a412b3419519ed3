import type {
  ListCostAllocationTagBackfillHistoryResponse,
  ListCostAllocationTagsResponse,
  UpdateCostAllocationTagsStatusResponse,
} from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../src/kernel/time.ts';
import { type CostExplorerBench, costExplorerBench } from './cost-explorer-bench.ts';
import { lineItem, MEMBER_ACCOUNT } from './line-items.ts';

const NOW_MS = Date.UTC(2026, 4, 20, 10, 20, 30, 500);

let bench: CostExplorerBench;

beforeAll(async () => {
  const atMs = Date.UTC(2026, 3, 7, 9);
  bench = await costExplorerBench(NOW_MS, [
    lineItem(atMs, {
      principalTags: [
        ['app', 'x'],
        ['cost-center', '1'],
        ['team', 'ds'],
      ],
    }),
  ]);
});

afterAll(() => bench?.close());

const list = (input: object = {}): Promise<ListCostAllocationTagsResponse> =>
  bench.ask('ListCostAllocationTags', input);
const update = (...entries: [string, string][]): Promise<UpdateCostAllocationTagsStatusResponse> =>
  bench.ask('UpdateCostAllocationTagsStatus', {
    CostAllocationTagsStatus: entries.map(([TagKey, Status]) => ({ TagKey, Status })),
  });
const history = (input: object = {}): Promise<ListCostAllocationTagBackfillHistoryResponse> =>
  bench.ask('ListCostAllocationTagBackfillHistory', input);
const keysOf = ({ CostAllocationTags }: ListCostAllocationTagsResponse) =>
  CostAllocationTags!.map(({ TagKey }) => TagKey);

describe('cost allocation tags over the wire', () => {
  it('are listed from the usage: user defined, inactive, with the month of their last use', async () => {
    expect(await list({ TagKeys: ['iamPrincipal/team', 'iamPrincipal/none'] })).toEqual({
      CostAllocationTags: [
        {
          TagKey: 'iamPrincipal/team',
          Type: 'UserDefined',
          Status: 'Inactive',
          LastUsedDate: '2026-04-01T00:00:00Z',
        },
      ],
    });
    expect(keysOf(await list({ Type: 'AWSGenerated' }))).toEqual([]);
  });

  it('come in pages', async () => {
    const first = await list({ MaxResults: 2 });
    expect(keysOf(first)).toEqual(['iamPrincipal/app', 'iamPrincipal/cost-center']);
    const rest = await list({ MaxResults: 2, NextToken: first.NextToken });
    expect(rest.NextToken).toBeUndefined();
    expect(keysOf(rest)).toEqual(['iamPrincipal/team']);
    await expect(list({ NextToken: 'x' })).rejects.toMatchObject({ code: 'InvalidNextTokenException' });
  });

  it('are switched one by one, and the unknown ones are named', async () => {
    expect(await update(['iamPrincipal/team', 'Active'], ['tagC', 'Active'])).toEqual({
      Errors: [
        { TagKey: 'tagC', Code: 'TagKeysNotFoundException', Message: 'Failed to update Cost Allocation Tag: tagC' },
      ],
    });
    expect((await list({ Status: 'Active' })).CostAllocationTags).toMatchObject([
      { TagKey: 'iamPrincipal/team', LastUpdatedDate: '2026-05-20T10:20:30Z' },
    ]);
    expect(await update(['iamPrincipal/team', 'Active'])).toEqual({ Errors: [] });
    expect(keysOf(await list({ Status: 'Inactive' }))).toEqual(['iamPrincipal/app', 'iamPrincipal/cost-center']);
  });

  it('are backfilled once a day, and the requests are listed, the newest first', async () => {
    const start = (BackfillFrom: string) => bench.ask('StartCostAllocationTagBackfill', { BackfillFrom });
    const done = {
      BackfillFrom: '2026-01-01T00:00:00Z',
      RequestedAt: '2026-05-20T10:20:30Z',
      CompletedAt: '2026-05-20T10:20:30Z',
      BackfillStatus: 'SUCCEEDED',
      LastUpdatedAt: '2026-05-20T10:20:30Z',
    };
    expect(await start('2026-01-01T00:00:00Z')).toEqual({ BackfillRequest: done });
    await expect(start('2026-02-01T00:00:00+00:00')).rejects.toMatchObject({ code: 'BackfillLimitExceededException' });
    bench.time.nowMs += DAY_MS;
    await start('2026-02-01T00:00:00+00:00');
    const first = await history({ MaxResults: 1 });
    expect(first.BackfillRequests).toMatchObject([{ BackfillFrom: '2026-02-01T00:00:00Z' }]);
    expect(await history({ MaxResults: 1, NextToken: first.NextToken })).toEqual({ BackfillRequests: [done] });
  });

  it('of resources are written bare, and keep the prefix where they look like those of another source', async () => {
    const mixed = await costExplorerBench(NOW_MS, [
      lineItem(Date.UTC(2026, 4, 2), {
        principalTags: [['project', 'p']],
        resourceTags: [
          ['aws:createdBy', 'ana'],
          ['iamPrincipal/project', 'r'],
          ['project', 'r'],
        ],
        accountTags: [['project', 'a']],
      }),
    ]);
    const all: ListCostAllocationTagsResponse = await mixed.ask('ListCostAllocationTags', {});
    expect(all.CostAllocationTags!.map(({ TagKey, Type }) => [TagKey, Type])).toEqual([
      ['accountTag/project', 'UserDefined'],
      ['aws:createdBy', 'AWSGenerated'],
      ['iamPrincipal/project', 'UserDefined'],
      ['project', 'UserDefined'],
      ['resourceTags/iamPrincipal/project', 'UserDefined'],
    ]);
    const some: ListCostAllocationTagsResponse = await mixed.ask('ListCostAllocationTags', { TagKeys: ['project'] });
    expect(keysOf(some)).toEqual(['project']);
    await mixed.close();
  });

  it('are backfilled in a day where delays are as on AWS', async () => {
    const slow = await costExplorerBench(NOW_MS, [lineItem(NOW_MS - DAY_MS, { principalTags: [['team', 'ds']] })], {
      processingDelayMs: DAY_MS,
    });
    const BackfillFrom = '2026-05-01T00:00:00Z';
    const requested = { BackfillFrom, RequestedAt: '2026-05-20T10:20:30Z' };
    const started = await slow.ask('StartCostAllocationTagBackfill', { BackfillFrom });
    expect(started).toEqual({
      BackfillRequest: { ...requested, BackfillStatus: 'PROCESSING', LastUpdatedAt: '2026-05-20T10:20:30Z' },
    });
    slow.time.nowMs += DAY_MS;
    const done = '2026-05-21T10:20:30Z';
    expect(await slow.ask('ListCostAllocationTagBackfillHistory', {})).toEqual({
      BackfillRequests: [{ ...requested, BackfillStatus: 'SUCCEEDED', CompletedAt: done, LastUpdatedAt: done }],
    });
    await slow.close();
  });

  it.each<[string, object, string]>([
    ['ListCostAllocationTags', {}, 'Failed to list Cost Allocation Tags'],
    [
      'UpdateCostAllocationTagsStatus',
      { CostAllocationTagsStatus: [{ TagKey: 'iamPrincipal/team', Status: 'Active' }] },
      'Failed to update Cost Allocation Tag',
    ],
    [
      'StartCostAllocationTagBackfill',
      { BackfillFrom: '2026-01-01T00:00:00Z' },
      'Failed to start Cost Allocation Tag backfill',
    ],
    ['ListCostAllocationTagBackfillHistory', {}, 'Failed to list Cost Allocation Tag backfills'],
  ])('%s is denied to a member account', async (operation, input, failed) => {
    await expect(bench.ask(operation, input, MEMBER_ACCOUNT)).rejects.toMatchObject({
      code: 'AccessDeniedException',
      status: 400,
      message: `${failed}: Linked account doesn't have access to cost allocation tags.`,
    });
  });
});
