import type { JsonObject } from './model-call.ts';
import type { TokenUsage, UnitMeter } from './token-usage.ts';

export type Units = NonNullable<TokenUsage['units']>;

/** AWS's members of a guardrail's `usage` block, in its order. */
const METERS: Readonly<Record<string, UnitMeter>> = {
  topicPolicyUnits: 'topic_policy_unit',
  contentPolicyUnits: 'content_policy_unit',
  wordPolicyUnits: 'word_policy_unit',
  sensitiveInformationPolicyUnits: 'sensitive_information_policy_unit',
  sensitiveInformationPolicyFreeUnits: 'sensitive_information_policy_free_unit',
  contextualGroundingPolicyUnits: 'contextual_grounding_policy_unit',
  contentPolicyImageUnits: 'content_policy_image',
  automatedReasoningPolicyUnits: 'automated_reasoning_policy_unit',
};

/** Characters of a text unit. */
const UNIT_CHARACTERS = 1_000;

export function textUnits(characters: number): number {
  return Math.ceil(characters / UNIT_CHARACTERS);
}

/** Policies that are charged by the text unit, but for words, which are free. */
const CHARGED_BY_TEXT: readonly UnitMeter[] = [
  'content_policy_unit',
  'topic_policy_unit',
  'sensitive_information_policy_unit',
];

/**
 * The units of a guardrail where nobody reports them: as if it had every policy, since which of them it has is not known.
 * `guarded`: texts that it looks at one by one; `sources`: what the answer must be grounded in, none where there is no answer.
 */
export function unreportedUnits(guarded: readonly string[], sources: readonly string[]): Units {
  const units = guarded.reduce((sum, text) => sum + textUnits(text.length), 0);
  const grounded = [...guarded, ...sources].reduce((sum, text) => sum + text.length, 0);
  return {
    ...(units > 0 && Object.fromEntries(CHARGED_BY_TEXT.map((meter) => [meter, units]))),
    ...(sources.length > 0 && grounded > 0 && { contextual_grounding_policy_unit: textUnits(grounded) }),
  };
}

/** Units of all `usage` blocks together; undefined where they are none. */
export function guardrailUnits(usages: Iterable<JsonObject>): Units | undefined {
  const units: Partial<Record<UnitMeter, number>> = {};
  for (const usage of usages) {
    for (const [member, meter] of Object.entries(METERS)) {
      const count = usage[member];
      if (Number.isSafeInteger(count) && (count as number) > 0) units[meter] = (units[meter] ?? 0) + (count as number);
    }
  }
  return Object.keys(units).length > 0 ? units : undefined;
}

/** A `usage` block that says so: every member that AWS requires is there. */
export function guardrailUsageBlock(units: Units): JsonObject {
  return Object.fromEntries(Object.entries(METERS).map(([member, meter]) => [member, units[meter] ?? 0]));
}
