import type { Tag } from '@aws-sdk/client-bedrock';
import { Fault } from '../../kernel/fault.ts';
import { NO_TAGS, type TagSet } from '../../kernel/tags.ts';

/** Tags that one resource can have (AWS's general limit, checked 2026-11). */
const MAX_TAGS = 50;

/**
 * The tags of a request, laid over those that are there; keys are told apart by letter case. AWS's texts are not published.
 * Throws ValidationException, and TooManyTagsException for more than a resource can have.
 */
export function readTags(tags: readonly Tag[] | undefined, present: TagSet = NO_TAGS, resourceName?: string): TagSet {
  const added = new Map<string, string>();
  for (const { key, value } of tags ?? []) {
    if (/^aws:/i.test(key!)) throw new Fault('ValidationException', 'aws: prefixed tag key names are not allowed.');
    if (added.has(key!)) throw new Fault('ValidationException', `Duplicate tag key ${key} found.`);
    added.set(key!, value!);
  }
  const all = new Map([...present, ...added]);
  if (all.size > MAX_TAGS) {
    const message = `The number of tags exceeds the limit of ${MAX_TAGS} tags per resource.`;
    throw new Fault('TooManyTagsException', message, resourceName === undefined ? {} : { resourceName });
  }
  return all;
}
