import type { PatternPart } from '../kernel/wildcard.ts';
import type { ConditionContext } from './context.ts';

/** A policy without `Version` has `2008-10-17`, which knows no variables: `${aws:username}` is plain text there. */
export type LanguageVersion = '2008-10-17' | '2012-10-17';

/** `${aws:PrincipalTag/team, 'none'}`: replaced by the key's value, else by the fallback, at each request. */
export interface PolicyVariable {
  /** Lower case, as keys are in a ConditionContext. */
  readonly key: string;
  readonly fallback?: string;
}

/** Policy text cut at its variables. */
export type Template = readonly (PatternPart | PolicyVariable)[];

/** Either an escape (`${*}`, `${?}`, `${$}`) or a variable with an optional default in single quotes. */
const VARIABLE = /\$\{(?:([*?$])|([^${}',]+)(?:,\s*'([^']*)'\s*)?)\}/g;

/** Keys of the variables in a text, in the letter case they are written in. */
export function variableKeys(text: string, version: LanguageVersion): string[] {
  if (version === '2008-10-17') return [];
  return [...text.matchAll(VARIABLE)].flatMap(([, , key]) => (key === undefined ? [] : [key.trim()]));
}

export function parseTemplate(text: string, version: LanguageVersion): Template {
  if (version === '2008-10-17' || !text.includes('${')) return [{ text, isLiteral: false }];
  const template: (PatternPart | PolicyVariable)[] = [];
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const [whole, escaped, key, fallback] = match;
    if (match.index > end) template.push({ text: text.slice(end, match.index), isLiteral: false });
    if (escaped !== undefined) template.push({ text: escaped, isLiteral: true });
    else template.push({ key: key!.trim().toLowerCase(), ...(fallback !== undefined && { fallback }) });
    end = match.index + whole.length;
  }
  if (end < text.length) template.push({ text: text.slice(end), isLiteral: false });
  return template;
}

/** The template's parts when it has no variable, so that it can be prepared once. */
export function constantParts(template: Template): readonly PatternPart[] | undefined {
  const parts = template.filter((part) => 'text' in part);
  return parts.length === template.length ? parts : undefined;
}

/**
 * The template with its variables replaced. Undefined when one of them has neither a value nor a default; a key with
 * several values has none (IAM User Guide: only single-valued keys can be variables). A value stands for itself: a `*`
 * in it is no wildcard.
 */
export function resolveTemplate(template: Template, context: ConditionContext): readonly PatternPart[] | undefined {
  const parts: PatternPart[] = [];
  for (const part of template) {
    if ('text' in part) {
      parts.push(part);
      continue;
    }
    const values = context.get(part.key);
    const value = values?.length === 1 ? values[0] : part.fallback;
    if (value === undefined) return undefined;
    parts.push({ text: value, isLiteral: true });
  }
  return parts;
}
