import type { CostAllocationTag, TagStatusEvent } from '../../allocation/cost-allocation-tag.ts';
import type { TagBackfill } from '../../allocation/tag-backfill.ts';
import type { TagLedger } from '../../allocation/tag-ledger.ts';
import { readTagKey, tagTypeOf, wireTagKey } from '../../kernel/billing-tag-key.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';

export interface TagHistoryParts {
  readonly tags: TagLedger;
  /** The payer, which alone has to do with cost allocation tags. */
  readonly managementAccountId: string;
}

interface GetTagHistoryInput {
  /** As Cost Explorer writes it; absent: every key, without its switches. */
  readonly TagKey?: string;
  readonly MaxResults?: number;
  /** The last key of the page before. */
  readonly NextToken?: string;
}

const DEFAULT_RESULTS = 100;
/** Of those that are listed, the newest. */
const BACKFILLS_MAX = 100;

/** GetTagHistory: what AWS's operations do not say of cost allocation tags: who switched which key, and what is shown. */
export function getTagHistory({
  tags,
  managementAccountId,
}: TagHistoryParts): OperationHandler<GetTagHistoryInput, unknown> {
  return {
    access: () => [{ action: 'tallyline:GetTagHistory', resource: '*' }],
    run: async ({ input, caller }) => {
      if (caller.accountId !== managementAccountId) {
        throw new Fault('AccessDeniedException', 'only the management account has to do with cost allocation tags');
      }
      await tags.discover();
      const Backfills = tags
        .backfills()
        .slice(0, BACKFILLS_MAX)
        .map((backfill) => wireBackfill(backfill, tags));
      if (input.TagKey !== undefined) {
        const tag = tags.all().get(readTagKey(input.TagKey));
        if (!tag) throw new Fault('ResourceNotFoundException', `no usage has the tag \`${input.TagKey}\``);
        return { Tags: [{ ...wireTag(tag, tags), Switches: tags.history(tag.key).map(wireSwitch) }], Backfills };
      }
      const { MaxResults: limit = DEFAULT_RESULTS, NextToken: after = '' } = input;
      const rest = tags.listed().filter(({ key }) => key > after);
      const page = rest.slice(0, limit);
      return {
        Tags: page.map((tag) => wireTag(tag, tags)),
        Backfills,
        ...(page.length < rest.length && { NextToken: page.at(-1)!.key }),
      };
    },
  };
}

function wireTag(tag: CostAllocationTag, tags: TagLedger): object {
  const { key, status, discoveredAtMs, lastUsedAtMs, lastUpdatedAtMs, activeIntervals } = tag;
  const last = tags.history(key).at(-1);
  return {
    TagKey: wireTagKey(key),
    Type: tagTypeOf(key),
    Status: status,
    DiscoveredAt: new Date(discoveredAtMs),
    LastUsedAt: new Date(lastUsedAtMs),
    ...(lastUpdatedAtMs !== undefined && { LastUpdatedAt: new Date(lastUpdatedAtMs) }),
    ...(last && { LastUpdatedBy: last.by }),
    Shown: activeIntervals.map(({ fromMs, toMs }) => ({
      From: new Date(fromMs),
      ...(toMs !== undefined && { Until: new Date(toMs) }),
    })),
  };
}

function wireSwitch({ status, atMs, effectiveFromMs, by }: TagStatusEvent): object {
  return { Status: status, At: new Date(atMs), EffectiveFrom: new Date(effectiveFromMs), By: by };
}

function wireBackfill(backfill: TagBackfill, tags: TagLedger): object {
  const { backfillFromMs, requestedAtMs, completedAtMs, requestedBy } = backfill;
  return {
    From: new Date(backfillFromMs),
    RequestedAt: new Date(requestedAtMs),
    CompletedAt: new Date(completedAtMs),
    IsDone: tags.isDone(backfill),
    ...(requestedBy !== undefined && { RequestedBy: requestedBy }),
  };
}
