import type { TagSet } from './tags.ts';

/** Port: what keeps resources that have tags of their own, such as anomaly monitors, found by their ARNs. */
export interface TagHolder {
  /** Undefined when it keeps no such resource (any more), of whichever account. */
  tagged(arn: string): { readonly accountId: string; readonly tags: TagSet } | undefined;
  /** Puts tags in the place of those that are there; `change` is asked again when another writer was faster. */
  changeTags(arn: string, change: (present: TagSet) => TagSet): Promise<void>;
}
