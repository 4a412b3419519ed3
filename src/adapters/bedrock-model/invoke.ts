import { readMessage } from '../../inference/anthropic-messages.ts';
import type { ModelCall } from '../../inference/model-call.ts';
import { withGuardrailUnits } from './converse-usage.ts';
import type { Dialect } from './dialect.ts';
import { invokeHeaders, tierOfHeaders } from './invoke-headers.ts';
import { InvokeReader } from './invoke-reader.ts';
import { invokeBody } from './invoke-request.ts';
import { writtenText } from './native-text.ts';
import { agreedUsage, countsOfHeaders, nativeUsage } from './native-usage.ts';

/**
 * InvokeModel and its stream, for a caller whose own words the model understands: a native body, Anthropic's Messages, or
 * OpenAI's chat. Undefined where they have to be translated.
 */
export function invoke(call: ModelCall): Dialect | undefined {
  const body = invokeBody(call);
  if (!body || !call.original) return undefined;
  const {
    modelId,
    original: { format },
  } = call;
  return {
    wholeOperation: 'invoke',
    streamOperation: 'invoke-with-response-stream',
    headers: invokeHeaders(call),
    body,
    read(answer, { headers, body: bytes }) {
      const message = readMessage(answer);
      return {
        answer: {
          content: message?.content ?? [],
          stopReason: message?.stopReason ?? 'end_turn',
          original: { format, body: answer, bytes },
        },
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
