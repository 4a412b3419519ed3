import type { Caller } from '../identity/principal.ts';
import { oncePer } from '../kernel/once-per.ts';
import type { TagSet } from '../kernel/tags.ts';
import { isoSeconds, SECOND_MS } from '../kernel/time.ts';

/**
 * The request context that conditions are tested against. Key names are lower case: AWS compares them without regard to
 * case. Undefined or an empty list: the key is not in the request. Every Map is one; the global keys are worked out
 * only when a policy asks for them.
 */
export interface ConditionContext {
  get(key: string): readonly string[] | undefined;
}

/** What is known of every request, whoever sent it. */
export interface RequestFacts {
  readonly nowMs: number;
  readonly sourceIp: string;
  /** Absent when the client sent no `User-Agent`. */
  readonly userAgent?: string;
  /** Absent when the client sent no `Referer`. */
  readonly referer?: string;
  readonly isTls: boolean;
  readonly region: string;
}

/** AWS's names for `CallerKind` (IAM User Guide, "Principal key values"). */
const PRINCIPAL_TYPES = {
  user: 'User',
  'assumed-role': 'AssumedRole',
  'federated-user': 'FederatedUser',
  root: 'Account',
} as const satisfies Record<Caller['kind'], string>;

type ContextValue<Source> = (source: Source) => string | undefined;

const REQUEST_VALUES: Readonly<Record<string, ContextValue<RequestFacts>>> = {
  'aws:CurrentTime': (facts) => isoSeconds(facts.nowMs),
  'aws:EpochTime': (facts) => String(Math.floor(facts.nowMs / SECOND_MS)),
  'aws:SecureTransport': (facts) => String(facts.isTls),
  'aws:SourceIp': (facts) => facts.sourceIp,
  'aws:UserAgent': (facts) => facts.userAgent,
  'aws:Referer': (facts) => facts.referer,
  'aws:RequestedRegion': (facts) => facts.region,
  // No service calls another on a caller's behalf here.
  'aws:ViaAWSService': () => 'false',
};

const CALLER_VALUES: Readonly<Record<string, ContextValue<Caller>>> = {
  'aws:PrincipalArn': (caller) => caller.principalArn,
  'aws:PrincipalAccount': (caller) => caller.accountId,
  'aws:PrincipalType': (caller) => PRINCIPAL_TYPES[caller.kind],
  'aws:PrincipalIsAWSService': () => 'false',
  'aws:userid': (caller) => caller.userId,
  'aws:username': (caller) => caller.userName,
  'aws:SourceIdentity': (caller) => caller.sourceIdentity,
  'aws:FederatedProvider': (caller) => caller.session?.federatedProvider,
  'aws:TokenIssueTime': (caller) => caller.session && isoSeconds(caller.session.issuedAtMs),
  // Present for temporary credentials only; a session is never begun with an MFA code here.
  'aws:MultiFactorAuthPresent': (caller) => caller.session && 'false',
};

/** The global keys as AWS writes them, but for those of tags. */
export const GLOBAL_KEYS: readonly string[] = [...Object.keys(CALLER_VALUES), ...Object.keys(REQUEST_VALUES)];

const REQUEST_KEYS = byLowerCase(REQUEST_VALUES);
const CALLER_KEYS = byLowerCase<Caller>({
  ...CALLER_VALUES,
  'bedrock:BearerTokenType': (caller) => caller.bearerTokenType,
});

const PRINCIPAL_TAG = 'aws:principaltag/';

/** The keys of a request that nobody signed (AssumeRoleWithWebIdentity, AssumeRoleWithSAML). */
export function requestContext(facts: RequestFacts): ConditionContext {
  return { get: (key) => valuesOf(REQUEST_KEYS.get(key)?.(facts)) };
}

/** The keys of a caller, whatever it asks for and whenever. */
export function callerContext(caller: Caller): ConditionContext {
  return {
    get(key) {
      if (key.startsWith(PRINCIPAL_TAG)) return valuesOf(tagValue(caller.tags, key.slice(PRINCIPAL_TAG.length)));
      const own = CALLER_KEYS.get(key)?.(caller);
      if (own !== undefined) return [own];
      return caller.session?.federatedContext?.find(([name]) => name === key)?.[1];
    },
  };
}

/** The keys of a signed request: those of the request and those of its caller. */
export function globalContext(caller: Caller, facts: RequestFacts): ConditionContext {
  const ofCaller = callerContext(caller);
  return { get: (key) => ofCaller.get(key) ?? valuesOf(REQUEST_KEYS.get(key)?.(facts)) };
}

/**
 * `base` with further keys, named in any letter case. A key that `base` knows keeps its value, so that nothing an
 * operation adds can pass for a fact that the server established.
 */
export function withContext(
  base: ConditionContext,
  extra: Iterable<readonly [string, readonly string[]]>,
): ConditionContext {
  const added = new Map<string, readonly string[]>();
  for (const [key, values] of extra) added.set(key.toLowerCase(), values);
  return added.size === 0 ? base : { get: (key) => base.get(key) ?? added.get(key) };
}

/** `aws:RequestTag/key` and `aws:TagKeys` of the tags that a request passes; empty when it passes none. */
export function requestTagContext(tags: TagSet): ReadonlyMap<string, readonly string[]> {
  const context = tagContext('aws:requesttag/', tags);
  if (tags.size > 0) context.set('aws:tagkeys', [...tags.keys()]);
  return context;
}

/** `aws:ResourceTag/key` of the resource that a request is about, and the same under further prefixes such as `iam`. */
export function resourceTagContext(tags: TagSet, ...servicePrefixes: string[]): ReadonlyMap<string, readonly string[]> {
  const prefixes = ['aws', ...servicePrefixes];
  return new Map(prefixes.flatMap((prefix) => [...tagContext(`${prefix}:resourcetag/`, tags)]));
}

function tagContext(prefix: string, tags: TagSet): Map<string, readonly string[]> {
  return new Map([...tags].map(([key, value]) => [prefix + key.toLowerCase(), [value]]));
}

/** Tags by their keys in lower case, kept with each set: a caller's is asked for at every request. */
const foldedTags = oncePer(
  (tags: TagSet): TagSet => new Map([...tags].map(([key, value]) => [key.toLowerCase(), value])),
);

function tagValue(tags: TagSet, lowerCaseKey: string): string | undefined {
  return foldedTags(tags).get(lowerCaseKey);
}

function valuesOf(value: string | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : [value];
}

function byLowerCase<Source>(
  values: Readonly<Record<string, ContextValue<Source>>>,
): ReadonlyMap<string, ContextValue<Source>> {
  return new Map(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
}
