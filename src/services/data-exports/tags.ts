import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  ResourceTag,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
  UntagResourceResponse,
} from '@aws-sdk/client-bcm-data-exports';
import { Fault } from '../../kernel/fault.ts';
import type { TagSet } from '../../kernel/tags.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import type { ExportRegistry } from '../../reports/export-registry.ts';
import { requestTagContext, resourceNeed, tagKeysContext } from './access.ts';
import { pageOf } from './page.ts';

/** Tags that a user may put on one export (AWS's general limit, checked 2026-11). */
const MAX_TAGS = 50;

export function tagOperations(registry: ExportRegistry): OperationTable {
  const tagResource: OperationHandler<TagResourceRequest, TagResourceResponse> = {
    access: ({ input }) => [
      resourceNeed('TagResource', registry, input.ResourceArn!, requestTagContext(input.ResourceTags)),
    ],
    run: async ({ caller, input }) => {
      await registry.change(caller.accountId, input.ResourceArn!, ({ tags }) => ({
        tags: [...checkTags(new Map(tags), input.ResourceTags!)],
      }));
      return {};
    },
  };
  const untagResource: OperationHandler<UntagResourceRequest, UntagResourceResponse> = {
    access: ({ input }) => [
      resourceNeed('UntagResource', registry, input.ResourceArn!, tagKeysContext(input.ResourceTagKeys!)),
    ],
    run: async ({ caller, input }) => {
      const removed = new Set(input.ResourceTagKeys!);
      await registry.change(caller.accountId, input.ResourceArn!, ({ tags }) => ({
        tags: tags.filter(([key]) => !removed.has(key)),
      }));
      return {};
    },
  };
  const listTags: OperationHandler<ListTagsForResourceRequest, ListTagsForResourceResponse> = {
    access: ({ input }) => [resourceNeed('ListTagsForResource', registry, input.ResourceArn!, new Map())],
    run: ({ caller, input }) => {
      const { tags } = registry.get(caller.accountId, input.ResourceArn!);
      const sorted = [...tags].sort(([a], [b]) => (a < b ? -1 : 1));
      const { items, rest } = pageOf(sorted, ([key]) => key, input);
      return { ResourceTags: items.map(([Key, Value]) => ({ Key, Value })), ...rest };
    },
  };
  return { TagResource: tagResource, UntagResource: untagResource, ListTagsForResource: listTags };
}

/** New tags laid over those that are there. Throws ValidationException for reserved keys and for too many tags. */
export function checkTags(present: TagSet, added: readonly ResourceTag[]): TagSet {
  const tags = new Map(present);
  for (const { Key, Value } of added) {
    if (/^aws:/i.test(Key!)) throw new Fault('ValidationException', `The tag key ${Key} has the reserved prefix aws:`);
    tags.set(Key!, Value!);
  }
  if (tags.size > MAX_TAGS) throw new Fault('ValidationException', `An export can have ${MAX_TAGS} tags`);
  return tags;
}
