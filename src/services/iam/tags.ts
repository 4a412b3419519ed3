import type { Tag } from '@aws-sdk/client-iam';
import { Fault } from '../../kernel/fault.ts';
import type { TagSet } from '../../kernel/tags.ts';

/** The tags of a request. Throws InvalidInputException for keys that come twice or that AWS keeps for itself. */
export function readTags(tags: readonly Tag[] | undefined): TagSet {
  const read = new Map<string, string>();
  const seen = new Set<string>();
  for (const { Key, Value } of tags ?? []) {
    const folded = Key!.toLowerCase();
    if (folded.startsWith('aws:')) {
      throw new Fault('InvalidInputException', 'aws: prefixed tag key names are not allowed for external use.');
    }
    if (seen.has(folded)) {
      throw new Fault(
        'InvalidInputException',
        'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
      );
    }
    seen.add(folded);
    read.set(Key!, Value!);
  }
  return read;
}

/** Takes keys off a user or role, whose keys compare without regard to letter case. */
export function withoutTags(tags: TagSet, keys: readonly string[]): TagSet {
  const gone = new Set(keys.map((key) => key.toLowerCase()));
  return new Map([...tags].filter(([key]) => !gone.has(key.toLowerCase())));
}

/** As members of an answer: absent when there are none. */
export function tagsMember(tags: TagSet): { Tags?: Tag[] } {
  return tags.size === 0 ? {} : { Tags: tagList(tags) };
}

export function tagList(tags: TagSet): Tag[] {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}
