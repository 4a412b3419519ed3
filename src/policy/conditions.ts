import { CONDITION_OPERATORS, type ConditionOperator, type ValueTest } from './conditions/operators.ts';
import type { ConditionContext } from './context.ts';
import type { LanguageVersion } from './policy-variables.ts';

/** One line of a Condition block: `"StringEquals": {"aws:PrincipalTag/team": ["red", "blue"]}`. */
export interface ConditionEntry {
  /** As written, with its set prefix and `IfExists`. */
  readonly operator: string;
  readonly key: string;
  /** One of them is enough; for a negated operator none may be met. */
  readonly values: readonly string[];
}

export type ConditionTest = (context: ConditionContext) => boolean;

/** How an operator treats the several values of a multi-valued key. */
type SetPrefix = 'ForAllValues' | 'ForAnyValue';

interface OperatorName {
  readonly setPrefix?: SetPrefix;
  readonly base: string;
  readonly ifExists: boolean;
}

/** All entries must hold; no entry always holds. */
export function compileConditions(entries: readonly ConditionEntry[], version: LanguageVersion): ConditionTest {
  const tests = entries.map((entry) => compileEntry(entry, version));
  if (tests.length === 0) return () => true;
  return (context) => tests.every((test) => test(context));
}

/** Letter case counts in operator names. `IfExists` cannot follow `Null`, which asks for existence itself. */
export function isConditionOperator(name: string): boolean {
  const { base, ifExists } = splitOperatorName(name);
  return base === 'Null' ? !ifExists : CONDITION_OPERATORS.has(base);
}

function splitOperatorName(name: string): OperatorName {
  const match = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/s.exec(name)!;
  const [, setPrefix, base, ifExists] = match;
  return { ...(setPrefix && { setPrefix: setPrefix as SetPrefix }), base: base!, ifExists: ifExists !== undefined };
}

function compileEntry(entry: ConditionEntry, version: LanguageVersion): ConditionTest {
  const { setPrefix, base, ifExists } = splitOperatorName(entry.operator);
  const key = entry.key.toLowerCase();
  if (base === 'Null') return compileNull(key, entry.values);
  const operator = CONDITION_OPERATORS.get(base);
  if (!operator) throw new TypeError(`not a condition operator: ${entry.operator}`);
  const tests = entry.values.map((value) => operator.compile(value, version));
  const whenMissing = missingResult(operator, setPrefix, ifExists);
  return (context) => {
    const actual = context.get(key);
    if (!actual || actual.length === 0) return whenMissing;
    // "Or if the key values resolve to a null data set, such as an empty string" (IAM User Guide, set operators).
    if (setPrefix === 'ForAllValues' && actual.every((value) => value === '')) return true;
    return holds(operator, setPrefix, tests, actual, context);
  };
}

/**
 * The result for a key that the request does not have (IAM User Guide, "Condition operators" and "Set operators").
 * `IfExists` does not help ForAnyValue, which needs a value that passes (iam.cloudcopilot.io, checked 2026-11).
 */
function missingResult(operator: ConditionOperator, setPrefix: SetPrefix | undefined, ifExists: boolean): boolean {
  if (setPrefix === 'ForAllValues') return true;
  if (setPrefix === 'ForAnyValue') return false;
  return ifExists || operator.isNegated;
}

/**
 * Without a set prefix AWS leaves several request values undefined; here a positive operator holds when any of them
 * passes, and a negated one is its exact opposite.
 */
function holds(
  operator: ConditionOperator,
  setPrefix: SetPrefix | undefined,
  tests: readonly ValueTest[],
  actual: readonly string[],
  context: ConditionContext,
): boolean {
  const passes = (value: string) => tests.some((test) => test(value, context)) !== operator.isNegated;
  if (setPrefix === 'ForAnyValue') return actual.some(passes);
  if (setPrefix === 'ForAllValues' || operator.isNegated) return actual.every(passes);
  return actual.some(passes);
}

/** `true`: the key must be absent; `false`: it must be there. */
function compileNull(key: string, values: readonly string[]): ConditionTest {
  const accepted = new Set(values.map((value) => value.toLowerCase()));
  return (context) => accepted.has(String(!context.get(key)?.length));
}
