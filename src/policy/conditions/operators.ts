import { compileParts, type PatternPart, type TextTest } from '../../kernel/wildcard.ts';
import { arnSegments, compileArnPattern } from '../arn-pattern.ts';
import type { ConditionContext } from '../context.ts';
import { constantParts, type LanguageVersion, parseTemplate, resolveTemplate } from '../policy-variables.ts';
import { parseDateTime } from './date-time.ts';
import { isInIpRange, parseIpAddress, parseIpRange } from './ip-address.ts';

/** Whether one value of the request meets one value of the policy. */
export type ValueTest = (actual: string, context: ConditionContext) => boolean;

export interface ConditionOperator {
  /** The operator holds when no value of the policy is met, instead of when one is. */
  readonly isNegated: boolean;
  readonly compile: (expected: string, version: LanguageVersion) => ValueTest;
}

type Compile = ConditionOperator['compile'];

/** Policy variables are replaced in string and ARN operators only; elsewhere `${...}` is text that never compares. */
function textOperator(prepare: (parts: readonly PatternPart[]) => TextTest): Compile {
  return (expected, version) => {
    const template = parseTemplate(expected, version);
    const constant = constantParts(template);
    if (constant) return prepare(constant);
    return (actual, context) => {
      const parts = resolveTemplate(template, context);
      return parts !== undefined && prepare(parts)(actual);
    };
  };
}

function plainText(parts: readonly PatternPart[]): string {
  return parts.map((part) => part.text).join('');
}

const stringEquals = textOperator((parts) => {
  const expected = plainText(parts);
  return (actual) => actual === expected;
});

const stringEqualsIgnoreCase = textOperator((parts) => {
  const expected = plainText(parts).toLowerCase();
  return (actual) => actual.toLowerCase() === expected;
});

const stringLike = textOperator(compileParts);

const arnLike: Compile = (expected, version) => {
  const test = compileArnPattern(expected, version, 'never');
  return (actual, context) => test(arnSegments(actual), context) === true;
};

/** A value that does not parse, in the policy or the request, compares with nothing. */
function orderOperator(
  parse: (text: string) => number | undefined,
  holds: (actual: number, expected: number) => boolean,
): Compile {
  return (expectedText) => {
    const expected = parse(expectedText);
    return (actualText) => {
      const actual = parse(actualText);
      return actual !== undefined && expected !== undefined && holds(actual, expected);
    };
  };
}

function parseNumber(text: string): number | undefined {
  return /^[+-]?\d{1,30}(\.\d{1,30})?$/.test(text) ? Number(text) : undefined;
}

const bool: Compile = (expected) => {
  const wanted = expected.toLowerCase();
  if (wanted !== 'true' && wanted !== 'false') return () => false;
  return (actual) => actual.toLowerCase() === wanted;
};

/** Both sides are base64; the bytes are compared. */
const binaryEquals: Compile = (expected) => {
  const bytes = Buffer.from(expected, 'base64');
  return (actual) => bytes.equals(Buffer.from(actual, 'base64'));
};

const ipAddress: Compile = (expected) => {
  const range = parseIpRange(expected);
  return (actual) => {
    const address = parseIpAddress(actual);
    return address !== undefined && range !== undefined && isInIpRange(address, range);
  };
};

function positive(compile: Compile): ConditionOperator {
  return { isNegated: false, compile };
}

function negated(compile: Compile): ConditionOperator {
  return { isNegated: true, compile };
}

function orderOperators(family: string, parse: (text: string) => number | undefined): [string, ConditionOperator][] {
  const equals = orderOperator(parse, (actual, expected) => actual === expected);
  return [
    [`${family}Equals`, positive(equals)],
    [`${family}NotEquals`, negated(equals)],
    [`${family}LessThan`, positive(orderOperator(parse, (actual, expected) => actual < expected))],
    [`${family}LessThanEquals`, positive(orderOperator(parse, (actual, expected) => actual <= expected))],
    [`${family}GreaterThan`, positive(orderOperator(parse, (actual, expected) => actual > expected))],
    [`${family}GreaterThanEquals`, positive(orderOperator(parse, (actual, expected) => actual >= expected))],
  ];
}

/**
 * Every operator that compares values, by AWS's name (IAM User Guide, "Condition operators"). `Null` compares nothing
 * and is known to `conditions.ts` alone, like the set prefixes and `IfExists`.
 */
export const CONDITION_OPERATORS: ReadonlyMap<string, ConditionOperator> = new Map([
  ['StringEquals', positive(stringEquals)],
  ['StringNotEquals', negated(stringEquals)],
  ['StringEqualsIgnoreCase', positive(stringEqualsIgnoreCase)],
  ['StringNotEqualsIgnoreCase', negated(stringEqualsIgnoreCase)],
  ['StringLike', positive(stringLike)],
  ['StringNotLike', negated(stringLike)],
  ...orderOperators('Numeric', parseNumber),
  ...orderOperators('Date', parseDateTime),
  ['Bool', positive(bool)],
  ['BinaryEquals', positive(binaryEquals)],
  ['IpAddress', positive(ipAddress)],
  ['NotIpAddress', negated(ipAddress)],
  ['ArnEquals', positive(arnLike)],
  ['ArnLike', positive(arnLike)],
  ['ArnNotEquals', negated(arnLike)],
  ['ArnNotLike', negated(arnLike)],
]);

/** Whether policy variables are replaced in the operator's values; its name as written, with prefix and `IfExists`. */
export function isVariableOperator(name: string): boolean {
  return /^(?:ForA(?:ll|ny)Values?:)?(?:String|Arn)/.test(name);
}
