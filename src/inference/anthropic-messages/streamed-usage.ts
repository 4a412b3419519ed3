import { isJsonObject } from '../json-value.ts';
import type { Json, JsonObject } from '../model-call.ts';
import { anthropicUsage, type ReportedUsage } from '../vendor-usage.ts';

/**
 * What a stream reported: the input of `message_start` overlaid with the counts of the last `message_delta`, which are of
 * the whole call and never added up. The output that `message_start` names is not yet the call's. A count that is absent
 * or null says nothing; zero says zero. One that has become smaller contradicts itself: the larger is kept and the usage
 * flagged.
 */
export function streamedUsage(started: Json | undefined, lastDelta: Json | undefined): ReportedUsage {
  const { output_tokens: _begun, ...input } = isJsonObject(started) ? started : {};
  if (!isJsonObject(lastDelta)) return anthropicUsage(started && input);
  const { usage, hasShrunk } = overlay(input, lastDelta);
  const reported = anthropicUsage(usage);
  return { ...reported, isEstimated: reported.isEstimated || hasShrunk };
}

function overlay(first: JsonObject, later: JsonObject): { readonly usage: JsonObject; readonly hasShrunk: boolean } {
  const usage: Record<string, Json> = { ...first };
  let hasShrunk = false;
  for (const [name, value] of Object.entries(later)) {
    const before = first[name];
    if (value === null) continue;
    if (typeof value === 'number' && typeof before === 'number' && value < before) hasShrunk = true;
    else if (isJsonObject(value) && isJsonObject(before)) {
      const inner = overlay(before, value);
      usage[name] = inner.usage;
      hasShrunk ||= inner.hasShrunk;
    } else usage[name] = value;
  }
  return { usage, hasShrunk };
}
