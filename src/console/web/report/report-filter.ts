import type { ReportFilter } from '../../../reports/report-query.ts';
import { type KeyWord, keyOf } from './report-key.ts';

/** Keeps what has one of the values, or all that has none of them. Empty text: has no value. */
export interface Condition {
  readonly word: KeyWord;
  readonly mode: 'include' | 'exclude';
  readonly values: readonly string[];
}

function escaped(value: string): string {
  return value.replace(/[%|]/g, (char) => encodeURIComponent(char));
}

function unescaped(value: string): string {
  return value.replace(/%(25|7C)/gi, (code) => decodeURIComponent(code));
}

/** `model=a|b`, `model!=a`, `tag:iamPrincipal/team=` (has no value): as addresses and `--filter` write it. */
export function conditionText({ word, mode, values }: Condition): string {
  return `${word}${mode === 'exclude' ? '!=' : '='}${values.map(escaped).join('|')}`;
}

/** Undefined for text that is none. */
export function readCondition(text: string): Condition | undefined {
  const [, word, operator, values] = /^([^=!]+)(!?=)(.*)$/s.exec(text) ?? [];
  if (word === undefined || values === undefined || !keyOf(word)) return undefined;
  return { word, mode: operator === '!=' ? 'exclude' : 'include', values: values.split('|').map(unescaped) };
}

function oneFilter({ word, mode, values }: Condition): ReportFilter {
  const key = keyOf(word)!;
  const named = values.filter((value) => value !== '');
  const parts: ReportFilter[] = [
    ...(named.length > 0 ? [{ key, equalsAny: named }] : []),
    ...(named.length < values.length ? [{ absent: key }] : []),
  ];
  const filter = parts.length === 1 ? parts[0]! : { or: parts };
  return mode === 'exclude' ? { not: filter } : filter;
}

/** What GetReport and ListRequests take as `Filter`; undefined without conditions. */
export function filterOf(conditions: readonly Condition[], ...more: readonly ReportFilter[]): ReportFilter | undefined {
  const parts = [...conditions.filter(({ values }) => values.length > 0).map(oneFilter), ...more];
  return parts.length > 1 ? { and: parts } : parts[0];
}
