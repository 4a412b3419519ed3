import { Fault } from '../kernel/fault.ts';
import type { TagSet } from '../kernel/tags.ts';

export interface FederatedTags {
  readonly sessionTags: TagSet;
  readonly transitiveTagKeys: readonly string[];
}

/** Limits of STS for session tags (`tagKeyType`, `tagValueType` and `tagListType` of its model). */
const MAX_TAGS = 50;
const KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

/**
 * The session tags that a provider signed: they meet the same rules as those that are passed to AssumeRole, and one that
 * does not is never dropped in silence. Throws InvalidIdentityTokenException; how AWS words it is not known, but for the
 * sentences it shares with AssumeRole.
 */
export function readFederatedTags(
  tags: Iterable<readonly [key: string, values: readonly string[]]>,
  transitiveTagKeys: readonly string[],
): FederatedTags {
  const sessionTags = new Map<string, string>();
  const folded = new Set<string>();
  for (const [key, values] of tags) {
    if (!KEY.test(key)) throw invalid(`The session tag key \`${key}\` is not valid.`);
    if (/^aws:/i.test(key)) throw invalid('aws: prefixed tag key names are not allowed for external use.');
    const [value, ...more] = values;
    if (value === undefined || more.length > 0) throw invalid(`The session tag \`${key}\` must have one value.`);
    if (!VALUE.test(value)) throw invalid(`The value of the session tag \`${key}\` is not valid.`);
    if (folded.has(key.toLowerCase())) {
      throw invalid('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
    }
    folded.add(key.toLowerCase());
    sessionTags.set(key, value);
  }
  if (sessionTags.size > MAX_TAGS) throw invalid(`A session has at most ${MAX_TAGS} session tags.`);
  if (!transitiveTagKeys.every((key) => folded.has(key.toLowerCase()))) {
    throw invalid('The specified transitive tag key must be included in the requested tags.');
  }
  return { sessionTags, transitiveTagKeys };
}

function invalid(message: string): Fault {
  return new Fault('InvalidIdentityTokenException', message);
}
