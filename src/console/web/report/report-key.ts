import type { Dimension, GroupKey } from '../../../reports/report-query.ts';

/** What figures may be grouped and filtered by, beside tags and cost categories. */
export interface KeyChoice {
  /** The word of `tallyline report --by`, of addresses, and of filters: `usage-type`. */
  readonly word: string;
  readonly dimension: Dimension;
  readonly label: string;
  /** What a lack of the value is called. */
  readonly none?: string;
}

export const DIMENSIONS: readonly KeyChoice[] = [
  { word: 'principal', dimension: 'principal', label: 'Principal', none: 'no principal' },
  { word: 'person', dimension: 'person', label: 'Person' },
  { word: 'role', dimension: 'role', label: 'Role', none: 'no role' },
  { word: 'session', dimension: 'session', label: 'Session', none: 'no session' },
  { word: 'key', dimension: 'key', label: 'Key', none: 'temporary credentials' },
  { word: 'client', dimension: 'client', label: 'Client', none: 'unnamed client' },
  { word: 'model', dimension: 'model', label: 'Model', none: 'no model' },
  { word: 'provider', dimension: 'provider', label: 'Model provider', none: 'no provider' },
  { word: 'direction', dimension: 'direction', label: 'Direction', none: 'no direction' },
  { word: 'usage-type', dimension: 'usageType', label: 'Usage type', none: 'no usage type' },
  { word: 'meter', dimension: 'meter', label: 'Meter', none: 'no meter' },
  { word: 'context', dimension: 'context', label: 'Context', none: 'standard context' },
  { word: 'region', dimension: 'region', label: 'Region', none: 'no region' },
  { word: 'route', dimension: 'route', label: 'Route', none: 'no route' },
  { word: 'tier', dimension: 'tier', label: 'Tier', none: 'no tier' },
  { word: 'operation', dimension: 'operation', label: 'API', none: 'no API' },
  { word: 'account', dimension: 'account', label: 'Account', none: 'no account' },
  { word: 'service', dimension: 'service', label: 'Service', none: 'no service' },
  { word: 'resource', dimension: 'resource', label: 'Inference profile', none: 'no profile' },
  { word: 'upstream', dimension: 'upstream', label: 'Upstream', none: 'no upstream' },
  { word: 'batch', dimension: 'batch', label: 'Batch', none: 'no' },
  { word: 'estimated', dimension: 'estimated', label: 'Estimated', none: 'no' },
  { word: 'unpriced', dimension: 'unpriced', label: 'Unpriced', none: 'no' },
  { word: 'state', dimension: 'state', label: 'State', none: 'no usage' },
  { word: 'record-type', dimension: 'recordType', label: 'Kind of charge' },
  { word: 'billing-entity', dimension: 'billingEntity', label: 'Seller' },
];

/**
 * A key as addresses and the command line write it: a word of `DIMENSIONS`, `tag:iamPrincipal/team` (`tag:team` for short),
 * `category:Product line`, or `membership:team`.
 */
export type KeyWord = string;

const MEMBERSHIP = 'membership:';

const TAG_SOURCES: Readonly<Record<string, string>> = {
  iamPrincipal: '',
  resourceTags: ' of resources',
  accountTag: ' of accounts',
};

function dimensionOf(word: KeyWord): KeyChoice | undefined {
  return DIMENSIONS.find((choice) => choice.word === word);
}

/** Undefined for a word that names nothing. */
export function keyOf(word: KeyWord): GroupKey | undefined {
  if (word.startsWith('tag:') && word.length > 4) {
    const key = word.slice(4);
    return { tag: /^[A-Za-z]+\//.test(key) ? key : `iamPrincipal/${key}` };
  }
  if (word.startsWith('category:') && word.length > 9) return { costCategory: word.slice(9) };
  if (word.startsWith(MEMBERSHIP) && word.length > MEMBERSHIP.length)
    return { membership: word.slice(MEMBERSHIP.length) };
  const choice = dimensionOf(word);
  return choice && { dimension: choice.dimension };
}

/** `team`, `environment of resources`, `Product line`, `Usage type`: of tags and cost categories their own spelling. */
export function labelOfKey(word: KeyWord): string {
  if (word.startsWith('category:')) return word.slice(9);
  if (isMembership(word)) return `${word.slice(MEMBERSHIP.length)} (org chart)`;
  if (!word.startsWith('tag:')) return dimensionOf(word)?.label ?? word;
  const [, source = 'iamPrincipal', name = word.slice(4)] = /^tag:([A-Za-z]+)\/(.+)$/.exec(word) ?? [];
  return `${name}${TAG_SOURCES[source] ?? ''}`;
}

/** What to call it that a key has no value. */
export function noneOfKey(word: KeyWord): string {
  if (word.startsWith('tag:')) return 'untagged';
  if (word.startsWith('category:')) return 'uncategorized';
  if (isMembership(word)) return 'unassigned';
  return dimensionOf(word)?.none ?? 'none';
}

/** Whether a lack of the value is a gap that somebody should close, as of tags and cost categories. */
export function isAllocation(word: KeyWord): boolean {
  return word.startsWith('tag:') || word.startsWith('category:') || isMembership(word);
}

/** Whether the key is read by a structure of some time. */
export function isMembership(word: KeyWord): boolean {
  return word.startsWith(MEMBERSHIP);
}

/** As operations take it: `{Type: 'TAG', Key: 'iamPrincipal/team'}`. */
export function wireKeyOf(key: GroupKey): { readonly Type: string; readonly Key: string } {
  if ('tag' in key) return { Type: 'TAG', Key: key.tag };
  if ('costCategory' in key) return { Type: 'COST_CATEGORY', Key: key.costCategory };
  if ('membership' in key) return { Type: 'MEMBERSHIP', Key: key.membership };
  return { Type: 'DIMENSION', Key: key.dimension };
}
