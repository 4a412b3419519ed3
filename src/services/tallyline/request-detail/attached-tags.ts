import type { TagLedger } from '../../../allocation/tag-ledger.ts';
import type { Directory } from '../../../identity/directory.ts';
import { TAG_PREFIX, wireTagKey } from '../../../kernel/billing-tag-key.ts';
import type { TagSet } from '../../../kernel/tags.ts';
import type { UsageEvent } from '../../../metering/usage-event.ts';

export interface AttachedTagsParts {
  readonly directory: Directory;
  readonly tags: TagLedger;
}

/** Where a tag of the caller comes from, as far as today's directory tells. */
type TagOrigin = 'user' | 'role' | 'session' | 'gatewayKey' | 'inferenceProfile' | 'account';

/**
 * The tags that the call carried, each with where it came from. The tags are on record; their origin is worked out from what the
 * user, role or key carries today. `IsShown`: whether bills and reports show the tag for this call.
 */
export function attachedTags(event: UsageEvent, { directory, tags }: AttachedTagsParts): unknown[] {
  const originOf = callerTagOrigin(event, directory);
  const shown = (key: string) => {
    const intervals = tags.all().get(key)?.activeIntervals ?? [];
    const { admittedAtMs: atMs } = event;
    return intervals.some(({ fromMs, toMs = Number.POSITIVE_INFINITY }) => fromMs <= atMs && atMs < toMs);
  };
  const wire = (prefix: string, [key, value]: readonly [string, string], origin: TagOrigin) => ({
    ...{ Key: key, Value: value, Origin: origin, TagKey: wireTagKey(`${prefix}${key}`) },
    IsShown: shown(`${prefix}${key}`),
  });
  return [
    ...event.principalTags.map((pair) => wire(TAG_PREFIX.principal, pair, originOf(...pair))),
    ...event.resourceTags.map((pair) => wire(TAG_PREFIX.resource, pair, 'inferenceProfile')),
    ...event.accountTags.map((pair) => wire(TAG_PREFIX.account, pair, 'account')),
  ];
}

/** A tag that the user or role does not carry with this value came with the session, or with the gateway key. */
function callerTagOrigin({ principalId, accessKeyId }: UsageEvent, directory: Directory) {
  const key = directory.gatewayKey(accessKeyId);
  const role = directory.roleById(principalId);
  const user = directory.userById(principalId);
  const has = (tags: TagSet | undefined, name: string, value: string) => tags?.get(name) === value;
  return (name: string, value: string): TagOrigin => {
    if (has(key?.tags, name, value)) return 'gatewayKey';
    if (has(role?.tags, name, value)) return 'role';
    return has(user?.tags, name, value) ? 'user' : 'session';
  };
}
