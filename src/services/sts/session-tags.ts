import type { Tag } from '@aws-sdk/client-sts';
import { Fault } from '../../kernel/fault.ts';
import type { TagSet } from '../../kernel/tags.ts';

/** Tags of a request. Throws InvalidParameterValueException. */
export function readSessionTags(tags: readonly Tag[] | undefined): TagSet {
  const read = new Map((tags ?? []).map(({ Key, Value }) => [Key!, Value!]));
  const keys = foldedKeys((tags ?? []).map(({ Key }) => Key!));
  if (keys.size < (tags?.length ?? 0)) {
    throw invalid('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  for (const key of keys) {
    if (key.startsWith('aws:')) throw invalid('aws: prefixed tag key names are not allowed for external use.');
  }
  return read;
}

/**
 * Checks the keys that are to be passed on through role chaining, and that no inherited tag is passed anew: its value
 * was fixed by the session that made it transitive. Throws InvalidParameterValueException.
 */
export function checkTransitiveKeys(tags: TagSet, transitiveKeys: readonly string[], inherited: TagSet): void {
  const passed = foldedKeys(tags.keys());
  if (![...foldedKeys(transitiveKeys)].every((key) => passed.has(key))) {
    throw invalid('The specified transitive tag key must be included in the requested tags.');
  }
  if ([...foldedKeys(inherited.keys())].some((key) => passed.has(key))) {
    throw invalid(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
}

/** Keys of session tags compare without regard to letter case. */
function foldedKeys(keys: Iterable<string>): Set<string> {
  return new Set([...keys].map((key) => key.toLowerCase()));
}

function invalid(message: string): Fault {
  return new Fault('InvalidParameterValueException', message);
}
