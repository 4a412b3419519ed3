import { asBedrockBody } from '../../inference/anthropic-messages.ts';
import type { JsonObject, ModelCall } from '../../inference/model-call.ts';
import { countedMembers } from './converse-request.ts';
import { invokeBody, jsonBytes } from './invoke-request.ts';

/** The body of a CountTokens request: of the native body that a call would send, else of its Converse request. */
export function countTokensBody(call: ModelCall): Buffer {
  const body = countedBody(call);
  const input = body ? { invokeModel: { body: body.toString('base64') } } : { converse: countedMembers(call) };
  return jsonBytes({ input });
}

/** Anthropic's API counts without a limit; Bedrock wants the body of a call, which has one. */
function countedBody(call: ModelCall): Buffer | undefined {
  const { original, modelId } = call;
  if (original?.format !== 'anthropic-messages' || !modelId.startsWith('anthropic.')) return invokeBody(call);
  const body: JsonObject = asBedrockBody(original);
  return jsonBytes({ max_tokens: 1, ...body });
}
