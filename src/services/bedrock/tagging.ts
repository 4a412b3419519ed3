import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-bedrock';
import type { ApplicationInferenceProfiles } from '../../inference/application-inference-profile.ts';
import { NO_TAGS, type TagSet } from '../../kernel/tags.ts';
import type { AccessNeed, OperationCall, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { requestTagContext, resourceTagContext } from '../../policy/context.ts';
import { ownProfile, profileNotFound } from './own-profile.ts';
import { readTags } from './tags.ts';

/** Tags of application inference profiles; nothing else of Bedrock has any here. */
export function taggingOperations(profiles: ApplicationInferenceProfiles): OperationTable {
  return {
    TagResource: tagResource(profiles),
    UntagResource: untagResource(profiles),
    ListTagsForResource: listTagsForResource(profiles),
  };
}

function tagResource(profiles: ApplicationInferenceProfiles): OperationHandler<TagResourceRequest, object> {
  return {
    access: (call) => [tagNeed('TagResource', call, profiles, requestTagContext(readTags(call.input.tags)))],
    run: async (call) => {
      await change(call, profiles, (present) => readTags(call.input.tags, present, call.input.resourceARN));
      return {};
    },
  };
}

/** Does not fail for keys that are not there. */
function untagResource(profiles: ApplicationInferenceProfiles): OperationHandler<UntagResourceRequest, object> {
  return {
    access: (call) => [tagNeed('UntagResource', call, profiles, new Map([['aws:tagkeys', call.input.tagKeys!]]))],
    run: async (call) => {
      const removed = new Set(call.input.tagKeys!);
      await change(call, profiles, (present) => new Map([...present].filter(([key]) => !removed.has(key))));
      return {};
    },
  };
}

/** All at once: there are never more than fifty. */
function listTagsForResource(
  profiles: ApplicationInferenceProfiles,
): OperationHandler<ListTagsForResourceRequest, ListTagsForResourceResponse> {
  return {
    access: (call) => [tagNeed('ListTagsForResource', call, profiles)],
    run: (call) => {
      const profile = ownProfile(call.input.resourceARN!, call, profiles);
      if (!profile) throw profileNotFound();
      return { tags: [...profile.tags].map(([key, value]) => ({ key, value })) };
    },
  };
}

type TagCall = OperationCall<{ readonly resourceARN: string | undefined }>;

async function change(
  call: TagCall,
  profiles: ApplicationInferenceProfiles,
  changed: (present: TagSet) => TagSet,
): Promise<void> {
  const arn = call.input.resourceARN!;
  if (!ownProfile(arn, call, profiles) || !(await profiles.changeTags(arn, changed, call.nowMs))) {
    throw profileNotFound();
  }
}

function tagNeed(
  action: string,
  call: TagCall,
  profiles: ApplicationInferenceProfiles,
  requested: ReadonlyMap<string, readonly string[]> = new Map(),
): AccessNeed {
  const present = ownProfile(call.input.resourceARN!, call, profiles)?.tags ?? NO_TAGS;
  return {
    action: `bedrock:${action}`,
    resource: call.input.resourceARN!,
    context: new Map([...resourceTagContext(present), ...requested]),
  };
}
