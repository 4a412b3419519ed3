import { isJsonObject } from '../../inference/json-value.ts';
import type { Json } from '../../inference/model-call.ts';
import type { TokenUsage, UnitMeter } from '../../inference/token-usage.ts';
import { converseUsage, type ReportedUsage } from '../../inference/vendor-usage.ts';

type Units = NonNullable<TokenUsage['units']>;

/** AWS's members of a guardrail's `usage` block. */
const METERS: Readonly<Record<string, UnitMeter>> = {
  contentPolicyUnits: 'content_policy_unit',
  contentPolicyImageUnits: 'content_policy_image',
  topicPolicyUnits: 'topic_policy_unit',
  wordPolicyUnits: 'word_policy_unit',
  sensitiveInformationPolicyUnits: 'sensitive_information_policy_unit',
  sensitiveInformationPolicyFreeUnits: 'sensitive_information_policy_free_unit',
  contextualGroundingPolicyUnits: 'contextual_grounding_policy_unit',
  automatedReasoningPolicyUnits: 'automated_reasoning_policy_unit',
};

/** What a Converse answer reports: tokens, and what its guardrails did. */
export function converseReportedUsage(usage: Json | undefined, trace: Json | undefined): ReportedUsage {
  const tokens = converseUsage(usage);
  const units = guardrailUnits(isJsonObject(trace) ? trace.guardrail : undefined);
  return units ? { ...tokens, units } : tokens;
}

/** Units of every assessment in a guardrail's trace, of the input and of the output; undefined where there are none. */
function guardrailUnits(trace: Json | undefined): Units | undefined {
  if (!isJsonObject(trace)) return undefined;
  const units: Partial<Record<UnitMeter, number>> = {};
  for (const assessment of assessmentsOf(trace.inputAssessment, trace.outputAssessments)) {
    const { invocationMetrics } = assessment;
    const usage = isJsonObject(invocationMetrics) ? invocationMetrics.usage : undefined;
    if (!isJsonObject(usage)) continue;
    for (const [member, meter] of Object.entries(METERS)) {
      const count = usage[member];
      if (Number.isSafeInteger(count) && (count as number) > 0) units[meter] = (units[meter] ?? 0) + (count as number);
    }
  }
  return Object.keys(units).length > 0 ? units : undefined;
}

/** By guardrail: one assessment of the input, and any number of the output. */
function assessmentsOf(input: Json | undefined, outputs: Json | undefined) {
  const all = [input, outputs].flatMap((byGuardrail) => (isJsonObject(byGuardrail) ? Object.values(byGuardrail) : []));
  return all.flat().filter(isJsonObject);
}
