import type { ConditionEntry } from '../conditions.ts';
import type { ConditionContext } from '../context.ts';
import { type LanguageVersion, parseTemplate, resolveTemplate } from '../policy-variables.ts';

/** A session as somebody would ask for it. */
export interface PlannedSession {
  /** Absent: the policies ask for no name. */
  readonly sessionName?: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity?: string;
  readonly externalId?: string;
  /** Everything else that conditions ask about, by key in lower case: time, address, the token's claims. */
  readonly context: ReadonlyMap<string, readonly string[]>;
}

/** Keys that have a value already. One that is settled is what it is; the others are as the caller likes. */
export interface KnownKeys extends ConditionContext {
  readonly isSettled: (key: string) => boolean;
}

/** Which of several requests that meet the conditions is wanted. */
export interface PlanChoice {
  /** Stands where a pattern has `*`, and for everything that may be anything. */
  readonly filler: string;
  /** Which of several values of a condition; counted around. */
  readonly index: number;
}

export const FIRST_CHOICE: PlanChoice = { filler: 'probe', index: 0 };
export const OTHER_CHOICE: PlanChoice = { filler: 'other', index: 1 };

const REQUEST_TAG = 'aws:requesttag/';
const TAG_KEYS = 'aws:tagkeys';
const TRANSITIVE_KEYS = 'sts:transitivetagkeys';
/** Operators that compare with `Not`: any value but a few will do. */
const NEGATED = /Not(Equals|Like|Ip)|^NotIp/;

/**
 * What a caller who has read the conditions would send to meet them: it only has to be likely, because the evaluator
 * decides whether it does.
 */
export function planSession(
  entries: readonly ConditionEntry[],
  version: LanguageVersion,
  known: KnownKeys,
  choice: PlanChoice,
): PlannedSession {
  const planned = new Map<string, string[]>();
  const spellings = new Map<string, string>();
  const listed = new Set<string>();
  const context: ConditionContext = {
    get: (key) => (known.isSettled(key) ? known.get(key) : (planned.get(key) ?? known.get(key))),
  };
  const textFor = (text: string): string | undefined => {
    const template = parseTemplate(text, version);
    for (const part of template) {
      if (!('key' in part) || known.isSettled(part.key) || part.fallback !== undefined) continue;
      if (!context.get(part.key)?.length) planned.set(part.key, [choice.filler]);
    }
    return resolveTemplate(template, context)
      ?.map((part) => (part.isLiteral ? part.text : filled(part.text, choice.filler)))
      .join('');
  };
  for (const { operator, key, values } of entries) {
    const lowerKey = key.toLowerCase();
    const base = operator.replace(/^(ForAllValues|ForAnyValue):/, '').replace(/IfExists$/, '');
    if (lowerKey.startsWith(REQUEST_TAG)) noteSpelling(spellings, key.slice(REQUEST_TAG.length));
    if (lowerKey === TAG_KEYS) {
      if (NEGATED.test(base) || base === 'Null') continue;
      for (const value of values) {
        spellings.set(value.toLowerCase(), value);
        if (!/[*?]/.test(value)) listed.add(REQUEST_TAG + value.toLowerCase());
      }
    } else if (lowerKey === TRANSITIVE_KEYS) {
      planned.set(lowerKey, [...(planned.get(lowerKey) ?? []), ...(base === 'Null' ? [] : values)]);
    } else if (!planned.has(lowerKey) && !known.isSettled(lowerKey)) {
      const value = sample(base, values, choice, textFor);
      if (value !== undefined) planned.set(lowerKey, [value]);
    }
  }
  // A key that may be passed, and of whose value nothing was said.
  for (const key of listed) if (!planned.has(key)) planned.set(key, [choice.filler]);
  return sessionOf(planned, spellings);
}

/** A key as `aws:TagKeys` spells it goes before the same key as a condition's name has it. */
function noteSpelling(spellings: Map<string, string>, key: string): void {
  if (!spellings.has(key.toLowerCase())) spellings.set(key.toLowerCase(), key);
}

function sample(
  base: string,
  values: readonly string[],
  choice: PlanChoice,
  textFor: (text: string) => string | undefined,
): string | undefined {
  const expected = values[choice.index % values.length] ?? '';
  if (base === 'Null') return values.some((value) => value.toLowerCase() === 'false') ? choice.filler : undefined;
  if (NEGATED.test(base)) return undefined;
  if (/^Numeric/.test(base)) return ordered(base, expected, ['0', '999999999']);
  if (/^Date/.test(base)) return ordered(base, expected, ['1970-01-02T00:00:00Z', '9999-12-31T00:00:00Z']);
  if (base === 'IpAddress') return expected.replace(/\/\d+$/, '');
  return textFor(expected);
}

function ordered(base: string, expected: string, [low, high]: readonly [string, string]): string {
  if (base.includes('Less')) return low;
  return base.includes('Greater') ? high : expected;
}

function filled(pattern: string, filler: string): string {
  return pattern.replaceAll('*', filler).replaceAll('?', 'x');
}

function sessionOf(planned: ReadonlyMap<string, string[]>, spellings: ReadonlyMap<string, string>): PlannedSession {
  const tags = new Map<string, string>();
  const context = new Map<string, readonly string[]>();
  const single: Partial<Record<SessionMember, string>> = {};
  for (const [key, values] of planned) {
    const member = SESSION_MEMBERS.get(key);
    if (key.startsWith(REQUEST_TAG)) {
      const folded = key.slice(REQUEST_TAG.length);
      tags.set(spellings.get(folded) ?? folded, values[0]!);
    } else if (member) single[member] = values[0]!;
    else if (key !== TRANSITIVE_KEYS) context.set(key, values);
  }
  return {
    ...single,
    tags,
    transitiveTagKeys: transitiveKeys(planned.get(TRANSITIVE_KEYS), [...tags.keys()]),
    context,
  };
}

/** No condition: none. A condition that only asks for some: all. */
function transitiveKeys(asked: readonly string[] | undefined, tagKeys: readonly string[]): readonly string[] {
  if (!asked) return [];
  return asked.length === 0 ? tagKeys : [...new Set(asked)].filter((key) => tagKeys.includes(key));
}

type SessionMember = 'sessionName' | 'sourceIdentity' | 'externalId';

const SESSION_MEMBERS: ReadonlyMap<string, SessionMember> = new Map([
  ['sts:rolesessionname', 'sessionName'],
  ['sts:sourceidentity', 'sourceIdentity'],
  ['sts:externalid', 'externalId'],
]);
