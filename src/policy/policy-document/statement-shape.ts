import { type ConditionEntry, isConditionOperator } from '../conditions.ts';
import type { PrincipalElement } from '../principals.ts';
import { isJsonObject, type JsonObject } from './json-object.ts';
import { malformed } from './malformed.ts';

/** A statement whose elements have the right JSON types; which ones must be there is for the rules of its kind. */
export interface StatementShape {
  readonly sid?: string;
  readonly effect?: string;
  /** Resource-based policies only. */
  readonly principals?: PrincipalElement;
  readonly actions?: ListElement;
  /** Absent in trust policies, which are about the role they belong to. */
  readonly resources?: ListElement;
  readonly conditions: readonly ConditionEntry[];
}

/** Action or NotAction, Resource or NotResource. */
export interface ListElement {
  readonly isNegated: boolean;
  readonly values: readonly string[];
}

const ELEMENTS: ReadonlySet<string> = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

export function readStatement(json: unknown): StatementShape {
  if (!isJsonObject(json) || Object.keys(json).some((name) => !ELEMENTS.has(name))) throw syntaxError();
  const sid = readText(json.Sid);
  const effect = readText(json.Effect);
  const principals = readElement(json, 'Principal', readPrincipalIds);
  const actions = readElement(json, 'Action', readTexts);
  const resources = readElement(json, 'Resource', readTexts);
  return {
    ...(sid !== undefined && { sid }),
    ...(effect !== undefined && { effect }),
    ...(principals && { principals: { isNegated: principals.isNegated, ids: principals.content } }),
    ...(actions && { actions: { isNegated: actions.isNegated, values: actions.content } }),
    ...(resources && { resources: { isNegated: resources.isNegated, values: resources.content } }),
    conditions: readConditions(json.Condition),
  };
}

/** An element in its plain or its `Not` form; both at once are a syntax error. */
function readElement<Content>(
  statement: JsonObject,
  name: string,
  read: (json: unknown) => Content,
): { isNegated: boolean; content: Content } | undefined {
  const plain = statement[name];
  const negated = statement[`Not${name}`];
  if (plain !== undefined && negated !== undefined) throw syntaxError();
  if (plain !== undefined) return { isNegated: false, content: read(plain) };
  return negated === undefined ? undefined : { isNegated: true, content: read(negated) };
}

function readText(json: unknown): string | undefined {
  if (json !== undefined && typeof json !== 'string') throw syntaxError();
  return json;
}

function readTexts(json: unknown): string[] {
  const list = Array.isArray(json) ? json : [json];
  if (!list.every((item) => typeof item === 'string')) throw syntaxError();
  return list;
}

/** A principal that is text instead of an object has the type `STAR`, AWS's own name for it in its errors. */
function readPrincipalIds(json: unknown): ReadonlyMap<string, readonly string[]> {
  if (typeof json === 'string') return new Map([['STAR', [json]]]);
  if (!isJsonObject(json)) throw syntaxError();
  return new Map(Object.entries(json).map(([type, ids]) => [type, readTexts(ids)]));
}

/** An operator without keys says nothing and may have any name: AWS accepts it. */
function readConditions(json: unknown): ConditionEntry[] {
  if (json === undefined) return [];
  if (!isJsonObject(json)) throw syntaxError();
  return Object.entries(json).flatMap(([operator, keys]) => {
    if (!isJsonObject(keys)) throw syntaxError();
    const entries = Object.entries(keys).map(([key, values]) => ({
      operator,
      key,
      values: readConditionValues(values),
    }));
    if (entries.length > 0 && !isConditionOperator(operator)) throw syntaxError();
    return entries;
  });
}

function readConditionValues(json: unknown): string[] {
  const list = Array.isArray(json) ? json : [json];
  return list.map((value) => {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') throw syntaxError();
    return String(value);
  });
}

function syntaxError() {
  return malformed('Syntax errors in policy.');
}
