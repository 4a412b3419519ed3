import type { GroupKey } from './report-query.ts';

/** No cost category of AWS has a colon in its name. */
const MEMBERSHIP_PREFIX = 'membership:';

/**
 * What Cost Explorer, budgets and anomaly monitors mean by the name of a cost category: one, or with `membership:team` where whoever
 * used it belonged at the time.
 */
export function categoryKey(name: string): GroupKey {
  if (!name.startsWith(MEMBERSHIP_PREFIX)) return { costCategory: name };
  return { membership: name.slice(MEMBERSHIP_PREFIX.length) };
}

export function membershipCategory(structure: string): string {
  return `${MEMBERSHIP_PREFIX}${structure}`;
}
