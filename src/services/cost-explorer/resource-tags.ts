import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  ResourceTag,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
  UntagResourceResponse,
} from '@aws-sdk/client-cost-explorer';
import { Fault } from '../../kernel/fault.ts';
import type { TagHolder } from '../../kernel/tag-holder.ts';
import { NO_TAGS, type TagSet } from '../../kernel/tags.ts';
import type { AccessNeed, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { requestTagContext, resourceTagContext } from '../../policy/context.ts';
import { invalid } from './invalid.ts';

/** Tags of users on one resource (API reference, CreateAnomalyMonitor, checked 2026-11). */
const MAX_TAGS = 50;

type Context = ReadonlyMap<string, readonly string[]>;

/** TagResource, UntagResource and ListTagsForResource over everything that Cost Explorer lets users tag. */
export function resourceTagOperations(holders: readonly TagHolder[]): OperationTable {
  const tagResource: OperationHandler<TagResourceRequest, TagResourceResponse> = {
    access: ({ input }) => [
      resourceNeed('TagResource', holders, input.ResourceArn!, requestTagContext(tagSet(input.ResourceTags))),
    ],
    run: async ({ caller, input }) => {
      const holder = holderOf(holders, caller.accountId, input.ResourceArn!);
      await holder.changeTags(input.ResourceArn!, (present) => readResourceTags(input.ResourceTags, present));
      return {};
    },
  };
  const untagResource: OperationHandler<UntagResourceRequest, UntagResourceResponse> = {
    access: ({ input }) => [
      resourceNeed('UntagResource', holders, input.ResourceArn!, new Map([['aws:tagkeys', input.ResourceTagKeys!]])),
    ],
    run: async ({ caller, input }) => {
      const holder = holderOf(holders, caller.accountId, input.ResourceArn!);
      const gone = new Set(input.ResourceTagKeys);
      await holder.changeTags(input.ResourceArn!, (present) => new Map([...present].filter(([key]) => !gone.has(key))));
      return {};
    },
  };
  const listTags: OperationHandler<ListTagsForResourceRequest, ListTagsForResourceResponse> = {
    access: ({ input }) => [resourceNeed('ListTagsForResource', holders, input.ResourceArn!)],
    run: ({ caller, input }) => {
      const { tags } = holderOf(holders, caller.accountId, input.ResourceArn!).tagged(input.ResourceArn!)!;
      return { ResourceTags: [...tags].map(([Key, Value]) => ({ Key, Value })) };
    },
  };
  return { TagResource: tagResource, UntagResource: untagResource, ListTagsForResource: listTags };
}

/** The permission for an operation on one resource, with the tags that it has. */
export function resourceNeed(
  action: string,
  holders: readonly TagHolder[],
  arn: string,
  requestContext: Context = new Map(),
): AccessNeed {
  const tags = holders.flatMap((holder) => holder.tagged(arn) ?? [])[0]?.tags ?? NO_TAGS;
  return {
    action: `ce:${action}`,
    resource: arn,
    context: new Map([...requestContext, ...resourceTagContext(tags)]),
  };
}

/** The permission to create a resource, whose ARN is not known before it exists. */
export function creationNeed(action: string, tags: readonly ResourceTag[] | undefined): AccessNeed {
  return { action: `ce:${action}`, resource: '*', context: requestTagContext(tagSet(tags)) };
}

/**
 * The tags of a request, trimmed and laid over those that are there. Throws ValidationException for reserved keys and
 * TooManyTagsException; AWS publishes no wording.
 */
export function readResourceTags(added: readonly ResourceTag[] = [], present: TagSet = NO_TAGS): TagSet {
  const tags = new Map([...present, ...tagSet(added)]);
  const reserved = added.find(({ Key }) => /^aws:/i.test(Key!.trim()));
  if (reserved) throw invalid(`The tag key ${reserved.Key} has the reserved prefix aws:`);
  if (tags.size > MAX_TAGS) throw new Fault('TooManyTagsException', `A resource can have ${MAX_TAGS} tags`);
  return tags;
}

function tagSet(tags: readonly ResourceTag[] = []): TagSet {
  return new Map(tags.map(({ Key, Value }) => [Key!.trim(), Value!.trim()]));
}

function holderOf(holders: readonly TagHolder[], accountId: string, arn: string): TagHolder {
  const holder = holders.find((candidate) => candidate.tagged(arn)?.accountId === accountId);
  if (holder) return holder;
  throw new Fault('ResourceNotFoundException', `The resource ${arn} was not found.`, { ResourceName: arn });
}
