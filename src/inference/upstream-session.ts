import { Fault } from '../kernel/fault.ts';
import { oncePer } from '../kernel/once-per.ts';
import { sortedTagPairs } from '../kernel/tags.ts';
import type { ModelCaller } from './model-call.ts';

/** A text about one caller; undefined where there is none. */
export type CallerText = (caller: ModelCaller) => string | undefined;

/** How an upstream's sessions are made of callers. */
export interface SessionRule {
  /** Role that is assumed for callers of an account. */
  readonly roleArn: (accountId: string) => string | undefined;
  readonly sessionName: CallerText;
  /** `all`: every effective principal tag that fits; else these keys and no others. */
  readonly tags: 'all' | ReadonlyMap<string, CallerText>;
  readonly transitiveTagKeys: readonly string[];
  /** `session-name`: equal to the name that the session gets. Absent: none. */
  readonly sourceIdentity?: CallerText | 'session-name';
  readonly durationSeconds: number;
  /** Inline session policy, JSON. Absent: the role's permissions alone count. */
  readonly policy?: string;
}

/** The session that one caller is to have. */
export interface WantedSession {
  readonly roleArn: string;
  /** Before it is made to fit and told from those of others; see `SessionDirectory`. */
  readonly wantedName: string;
  readonly tags: readonly SessionTag[];
  /** Keys of principal tags that did not fit, in key order. */
  readonly tagsLeftOut: readonly string[];
  /** Keys of `tags` that stay in a chain of roles. */
  readonly transitiveTagKeys: readonly string[];
  /** Absent: none. */
  readonly sourceIdentity?: 'session-name' | { readonly text: string };
}

export type SessionTag = readonly [key: string, value: string];

/** Limits of STS. */
const TAGS_MAX = 50;
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const SOURCE_IDENTITY = /^[\w+=,.@-]{2,64}$/;

/** Throws AccessDeniedException where the caller has none: nobody calls in another's name. */
export function wantedSession(caller: ModelCaller, rule: SessionRule): WantedSession {
  const roleArn = rule.roleArn(caller.accountId);
  if (roleArn === undefined) throw noSession(caller, `no role is configured for the account ${caller.accountId}`);
  const wantedName = rule.sessionName(caller);
  if (!wantedName) throw noSession(caller, 'there is nothing to name its session by');
  const { tags, tagsLeftOut } = rule.tags === 'all' ? allTags(caller, rule) : chosenTags(caller, rule.tags);
  const sourceIdentity =
    typeof rule.sourceIdentity === 'function' ? sourceIdentityOf(caller, rule.sourceIdentity) : rule.sourceIdentity;
  return {
    roleArn,
    wantedName,
    tags,
    tagsLeftOut,
    transitiveTagKeys: transitiveOf(tags, rule.transitiveTagKeys),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
  };
}

/**
 * The same for the same caller with the same tags, and only then: who changes a tag gets another session. Of everything
 * that a session is made of, the rest follows from the ARN.
 */
export const sessionKey = oncePer(({ arn, sourceIdentity = '', tags }: ModelCaller): string =>
  JSON.stringify([arn, sourceIdentity, ...[...tags].flat()]),
);

/**
 * Leaves tags out until what remains should fit into the packed size that STS allows, when it says that they take
 * `percent` of it: from the end, and transitive ones stand before all others. Undefined for tags that were chosen one by
 * one: they are sent as they are, or not at all.
 */
export function withFewerTags(
  session: WantedSession,
  percent: number,
  { tags: chosen }: SessionRule,
): WantedSession | undefined {
  if (chosen !== 'all' || session.tags.length === 0) return undefined;
  const lengths = session.tags.map(([key, value]) => Buffer.byteLength(key) + Buffer.byteLength(value));
  // How STS packs is not published, so a tenth is to spare; each try leaves out one at least.
  const room = (0.9 * sum(lengths) * 100) / Math.max(percent, 100);
  const kept = session.tags.filter((_, index) => sum(lengths.slice(0, index + 1)) <= room);
  const left = session.tags.slice(kept.length).map(([key]) => key);
  return {
    ...session,
    tags: kept,
    tagsLeftOut: [...session.tagsLeftOut, ...left].sort(),
    transitiveTagKeys: transitiveOf(kept, session.transitiveTagKeys),
  };
}

/** In words of our own: AWS has no gateway that could say it. */
export function noSession({ arn }: ModelCaller, reason: string): Fault {
  return new Fault('AccessDeniedException', `The model cannot be called in the name of ${arn}: ${reason}.`);
}

function allTags(
  { tags }: ModelCaller,
  { transitiveTagKeys }: SessionRule,
): Pick<WantedSession, 'tags' | 'tagsLeftOut'> {
  const pairs = sortedTagPairs(tags);
  const isFirst = ([key]: SessionTag) => transitiveTagKeys.some((one) => isSameKey(one, key));
  const ordered = [...pairs.filter(isFirst), ...pairs.filter((pair) => !isFirst(pair))];
  const kept = ordered.filter(fits).slice(0, TAGS_MAX);
  const keptKeys = new Set(kept.map(([key]) => key));
  return { tags: kept, tagsLeftOut: pairs.map(([key]) => key).filter((key) => !keptKeys.has(key)) };
}

function chosenTags(
  caller: ModelCaller,
  texts: ReadonlyMap<string, CallerText>,
): Pick<WantedSession, 'tags' | 'tagsLeftOut'> {
  const tags: SessionTag[] = [];
  for (const [key, text] of texts) {
    const value = text(caller);
    if (value === undefined) continue;
    if (!fits([key, value])) throw noSession(caller, `its value of the tag ${key} is not one that STS takes`);
    tags.push([key, value]);
  }
  return { tags, tagsLeftOut: [] };
}

function fits([key, value]: SessionTag): boolean {
  return TAG_KEY.test(key) && TAG_VALUE.test(value) && !key.toLowerCase().startsWith('aws:');
}

function sourceIdentityOf(caller: ModelCaller, text: CallerText): { text: string } | undefined {
  const value = text(caller);
  if (value === undefined) return undefined;
  if (SOURCE_IDENTITY.test(value)) return { text: value };
  throw noSession(caller, 'its source identity is not one that STS takes');
}

function transitiveOf(tags: readonly SessionTag[], keys: readonly string[]): string[] {
  return tags.map(([key]) => key).filter((key) => keys.some((one) => isSameKey(one, key)));
}

/** Keys of session tags compare without regard to letter case. */
function isSameKey(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
