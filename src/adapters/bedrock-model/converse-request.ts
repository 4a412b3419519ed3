import type { JsonObject, ModelCall } from '../../inference/model-call.ts';
import { Fault } from '../../kernel/fault.ts';
import { requestMetadata } from './request-metadata.ts';

/**
 * The body of a Converse or ConverseStream request. A caller's own is written anew: were a member in it twice, policy and
 * budgets have seen the last of the two, and so shall AWS. Throws ValidationException.
 */
export function converseBody(call: ModelCall): Buffer {
  const members = call.original?.format === 'converse' ? call.original.body : converseRequest(call);
  try {
    return Buffer.from(JSON.stringify({ ...members, requestMetadata: requestMetadata(call) }));
  } catch (error) {
    // Unknown members may be nested beyond what can be written again.
    if (error instanceof RangeError) throw new Fault('ValidationException', 'The request is nested too deeply.');
    throw error;
  }
}

/** The members that CountTokens takes as well. */
export function countedMembers({ messages, system, toolConfig, additionalFields }: ModelCall): JsonObject {
  return {
    messages,
    ...(system.length > 0 && { system }),
    ...(toolConfig !== undefined && { toolConfig }),
    ...(Object.keys(additionalFields).length > 0 && { additionalModelRequestFields: additionalFields }),
  } as unknown as JsonObject;
}

function converseRequest(call: ModelCall): JsonObject {
  const { maxTokens, temperature, topP, stopSequences, outputConfig, guardrail, tier } = call;
  const inferenceConfig = {
    ...(maxTokens !== undefined && { maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(stopSequences !== undefined && { stopSequences }),
  };
  return {
    ...countedMembers(call),
    ...(Object.keys(inferenceConfig).length > 0 && { inferenceConfig }),
    ...(outputConfig !== undefined && { outputConfig }),
    ...(guardrail !== undefined && { guardrailConfig: guardrail }),
    ...(tier === 'latency_optimized' && { performanceConfig: { latency: 'optimized' } }),
    ...(tier !== 'latency_optimized' && tier !== 'standard' && { serviceTier: { type: tier } }),
  };
}
