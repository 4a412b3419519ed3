import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-organizations';
import type { Directory } from '../../identity/directory.ts';
import { put } from '../../identity/directory-records.ts';
import { requireTarget } from '../../identity/organization-target.ts';
import type { RecordChange } from '../../kernel/record-store.ts';
import type { TagSet } from '../../kernel/tags.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { requestTagContext } from '../../policy/context.ts';
import { managementOperation } from './management-operation.ts';
import type { OrganizationsParts } from './organizations-parts.ts';
import { requireOwnPolicy } from './policies.ts';
import { readTags, tagList } from './tags.ts';

export function taggingOperations(parts: OrganizationsParts): OperationTable {
  return {
    TagResource: tagResource(parts),
    UntagResource: untagResource(parts),
    ListTagsForResource: listTagsForResource(parts),
  };
}

function tagResource(parts: OrganizationsParts): OperationHandler<TagResourceRequest, Record<never, never>> {
  const { directory } = parts;
  return managementOperation<TagResourceRequest, Record<never, never>>(parts, 'TagResource', {
    about: ({ ResourceId }) => [ResourceId!],
    context: ({ Tags }) => requestTagContext(readTags(Tags)),
    run: async ({ input }) => {
      const { tags, change } = requireTagged(directory, input.ResourceId!);
      await directory.write([change(readTags(input.Tags, tags))]);
      return {};
    },
  });
}

function untagResource(parts: OrganizationsParts): OperationHandler<UntagResourceRequest, Record<never, never>> {
  const { directory } = parts;
  return managementOperation<UntagResourceRequest, Record<never, never>>(parts, 'UntagResource', {
    about: ({ ResourceId }) => [ResourceId!],
    context: ({ TagKeys }) => new Map([['aws:TagKeys', TagKeys!]]),
    run: async ({ input }) => {
      const { tags, change } = requireTagged(directory, input.ResourceId!);
      const removed = new Set(input.TagKeys!);
      await directory.write([change(new Map([...tags].filter(([key]) => !removed.has(key))))]);
      return {};
    },
  });
}

/** All at once: there are never more than fifty. */
function listTagsForResource(
  parts: OrganizationsParts,
): OperationHandler<ListTagsForResourceRequest, ListTagsForResourceResponse> {
  return managementOperation<ListTagsForResourceRequest, ListTagsForResourceResponse>(parts, 'ListTagsForResource', {
    about: ({ ResourceId }) => [ResourceId!],
    run: ({ input }) => ({ Tags: tagList(requireTagged(parts.directory, input.ResourceId!).tags) }),
  });
}

/** The root, a unit, an account or a policy: its tags, and the change that gives it others. */
function requireTagged(
  directory: Directory,
  id: string,
): { readonly tags: TagSet; readonly change: (tags: TagSet) => RecordChange } {
  if (!id.startsWith('p-')) {
    const target = requireTarget(directory, id);
    return { tags: target.tags, change: (tags) => target.change({ tags }) };
  }
  const { tags } = directory.organization.policy(id) ?? requireTarget(directory, id);
  return {
    tags,
    change: (changed) => put('service-control-policy', { ...requireOwnPolicy(directory, id), tags: changed }),
  };
}
