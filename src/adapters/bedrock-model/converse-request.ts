import type { JsonObject, ModelCall } from '../../inference/model-call.ts';
import { requestMetadata } from './request-metadata.ts';

/** The body of a Converse or ConverseStream request. */
export function converseBody(call: ModelCall): Buffer {
  return Buffer.from(JSON.stringify({ ...converseRequest(call), requestMetadata: requestMetadata(call) }));
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
