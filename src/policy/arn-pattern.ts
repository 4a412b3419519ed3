import { compileParts, literalHead } from '../kernel/wildcard.ts';
import type { ConditionContext } from './context.ts';
import {
  constantParts,
  type LanguageVersion,
  parseTemplate,
  resolveTemplate,
  type Template,
} from './policy-variables.ts';

/** `arn`, partition, service, region, account, resource: the last one may hold colons. */
const SEGMENT_COUNT = 6;

/** A text cut at its first five colons; fewer than six segments: not an ARN. */
export type ArnSegments = readonly string[];

/** True, false, or undefined when a policy variable in the pattern has no value in this request. */
export type ArnTest = (arn: ArnSegments, context: ConditionContext) => boolean | undefined;

export function arnSegments(text: string): ArnSegments {
  const segments: string[] = [];
  let start = 0;
  while (segments.length < SEGMENT_COUNT - 1) {
    const colon = text.indexOf(':', start);
    if (colon < 0) break;
    segments.push(text.slice(start, colon));
    start = colon + 1;
  }
  segments.push(text.slice(start));
  return segments;
}

/**
 * The test of an ARN pattern: each of the six segments is matched by itself, so that no wildcard reaches across a colon
 * of the first five. `*` alone matches everything, ARN or not. An incomplete pattern is completed with `*` (as AWS does
 * for the Resource element) or matches nothing.
 */
export function compileArnPattern(
  pattern: string,
  version: LanguageVersion,
  incomplete: 'complete' | 'never',
): ArnTest {
  if (pattern === '*') return () => true;
  const segments = splitTemplate(parseTemplate(pattern, version));
  if (segments.length < SEGMENT_COUNT && incomplete === 'never') return () => false;
  const tests = segments.map(segmentTest).filter((one) => one !== undefined);
  // What is settled for good comes first, and of that the resource, which tells most ARNs apart.
  const ordered = [
    ...tests.filter(({ isConstant }) => isConstant).reverse(),
    ...tests.filter((one) => !one.isConstant),
  ];
  return (arn, context) => {
    if (arn.length < SEGMENT_COUNT) return false;
    for (const { index, test } of ordered) {
      const matches = test(arn[index]!, context);
      if (matches !== true) return matches;
    }
    return true;
  };
}

interface SegmentTest {
  readonly index: number;
  readonly isConstant: boolean;
  readonly test: (text: string, context: ConditionContext) => boolean | undefined;
}

/** Undefined for a segment that is `*`. */
function segmentTest(template: Template, index: number): SegmentTest | undefined {
  const constant = constantParts(template);
  if (constant?.length && constant.every(({ text, isLiteral }) => !isLiteral && /^\*+$/.test(text))) return undefined;
  if (constant) return { index, isConstant: true, test: compileParts(constant) };
  const test: SegmentTest['test'] = (text, context) => {
    const parts = resolveTemplate(template, context);
    // The test is made for these values alone, so it is made only for texts that begin as it asks.
    return parts && text.startsWith(literalHead(parts)) && compileParts(parts)(text);
  };
  return { index, isConstant: false, test };
}

/** Cuts at the first five colons of the pattern's own text; those inside a variable's name do not count. */
function splitTemplate(template: Template): Template[] {
  let current: Template[number][] = [];
  const segments: Template[] = [];
  for (const part of template) {
    if (!('text' in part) || part.isLiteral) {
      current.push(part);
      continue;
    }
    const pieces = part.text.split(':');
    const cuts = Math.min(pieces.length - 1, SEGMENT_COUNT - 1 - segments.length);
    for (const piece of pieces.slice(0, cuts)) {
      segments.push([...current, { text: piece, isLiteral: false }]);
      current = [];
    }
    current.push({ text: pieces.slice(cuts).join(':'), isLiteral: false });
  }
  segments.push(current);
  return segments;
}
