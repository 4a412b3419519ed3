import type { Tag } from '@aws-sdk/client-organizations';
import { Fault } from '../../kernel/fault.ts';
import { NO_TAGS, type TagSet } from '../../kernel/tags.ts';

/** Tags that one resource can have (AWS's general limit). */
const TAGS_MAX = 50;

/** The tags of a request, laid over those that are there; keys are told apart by letter case. */
export function readTags(tags: readonly Tag[] | undefined, present: TagSet = NO_TAGS): TagSet {
  const added = new Map<string, string>();
  for (const { Key, Value } of tags ?? []) {
    if (/^aws:/i.test(Key!)) {
      throw new Fault('InvalidInputException', 'You specified a tag key with the reserved prefix aws:.', {
        Reason: 'INVALID_SYSTEM_TAGS_PARAMETER',
      });
    }
    if (added.has(Key!)) {
      throw new Fault('InvalidInputException', 'You specified the same tag key more than once.', {
        Reason: 'DUPLICATE_TAG_KEY',
      });
    }
    added.set(Key!, Value!);
  }
  const all = new Map([...present, ...added]);
  if (all.size > TAGS_MAX) {
    throw new Fault('ConstraintViolationException', `You have exceeded the limit of ${TAGS_MAX} tags per resource.`, {
      Reason: 'MAX_TAG_LIMIT_EXCEEDED',
    });
  }
  return all;
}

export function tagList(tags: TagSet): Tag[] {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}
