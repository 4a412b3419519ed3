import { asBedrockBody, readMessage } from '../../inference/anthropic-messages.ts';
import type { JsonObject, ModelCall, OriginalBody } from '../../inference/model-call.ts';
import { withGuardrailUnits } from './converse-usage.ts';
import type { Dialect } from './dialect.ts';
import { invokeHeaders, tierOfHeaders } from './invoke-headers.ts';
import { InvokeReader } from './invoke-reader.ts';
import { writtenText } from './native-text.ts';
import { agreedUsage, countsOfHeaders, nativeUsage } from './native-usage.ts';

/**
 * InvokeModel and its stream, for a caller whose own words the model understands: a native body, Anthropic's Messages, or
 * OpenAI's chat. Undefined where they have to be translated.
 */
export function invoke(call: ModelCall): Dialect | undefined {
  const { original, modelId } = call;
  const body = original && invokeBody(original, modelId);
  if (!original || !body) return undefined;
  const { format } = original;
  return {
    wholeOperation: 'invoke',
    streamOperation: 'invoke-with-response-stream',
    headers: invokeHeaders(call),
    body,
    read(answer, { headers, body: bytes }) {
      const message = readMessage(answer);
      return {
        content: message?.content ?? [],
        stopReason: message?.stopReason ?? 'end_turn',
        original: { format, body: answer, bytes },
        reported: withGuardrailUnits(
          agreedUsage(nativeUsage(answer), countsOfHeaders(headers)),
          answer['amazon-bedrock-trace'],
        ),
        written: [{ text: writtenText(answer) }],
        tier: tierOfHeaders(headers) ?? message?.tier,
      };
    },
    reader: (emit) => new InvokeReader(format, modelId, emit),
  };
}

function invokeBody(original: OriginalBody, modelId: string): Buffer | undefined {
  if (original.format === 'native') return original.bytes ?? jsonBytes(original.body);
  if (original.format === 'anthropic-messages' && modelId.startsWith('anthropic.')) {
    return jsonBytes(asBedrockBody(original));
  }
  if (original.format === 'openai-chat' && modelId.startsWith('openai.')) {
    // The path says the first two; usage comes with every stream.
    const { model: _model, stream: _stream, stream_options: _options, ...body } = original.body;
    return jsonBytes(body);
  }
  return undefined;
}

function jsonBytes(body: JsonObject): Buffer {
  return Buffer.from(JSON.stringify(body));
}
