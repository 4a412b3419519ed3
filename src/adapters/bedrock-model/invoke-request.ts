import { asBedrockBody } from '../../inference/anthropic-messages.ts';
import type { JsonObject, ModelCall } from '../../inference/model-call.ts';

/** What InvokeModel takes of a caller's own words; undefined where they are no words of the model. */
export function invokeBody({ original, modelId }: ModelCall): Buffer | undefined {
  if (original?.format === 'native') return original.bytes ?? jsonBytes(original.body);
  if (original?.format === 'anthropic-messages' && modelId.startsWith('anthropic.')) {
    return jsonBytes(asBedrockBody(original));
  }
  if (original?.format === 'openai-chat' && modelId.startsWith('openai.'))
    return jsonBytes(asNativeChat(original.body));
  return undefined;
}

/** Path and headers say what these members say, or nobody at Bedrock reads them; usage comes with every stream. */
function asNativeChat(body: JsonObject): JsonObject {
  const { model: _model, stream: _stream, stream_options: _options, service_tier: _tier, ...rest } = body;
  const { metadata: _metadata, store: _store, ...native } = rest;
  return native;
}

export function jsonBytes(body: JsonObject): Buffer {
  return Buffer.from(JSON.stringify(body));
}
