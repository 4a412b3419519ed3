import type { Caller } from '../identity/principal.ts';
import type { TagSet } from '../kernel/tags.ts';
import { compileWildcard } from '../kernel/wildcard.ts';

/**
 * Whose spend something is about. Every member that is there must match, one of its values each; `*` and `?` are wildcards.
 * No member: everybody's.
 */
export interface SpendScope {
  /** `line_item_iam_principal`: of a role session, the session's ARN. */
  readonly principals?: readonly string[];
  /** ARN of the role without its path: `arn:aws:iam::111122223333:role/App`. */
  readonly roles?: readonly string[];
  /** Principal tags at the call. Several values of one key: any of them; several keys: all of them. */
  readonly tags?: readonly (readonly [key: string, value: string])[];
  readonly accounts?: readonly string[];
  /** Model ids as the price book has them, whatever the caller named. */
  readonly models?: readonly string[];
  /** Ids of access keys, Bedrock API keys and gateway keys. */
  readonly keys?: readonly string[];
}

/** Whose call it is, as scopes look at it. */
export interface SpendSubject {
  readonly principalArn: string;
  /** Empty when the caller is no role session. */
  readonly roleArn: string;
  readonly tags: TagSet;
  readonly accountId: string;
  readonly modelId: string;
  readonly keyId: string;
}

export function subjectOf(caller: Caller, modelId: string): SpendSubject {
  const { arn, tags, accountId, accessKeyId } = caller;
  return { principalArn: arn, roleArn: roleArnOf(arn), tags, accountId, modelId, keyId: accessKeyId };
}

/** Role behind a session's ARN, as far as the ARN tells: without its path. Empty for every other ARN. */
export function roleArnOf(principalArn: string): string {
  const [, partition, accountId, role] = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(principalArn) ?? [];
  return role === undefined ? '' : `arn:${partition}:iam::${accountId}:role/${role}`;
}

/** What one definition is told apart by: a budget of its own for every value. */
export type SpendDimension = 'principal' | 'role' | 'account' | 'model' | 'key' | { readonly tag: string };

/** Empty for a caller without the role or tag: these share one value, so that nobody is outside. */
export function dimensionValue(dimension: SpendDimension, subject: SpendSubject): string {
  switch (dimension) {
    case 'principal':
      return subject.principalArn;
    case 'role':
      return subject.roleArn;
    case 'account':
      return subject.accountId;
    case 'model':
      return subject.modelId;
    case 'key':
      return subject.keyId;
    default:
      return subject.tags.get(dimension.tag) ?? '';
  }
}

export function compileScope(scope: SpendScope): (subject: SpendSubject) => boolean {
  const tests: ((subject: SpendSubject) => boolean)[] = [];
  const add = (patterns: readonly string[] | undefined, textOf: (subject: SpendSubject) => string | undefined) => {
    if (!patterns) return;
    const matches = patterns.map(compileWildcard);
    tests.push((subject) => {
      const text = textOf(subject);
      return text !== undefined && matches.some((match) => match(text));
    });
  };
  add(scope.keys, ({ keyId }) => keyId);
  add(scope.accounts, ({ accountId }) => accountId);
  add(scope.models, ({ modelId }) => modelId);
  add(scope.principals, ({ principalArn }) => principalArn);
  add(scope.roles, ({ roleArn }) => roleArn);
  for (const [key, values] of Map.groupBy(scope.tags ?? [], ([name]) => name)) {
    add(
      values.map(([, value]) => value),
      ({ tags }) => tags.get(key),
    );
  }
  return (subject) => tests.every((test) => test(subject));
}

/** `principal arn:..., tag team=blue`; `everybody` for no member. */
export function scopeText(scope: SpendScope): string {
  const named = (word: string, values: readonly string[] = []) =>
    values.length === 0 ? [] : [`${word} ${values.join(' or ')}`];
  const parts = [
    ...named('principal', scope.principals),
    ...named('role', scope.roles),
    ...named(
      'tag',
      scope.tags?.map(([key, value]) => `${key}=${value}`),
    ),
    ...named('account', scope.accounts),
    ...named('model', scope.models),
    ...named('key', scope.keys),
  ];
  return parts.join(', ') || 'everybody';
}
