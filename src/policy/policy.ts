import { BoundedMemo } from '../kernel/bounded-memo.ts';
import { compileWildcard, type TextTest } from '../kernel/wildcard.ts';
import { type ArnSegments, compileArnPattern } from './arn-pattern.ts';
import { type ConditionTest, compileConditions } from './conditions.ts';
import type { ConditionContext } from './context.ts';
import type { ListElement } from './policy-document/statement-shape.ts';
import { type PolicyKind, type PolicyStatement, parsePolicyDocument } from './policy-document.ts';
import type { LanguageVersion } from './policy-variables.ts';
import { compilePrincipals, type PrincipalTest } from './principals.ts';

/** A policy made ready for decisions. */
export interface Policy {
  /** The statements that cover an action, which is given in lower case. */
  statementsFor(action: string): readonly Statement[];
}

export interface Statement {
  /** The Sid, else `statement 1` and so on. */
  readonly id: string;
  /** Its place in the policy, from 0. */
  readonly index: number;
  readonly effect: 'Allow' | 'Deny';
  /** Resource-based policies only. */
  readonly namesPrincipal?: PrincipalTest;
  readonly coversResource: (resource: ArnSegments, context: ConditionContext) => boolean;
  readonly conditionsHold: ConditionTest;
}

/** Characters of policy text whose compiled form is kept, per kind. At about 20 bytes each, 80 MB when full. */
const MEMO_TEXT_LENGTH = 4_000_000;

const memos: Readonly<Record<PolicyKind, BoundedMemo<Policy>>> = {
  identity: new BoundedMemo(MEMO_TEXT_LENGTH),
  managed: new BoundedMemo(MEMO_TEXT_LENGTH),
  trust: new BoundedMemo(MEMO_TEXT_LENGTH),
  resource: new BoundedMemo(MEMO_TEXT_LENGTH),
};

/**
 * The policy ready for decisions, from memory when the same text was asked for lately. Texts were checked when they
 * were written, so one that cannot be read means trouble: it denies everything, because a Deny in it cannot be seen.
 */
export function parsePolicy(kind: PolicyKind, text: string): Policy {
  return memos[kind].get(text, () => compilePolicy(kind, text));
}

function compilePolicy(kind: PolicyKind, text: string): Policy {
  try {
    const { version, statements } = parsePolicyDocument(kind, text);
    return indexByAction(statements.map((statement, index) => compileStatement(statement, index, version)));
  } catch {
    return { statementsFor: () => [UNREADABLE] };
  }
}

/** What stands in for a policy that cannot be read. */
export const UNREADABLE: Statement = {
  id: 'unreadable policy',
  index: 0,
  effect: 'Deny',
  coversResource: () => true,
  conditionsHold: () => true,
};

/** Names of actions held per policy, in characters: requests ask for the same few again and again. */
const ACTION_INDEX_LENGTH = 4_000;

function indexByAction(entries: readonly CompiledStatement[]): Policy {
  const index = new BoundedMemo<readonly Statement[]>(ACTION_INDEX_LENGTH);
  const find = (action: string) =>
    entries.filter(({ coversAction }) => coversAction(action)).map(({ statement }) => statement);
  return { statementsFor: (action) => index.get(action, () => find(action)) };
}

/** A statement with the test that comes before all others. */
export interface CompiledStatement {
  /** Of an action in lower case. */
  readonly coversAction: TextTest;
  readonly statement: Statement;
}

export function compileStatement(
  statement: PolicyStatement,
  index: number,
  version: LanguageVersion,
): CompiledStatement {
  return {
    coversAction: compileActions(statement.actions),
    statement: {
      id: statement.sid || `statement ${index + 1}`,
      index,
      effect: statement.effect,
      ...(statement.principals && { namesPrincipal: compilePrincipals(statement.principals, statement.effect) }),
      coversResource: compileResources(statement, version),
      conditionsHold: compileConditions(statement.conditions, version),
    },
  };
}

function compileActions({ values, isNegated }: ListElement): TextTest {
  const lowerCase = values.map((value) => value.toLowerCase());
  const exact = new Set(lowerCase.filter((value) => !/[*?]/.test(value)));
  const patterns = lowerCase.filter((value) => /[*?]/.test(value)).map(compileWildcard);
  return (action) => (exact.has(action) || patterns.some((matches) => matches(action))) !== isNegated;
}

/**
 * A pattern whose variable has no value matches nothing. Under NotResource that would widen the statement, so there
 * only a Deny is widened and an Allow does not apply ("If AWS cannot resolve a variable, this might cause the entire
 * statement to be invalid", IAM User Guide).
 */
function compileResources(
  { resources, effect }: PolicyStatement,
  version: LanguageVersion,
): Statement['coversResource'] {
  if (!resources) return () => true;
  const tests = resources.values.map((value) => compileArnPattern(value, version, 'complete'));
  const { isNegated } = resources;
  const whenUnresolved = isNegated && effect === 'Allow';
  return (resource, context) => tests.some((test) => test(resource, context) ?? whenUnresolved) !== isNegated;
}
