/**
 * A cost allocation tag: discovered from usage, switched on and off by the payer, each switch with its instant.
 * Usage carries the tag when its slice starts inside one of the active intervals.
 */
export interface CostAllocationTag {
  /** With the prefix of its source: `iamPrincipal/team`, `resourceTags/project`, `accountTag/unit`. */
  readonly key: string;
  readonly status: 'Active' | 'Inactive';
  /** When the status last changed; absent until the first change. */
  readonly lastUpdatedAtMs?: number;
  /** Latest usage that carried the key. */
  readonly lastUsedAtMs: number;
  /** When the key may be listed: first usage plus the configured delay. */
  readonly discoveredAtMs: number;
  /** Half-open intervals of usage time, in order; an open end is absent. */
  readonly activeIntervals: readonly { readonly fromMs: number; readonly toMs?: number }[];
}

/** One switch of a key. */
export interface TagStatusEvent {
  readonly status: CostAllocationTag['status'];
  readonly atMs: number;
  /** First usage that is shown by it. */
  readonly effectiveFromMs: number;
  /** ARN of who asked for it. */
  readonly by: string;
}

/** Instants at which the projection of some tag changes: line items are sliced at them. Ascending, without duplicates. */
export function sliceInstants(tags: Iterable<CostAllocationTag>): number[] {
  const instants = new Set<number>();
  for (const tag of tags) {
    for (const { fromMs, toMs } of tag.activeIntervals) {
      instants.add(fromMs);
      if (toMs !== undefined) instants.add(toMs);
    }
  }
  return [...instants].sort((a, b) => a - b);
}
