/** What can be wrong, the most telling first: of several that fit the same usage, the first names the finding. */
export const FINDING_KINDS = [
  /** Callers' keys in other hands, or prompts that were tampered with: new network, region, model, client or hour at once. */
  'unfamiliar_use',
  /** Far more calls than usual, with the same prompt again and again. */
  'runaway_loop',
  /** Every call sends more than the one before, beyond what this caller ever sends. */
  'growing_context',
  /** Calls that fail, are tried again, and cost. */
  'error_storm',
  /** Far less of the input is read from the cache. */
  'cache_collapse',
  /** Far longer answers. */
  'longer_output',
  /** Somebody, or a model, that was not there before costs much. */
  'new_spender',
  /** Far more than usual within an hour. */
  'spend_spike',
  /** More than usual for hours, or a day. */
  'sustained_rise',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export function precedenceOf(kind: FindingKind): number {
  return FINDING_KINDS.indexOf(kind);
}
