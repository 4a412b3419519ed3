import type {
  CostAllocationTagBackfillRequest,
  ListCostAllocationTagBackfillHistoryRequest,
  ListCostAllocationTagBackfillHistoryResponse,
  ListCostAllocationTagsRequest,
  ListCostAllocationTagsResponse,
  StartCostAllocationTagBackfillRequest,
  StartCostAllocationTagBackfillResponse,
  UpdateCostAllocationTagsStatusRequest,
  UpdateCostAllocationTagsStatusResponse,
  CostAllocationTag as WireTag,
} from '@aws-sdk/client-cost-explorer';
import type { CostAllocationTag } from '../../allocation/cost-allocation-tag.ts';
import type { TagBackfill } from '../../allocation/tag-backfill.ts';
import { readTagKey, tagTypeOf, wireTagKey } from '../../kernel/billing-tag-key.ts';
import { Fault } from '../../kernel/fault.ts';
import { billingPeriodOf, billingPeriodStartMs, isoSeconds } from '../../kernel/time.ts';
import type { OperationCall, OperationHandler } from '../../paths/operation-handler.ts';
import { type CostExplorerDeps, needs } from './cost-question.ts';
import { isText, PageTokens, pageBehind } from './page-token.ts';

const TAGS_PER_PAGE = 100;
const BACKFILLS_PER_PAGE = 100;

export function listCostAllocationTags(
  deps: CostExplorerDeps,
): OperationHandler<ListCostAllocationTagsRequest, ListCostAllocationTagsResponse> {
  return {
    access: needs('ListCostAllocationTags'),
    run: async (call) => {
      requirePayer(call, deps, 'Failed to list Cost Allocation Tags');
      await deps.tags.discover();
      const { Status: status, Type: type, TagKeys, MaxResults: maxResults, NextToken: token } = call.input;
      const wanted = TagKeys && new Set(TagKeys.map(readTagKey));
      const tags = deps.tags
        .listed()
        .filter((tag) => (wanted?.has(tag.key) ?? true) && tag.status === (status ?? tag.status))
        .map(wireTag)
        .filter((tag) => tag.Type === (type ?? tag.Type));
      const byKey = new Map(tags.map((tag) => [tag.TagKey!, tag] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
      const tokens = new PageTokens('ListCostAllocationTags', call.caller.accountId, call.input);
      const { page, last } = pageBehind([...byKey.keys()], tokens.read(token, isText), maxResults ?? TAGS_PER_PAGE);
      return {
        CostAllocationTags: page.map((key) => byKey.get(key)!),
        ...(last !== undefined && { NextToken: tokens.write(last) }),
      };
    },
  };
}

export function updateCostAllocationTagsStatus(
  deps: CostExplorerDeps,
): OperationHandler<UpdateCostAllocationTagsStatusRequest, UpdateCostAllocationTagsStatusResponse> {
  return {
    access: needs('UpdateCostAllocationTagsStatus'),
    run: async (call) => {
      requirePayer(call, deps, 'Failed to update Cost Allocation Tag');
      const changes = call.input.CostAllocationTagsStatus!.map(({ TagKey, Status }) => ({
        key: readTagKey(TagKey!),
        status: Status!,
      }));
      const errors = await deps.tags.setStatuses(changes, call.caller.arn);
      return {
        Errors: errors.map(({ key, code }) => ({
          TagKey: wireTagKey(key),
          Code: code,
          Message: `Failed to update Cost Allocation Tag: ${wireTagKey(key)}`,
        })),
      };
    },
  };
}

export function startCostAllocationTagBackfill(
  deps: CostExplorerDeps,
): OperationHandler<StartCostAllocationTagBackfillRequest, StartCostAllocationTagBackfillResponse> {
  return {
    access: needs('StartCostAllocationTagBackfill'),
    run: async (call) => {
      requirePayer(call, deps, 'Failed to start Cost Allocation Tag backfill');
      const backfill = await deps.tags.startBackfill(Date.parse(call.input.BackfillFrom!), call.caller.arn);
      return { BackfillRequest: wireBackfill(backfill, deps) };
    },
  };
}

export function listCostAllocationTagBackfillHistory(
  deps: CostExplorerDeps,
): OperationHandler<ListCostAllocationTagBackfillHistoryRequest, ListCostAllocationTagBackfillHistoryResponse> {
  return {
    access: needs('ListCostAllocationTagBackfillHistory'),
    run: (call) => {
      requirePayer(call, deps, 'Failed to list Cost Allocation Tag backfills');
      const tokens = new PageTokens('ListCostAllocationTagBackfillHistory', call.caller.accountId, call.input);
      const before =
        tokens.read(call.input.NextToken, (value) => typeof value === 'number') ?? Number.POSITIVE_INFINITY;
      const older = deps.tags.backfills().filter(({ requestedAtMs }) => requestedAtMs < before);
      const page = older.slice(0, call.input.MaxResults ?? BACKFILLS_PER_PAGE);
      return {
        BackfillRequests: page.map((backfill) => wireBackfill(backfill, deps)),
        ...(page.length < older.length && { NextToken: tokens.write(page.at(-1)!.requestedAtMs) }),
      };
    },
  };
}

/** Cost allocation tags belong to the payer. The ending is AWS's; the beginnings of the backfill's are not published. */
function requirePayer({ caller }: OperationCall<unknown>, deps: CostExplorerDeps, failed: string): void {
  if (caller.accountId === deps.managementAccountId) return;
  throw new Fault('AccessDeniedException', `${failed}: Linked account doesn't have access to cost allocation tags.`);
}

/** LastUsedDate is the month of the last use. */
function wireTag({ key, status, lastUpdatedAtMs, lastUsedAtMs }: CostAllocationTag): WireTag {
  return {
    TagKey: wireTagKey(key),
    Type: tagTypeOf(key),
    Status: status,
    ...(lastUpdatedAtMs !== undefined && { LastUpdatedDate: isoSeconds(lastUpdatedAtMs) }),
    LastUsedDate: isoSeconds(billingPeriodStartMs(billingPeriodOf(lastUsedAtMs))),
  };
}

function wireBackfill(backfill: TagBackfill, { tags }: CostExplorerDeps): CostAllocationTagBackfillRequest {
  const { backfillFromMs, requestedAtMs, completedAtMs } = backfill;
  const isDone = tags.isDone(backfill);
  return {
    BackfillFrom: isoSeconds(backfillFromMs),
    RequestedAt: isoSeconds(requestedAtMs),
    ...(isDone && { CompletedAt: isoSeconds(completedAtMs) }),
    BackfillStatus: isDone ? 'SUCCEEDED' : 'PROCESSING',
    LastUpdatedAt: isoSeconds(isDone ? completedAtMs : requestedAtMs),
  };
}
