import type { TagRule, TrustRequest } from './trust-request.ts';
import {
  type ConditionLine,
  conditionBlock,
  line,
  type TrustPrincipal,
  type TrustStatement,
} from './trust-statement.ts';

/**
 * Where a session's tags come from. `own`: the caller passes them and they have to equal its own; `trusted`: a signed
 * token, or a caller that is trusted to choose them.
 */
export type TagOrigin = 'own' | 'trusted';

/** What makes a tag mandatory: these lines stand with the permission to assume the role, so nothing is got without. */
export function requiredTagLines(rules: readonly TagRule[], origin: TagOrigin): ConditionLine[] {
  return rules.flatMap(({ key, values }) => {
    const requested = `aws:RequestTag/${key}`;
    const own = `aws:PrincipalTag/${key}`;
    if (origin === 'own') {
      return [
        line('StringEquals', requested, `\${${own}}`),
        values.length > 0 ? line('StringEquals', own, ...values) : line('StringLike', requested, '?*'),
      ];
    }
    return [values.length > 0 ? line('StringEquals', requested, ...values) : line('StringLike', requested, '?*')];
  });
}

/**
 * `sts:TagSession` for the named keys in their exact letters and for no other. `ForAllValues` also holds when there is
 * nothing to compare, hence the line that asks for a tag. With no key named no tag may be passed: only those that the
 * caller's own session hands on.
 */
export function tagSession(request: TrustRequest, principal: TrustPrincipal, origin: TagOrigin): TrustStatement {
  const { requiredTags, allowedTags } = request;
  const keys = [...requiredTags, ...allowedTags].map(({ key }) => key);
  const lines =
    keys.length === 0
      ? [line('Null', 'aws:TagKeys', 'true')]
      : [
          line('ForAllValues:StringEquals', 'aws:TagKeys', ...keys),
          line('Null', 'aws:TagKeys', 'false'),
          ...allowedTags.flatMap((rule) => allowedTagLines(rule, origin)),
        ];
  return {
    Sid: 'TagSession',
    Effect: 'Allow',
    Principal: principal,
    Action: 'sts:TagSession',
    Condition: conditionBlock(lines),
  };
}

function allowedTagLines({ key, values }: TagRule, origin: TagOrigin): ConditionLine[] {
  const requested = `aws:RequestTag/${key}`;
  return [
    ...(origin === 'own' ? [line('StringEqualsIfExists', requested, `\${aws:PrincipalTag/${key}}`)] : []),
    // Another operator than above, because a key can stand under one operator once. Tag values have no wildcards.
    ...(values.length > 0 ? [line('StringLikeIfExists', requested, ...values)] : []),
  ];
}

/**
 * One statement for each key, because no condition asks that a list hold several values. `ForAllValues` with a negated
 * operator holds when none of the transitive keys is this one, and when there are none at all.
 */
export function transitiveTags({ requiredTags }: TrustRequest, principal: TrustPrincipal): TrustStatement[] {
  return requiredTags.map(({ key }, index) => ({
    Sid: `TransitiveTag${index + 1}`,
    Effect: 'Deny',
    Principal: principal,
    Action: 'sts:TagSession',
    Condition: conditionBlock([line('ForAllValues:StringNotEquals', 'sts:TransitiveTagKeys', key)]),
  }));
}
