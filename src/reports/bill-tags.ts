import { TAG_PREFIX } from '../kernel/billing-tag-key.ts';
import { sqlText } from './sql-text.ts';

/** Prefixes that bills leave as they are. */
const KEPT = [TAG_PREFIX.principal, TAG_PREFIX.account, TAG_PREFIX.costCategory, TAG_PREFIX.user];
/** What user-defined keys may begin with, the longest first. Nothing: FOCUS has them bare. */
const USER_DEFINED = [`${TAG_PREFIX.resource}user:`, TAG_PREFIX.resource, 'user:'];
/** Keys that AWS makes are of resources alone. */
const AWS_MADE = 'aws:';

/** Foundation models and system inference profiles have no tags: what stands on a row of one is of whoever called. */
const UNTAGGABLE = ':(foundation-model|inference-profile)/';
const SESSION = ':assumed-role/';

/** Whose tags a row has, as the bill names them. */
export interface TagBearer {
  readonly principalArn: string;
  readonly resourceArn: string;
}

/**
 * How a bill writes keys. `prefixed`: AWS puts the source before every key (CUR 2.0). `bare`: a resource's key stands as its owner wrote
 * it (FOCUS, legacy CUR), so that `iamPrincipal/team` is a caller's where the row names a caller, and else a key that looks so.
 */
export type TagForm = 'prefixed' | 'bare';

/**
 * The tags of a bill's row by prefixed key: `iamPrincipal/team`. User-defined keys (`resourceTags/user:team`, `user:team`, a
 * bare `team`) are of the resource. On a session's row of a resource that cannot have tags they are session tags, which some
 * bills show so: there `iamPrincipal/team` and `user:team` are one key, and the former counts. Tags without a value are none.
 */
export function prefixedTags(tags: ReadonlyMap<string, string>, bearer: TagBearer, form: TagForm): Map<string, string> {
  const isOfSession = bearer.principalArn.includes(SESSION) && new RegExp(UNTAGGABLE).test(bearer.resourceArn);
  const isCallers = form === 'prefixed' || bearer.principalArn !== '';
  const found = new Map<string, string>();
  const kept = new Map<string, string>();
  for (const [key, value] of tags) {
    if (value === '') continue;
    if (KEPT.some((prefix) => key.startsWith(prefix) && (isCallers || prefix !== TAG_PREFIX.principal))) {
      kept.set(key, value);
      continue;
    }
    const bare = key.slice(USER_DEFINED.find((prefix) => key.startsWith(prefix))?.length ?? 0);
    const isPrincipals = isOfSession && !bare.startsWith(AWS_MADE);
    found.set(`${isPrincipals ? TAG_PREFIX.principal : TAG_PREFIX.resource}${bare}`, value);
  }
  return new Map([...found, ...kept].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** The same as SQL over a `Map(String, String)` and two texts. */
export function prefixedTagsSql(tags: string, bearer: TagBearer, form: TagForm): string {
  const startsWith = (text: string, prefix: string) => `startsWith(${text}, ${sqlText(prefix)})`;
  const isCallers = (prefix: string) =>
    form === 'bare' && prefix === TAG_PREFIX.principal ? ` AND ${bearer.principalArn} != ''` : '';
  const isKept = KEPT.map((prefix) => `(${startsWith('key', prefix)}${isCallers(prefix)})`).join(' OR ');
  const bare = `multiIf(${USER_DEFINED.map((prefix) => `${startsWith('key', prefix)}, substring(key, ${prefix.length + 1})`).join(', ')}, key)`;
  const isOfSession = `position(${bearer.principalArn}, ${sqlText(SESSION)}) > 0 AND match(${bearer.resourceArn}, ${sqlText(UNTAGGABLE)})`;
  const prefix = `if(${isOfSession} AND NOT ${startsWith(bare, AWS_MADE)}, ${sqlText(TAG_PREFIX.principal)}, ${sqlText(TAG_PREFIX.resource)})`;
  const found = `mapApply((key, value) -> (concat(${prefix}, ${bare}), value), mapFilter((key, value) -> value != '' AND NOT (${isKept}), ${tags}))`;
  const kept = `mapFilter((key, value) -> value != '' AND (${isKept}), ${tags})`;
  return `mapSort(mapUpdate(${found}, ${kept}))`;
}

/**
 * Keys of CUR's `resource_tags` and of its column names, which are normalised, in the form of AWS's: `user_cost_center` becomes
 * `user:cost_center`. What was written with capitals cannot be told any more.
 */
export function unnormalisedKey(key: string): string {
  if (key === 'aws_created_by') return 'aws:createdBy';
  return key.replace(/^(user|aws)_/, '$1:');
}

/** The same as SQL over a key. */
export function unnormalisedKeySql(key: string): string {
  return `if(${key} = 'aws_created_by', 'aws:createdBy', replaceRegexpOne(${key}, '^(user|aws)_', '\\\\1:'))`;
}
