import { isJsonObject } from '../../inference/json-value.ts';
import type { Json, JsonObject } from '../../inference/model-call.ts';
import type { NativeCall } from '../../inference/native-call.ts';
import type { TokenCounter } from '../../inference/token-counter.ts';
import type { TokenUsage } from '../../inference/token-usage.ts';
import { completeUsage, type ReportedUsage } from '../../inference/vendor-usage.ts';
import { Fault } from '../../kernel/fault.ts';
import type { ReplyHeaders } from '../model-connection/reply.ts';
import { writtenText } from './native-text.ts';
import { agreedUsage, countsOfHeaders, nativeUsage } from './native-usage.ts';

/** The body of InvokeModel for an embedding, an image or a ranking. Throws ValidationException. */
export function nativeCallBody({ dialect, body, modelId }: NativeCall): Buffer {
  if (dialect === 'native') return Buffer.from(JSON.stringify(body));
  throw new Fault('ValidationException', `\`${modelId}\` at Amazon Bedrock is called with InvokeModel only`);
}

/** Nothing is written but pictures: output is zero where nobody says otherwise, input is counted where nobody says. */
export async function nativeCallUsage(
  call: NativeCall,
  answer: JsonObject,
  headers: ReplyHeaders,
  counter: TokenCounter,
): Promise<TokenUsage> {
  const reported = agreedUsage(nativeUsage(answer), countsOfHeaders(headers));
  const images = call.kind === 'image' ? picturesIn(answer) : 0;
  const known: ReportedUsage = {
    ...reported,
    outputTokens: reported.outputTokens ?? 0,
    // Pictures are billed by the piece, so that tokens nobody counts are none.
    ...(images > 0 && { inputTokens: reported.inputTokens ?? 0, units: { image: images } }),
  };
  return completeUsage(
    known,
    () => counter.count([writtenText(call.body) || JSON.stringify(call.body)]),
    async () => 0,
  );
}

/** Amazon's and Stability's newer models list `images`, Stability's older ones `artifacts`. */
function picturesIn({ images, artifacts }: JsonObject): number {
  const pictures: Json | undefined = images ?? artifacts;
  return Array.isArray(pictures)
    ? pictures.filter((picture) => typeof picture === 'string' || isJsonObject(picture)).length
    : 0;
}
