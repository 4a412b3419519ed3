import { type Units, guardrailUnits as unitsOf } from '../../inference/guardrail-usage.ts';
import { isJsonObject } from '../../inference/json-value.ts';
import type { Json, JsonObject } from '../../inference/model-call.ts';
import { converseUsage, type ReportedUsage } from '../../inference/vendor-usage.ts';

/** What a Converse answer reports: tokens, and what its guardrails did. */
export function converseReportedUsage(usage: Json | undefined, trace: Json | undefined): ReportedUsage {
  return withGuardrailUnits(converseUsage(usage), trace);
}

/** Adds what the guardrails of a `trace` did, Converse's or `amazon-bedrock-trace` of a native body. */
export function withGuardrailUnits(usage: ReportedUsage, trace: Json | undefined): ReportedUsage {
  const units = guardrailUnits(isJsonObject(trace) ? trace.guardrail : undefined);
  return units ? { ...usage, units } : usage;
}

/** Units of every assessment in a guardrail's trace, of the input and of the output; undefined where there are none. */
function guardrailUnits(trace: Json | undefined): Units | undefined {
  if (!isJsonObject(trace)) return undefined;
  return unitsOf(usageBlocks(trace));
}

/**
 * The `usage` of every assessment in a trace. Converse lists one of the input and any number of the output by guardrail,
 * native bodies the same under other names and with one more list, so they are looked for, not looked up.
 */
function usageBlocks(trace: Json, depth = 0): JsonObject[] {
  if (typeof trace !== 'object' || trace === null || depth > TRACE_DEPTH_MAX) return [];
  if (isJsonObject(trace) && isJsonObject(trace.invocationMetrics)) {
    const { usage } = trace.invocationMetrics;
    return isJsonObject(usage) ? [usage] : [];
  }
  return Object.values(trace).flatMap((member) => usageBlocks(member, depth + 1));
}

/** Assessments are four levels down. */
const TRACE_DEPTH_MAX = 6;
