import type { GroupKey } from './report-query.ts';

/** Of letters that AWS's clients and models take in the name of a cost category. No category should begin with it. */
const MEMBERSHIP_PREFIX = 'membership_';

/**
 * What Cost Explorer, budgets and anomaly monitors mean by the name of a cost category: one, or with `membership_team` where whoever
 * used it belonged at the time.
 */
export function categoryKey(name: string): GroupKey {
  if (!name.startsWith(MEMBERSHIP_PREFIX)) return { costCategory: name };
  return { membership: name.slice(MEMBERSHIP_PREFIX.length) };
}

export function membershipCategory(structure: string): string {
  return `${MEMBERSHIP_PREFIX}${structure}`;
}
