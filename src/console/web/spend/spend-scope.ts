import type { WireScope } from '../../../services/tallyline/hard-budgets.ts';
import { shortName } from '../components/name-badge.tsx';

/** Whose spend something is about. Every member must match, one of its values each. */
export type SpendScope = WireScope;

export const SCOPE_KINDS = [
  ['tag', 'Tag'],
  ['principal', 'Principal'],
  ['role', 'Role'],
  ['account', 'Account'],
  ['model', 'Model'],
  ['key', 'Key'],
] as const;

export type ScopeKind = (typeof SCOPE_KINDS)[number][0];

/** One line of a scope as people build it; `tagKey` of a tag alone. */
export interface ScopeLine {
  readonly kind: ScopeKind;
  readonly tagKey: string;
  /** `*` and `?` are wildcards. */
  readonly value: string;
}

const MEMBERS = {
  principal: 'Principals',
  role: 'Roles',
  account: 'Accounts',
  model: 'Models',
  key: 'Keys',
} as const satisfies Partial<Record<ScopeKind, keyof SpendScope>>;

export function scopeLines(scope: SpendScope): ScopeLine[] {
  const tags = (scope.Tags ?? []).map(({ Key, Value }) => ({ kind: 'tag' as const, tagKey: Key, value: Value }));
  const others = SCOPE_KINDS.flatMap(([kind]) =>
    kind === 'tag' ? [] : (scope[MEMBERS[kind]] ?? []).map((value) => ({ kind, tagKey: '', value })),
  );
  return [...tags, ...others];
}

/** Lines without a value are left out, as are tags without a key. */
export function scopeOf(lines: readonly ScopeLine[]): SpendScope {
  const filled = lines.filter(isFilled);
  const Tags = filled
    .filter(({ kind }) => kind === 'tag')
    .map(({ tagKey, value }) => ({ Key: tagKey.trim(), Value: value.trim() }));
  const scope: Record<string, unknown> = Tags.length > 0 ? { Tags } : {};
  for (const [kind, member] of Object.entries(MEMBERS)) {
    const values = filled.filter((line) => line.kind === kind).map(({ value }) => value.trim());
    if (values.length > 0) scope[member] = values;
  }
  return scope;
}

export function isFilled({ kind, tagKey, value }: ScopeLine): boolean {
  return value.trim() !== '' && (kind !== 'tag' || tagKey.trim() !== '');
}

/** `team = blue or red, model amazon.*`; `everybody` for no member. */
export function scopeText(scope: SpendScope): string {
  const parts: string[] = [];
  for (const [key, tags] of Map.groupBy(scope.Tags ?? [], ({ Key }) => Key))
    parts.push(`${key} = ${tags.map(({ Value }) => Value).join(' or ')}`);
  for (const [kind, member] of Object.entries(MEMBERS)) {
    const values = scope[member] ?? [];
    if (values.length > 0) parts.push(`${kind} ${values.map(shortName).join(' or ')}`);
  }
  return parts.join(', ') || 'everybody';
}

/** `each principal`, `each value of team`. */
export function eachText(each: string): string {
  return each.startsWith('tag:') ? `each ${each.slice('tag:'.length)}` : `each ${each}`;
}
