import type { RequiredTag, TagStrategy, TagStrategyRecord } from '../../allocation/tag-strategy.ts';
import { readTagKey, wireTagKey } from '../../kernel/billing-tag-key.ts';
import { Fault } from '../../kernel/fault.ts';
import { formatUsd } from '../../kernel/money.ts';
import type { OperationTable } from '../../paths/operation-handler.ts';
import {
  type FixableHolder,
  type KeyVariants,
  type TagFindings,
  type TagFindingsParts,
  tagFindings,
} from '../../paths/tag-findings-path.ts';
import { managementOnly } from './management-only.ts';

export interface TagStrategyParts extends TagFindingsParts {
  readonly tagStrategy: TagStrategyRecord;
  readonly managementAccountId: string;
}

interface PutInput {
  readonly RequiredTags: readonly {
    readonly TagKey: string;
    readonly AllowedValues?: readonly string[];
    readonly Description?: string;
  }[];
}

interface FindingsInput {
  readonly Start: Date;
  readonly End: Date;
}

/** Searches that run or wait; they go one after another. */
const WAITING_MAX = 8;
const NO_STRATEGY = { requiredTags: [] };

/** What the payer wants of its tags, and where usage is not so. */
export function tagStrategyOperations(parts: TagStrategyParts): OperationTable {
  const { tagStrategy, managementAccountId } = parts;
  const ofManagement = managementOnly(managementAccountId, 'has to do with the tag strategy');
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    PutTagStrategy: ofManagement<PutInput>('PutTagStrategy', async ({ input, caller, nowMs }) => {
      const strategy = {
        requiredTags: input.RequiredTags.map(readRequired),
        updatedAtMs: nowMs,
        updatedBy: caller.arn,
      };
      await tagStrategy.put(strategy);
      return wireStrategy(strategy);
    }),
    GetTagStrategy: ofManagement<object>('GetTagStrategy', () => {
      const strategy = tagStrategy.get();
      return strategy ? wireStrategy(strategy) : { RequiredTags: [] };
    }),
    GetTagFindings: ofManagement<FindingsInput>('GetTagFindings', async ({ input: { Start, End }, request }) => {
      // Comparing values may take a core for a second, and many at once would take all requests' time.
      if (waiting >= WAITING_MAX)
        throw new Fault('ThrottlingException', 'other searches are running; ask again when they are done');
      waiting += 1;
      const range = { startMs: Start.getTime(), endMs: End.getTime() };
      const search = last.then(() => tagFindings(range, tagStrategy.get() ?? NO_STRATEGY, parts, request.client.gone));
      last = search.catch(() => {});
      const found = await search.finally(() => {
        waiting -= 1;
      });
      return wireFindings(found);
    }),
  };
}

function readRequired({ TagKey, AllowedValues = [], Description }: PutInput['RequiredTags'][number]): RequiredTag {
  return {
    key: readTagKey(TagKey),
    allowedValues: AllowedValues,
    ...(Description !== undefined && { description: Description }),
  };
}

function wireStrategy({ requiredTags, updatedAtMs, updatedBy }: TagStrategy): unknown {
  return {
    RequiredTags: requiredTags.map(({ key, allowedValues, description }) => ({
      ...{ TagKey: wireTagKey(key), AllowedValues: allowedValues },
      ...(description !== undefined && { Description: description }),
    })),
    UpdatedAt: new Date(updatedAtMs),
    UpdatedBy: updatedBy,
  };
}

function wireFindings({ totalPicoUsd, missing, foreign, similar, variants }: TagFindings): unknown {
  return {
    TotalUsd: formatUsd(totalPicoUsd),
    Missing: missing.map(({ key, costPicoUsd, subjects, holders }) => ({
      ...{ TagKey: wireTagKey(key), CostUsd: formatUsd(costPicoUsd), Subjects: subjects },
      Holders: holders.map(wireHolder),
    })),
    NotAllowed: foreign.map(({ key, value, costPicoUsd, meant, holders }) => ({
      ...{ TagKey: wireTagKey(key), Value: value, CostUsd: formatUsd(costPicoUsd) },
      ...(meant !== undefined && { Meant: meant }),
      Holders: holders.map(wireHolder),
    })),
    Similar: similar.map(({ key, kept, others, likeness, holders }) => ({
      ...{ TagKey: wireTagKey(key), Likeness: likeness, Kept: wireValue(kept), Others: others.map(wireValue) },
      Holders: holders.map(wireHolder),
    })),
    KeyVariants: variants.map(wireVariants),
  };
}

function wireVariants({ kept, others, holders }: KeyVariants): unknown {
  const wire = ({ key, carriedPicoUsd }: KeyVariants['kept']) => ({
    ...{ Value: wireTagKey(key), CostUsd: formatUsd(carriedPicoUsd) },
  });
  return { Kept: wire(kept), Others: others.map(wire), Holders: holders.map(wireHolder) };
}

function wireValue({ value, costPicoUsd }: { readonly value: string; readonly costPicoUsd: bigint }): unknown {
  return { Value: value, CostUsd: formatUsd(costPicoUsd) };
}

function wireHolder({ key, value, subject, accountId, costPicoUsd, lastUsedAtMs, fixes }: FixableHolder): unknown {
  return {
    ...{ TagKey: wireTagKey(key), Value: value, Subject: subject, AccountId: accountId },
    ...{ CostUsd: formatUsd(costPicoUsd), LastUsedAt: new Date(lastUsedAtMs) },
    Fixes: fixes.map(({ text, code }) => ({ Text: text, ...(code !== undefined && { Code: code }) })),
  };
}
