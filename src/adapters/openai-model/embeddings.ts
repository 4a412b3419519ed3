import { type EmbeddingInput, formatEmbeddings, readEmbeddings } from '../../inference/embeddings.ts';
import { isJsonObject } from '../../inference/json-value.ts';
import type { JsonObject } from '../../inference/model-call.ts';
import type { NativeCall } from '../../inference/native-call.ts';
import { Fault } from '../../kernel/fault.ts';

/** The body of an embeddings request: as it came where the caller speaks OpenAI's dialect. Throws ValidationException. */
export function embeddingsRequest(call: NativeCall): string {
  const { dialect, body, upstreamModelId: model } = call;
  if (call.kind !== 'embedding') {
    throw new Fault('ValidationException', `an OpenAI-compatible upstream cannot run \`${call.modelId}\``);
  }
  if (dialect === 'openai') return JSON.stringify({ ...body, model });
  const { inputs, dimensions } = readEmbeddings(call);
  return JSON.stringify({
    model,
    input: inputs.map(textOrTokens),
    ...(dimensions !== undefined && { dimensions }),
    encoding_format: 'float',
  });
}

/** The answer in the call's dialect; undefined when the body is no list of vectors. */
export function embeddingsAnswer(call: NativeCall, answer: JsonObject, inputTokens: number): JsonObject | undefined {
  if (!Array.isArray(answer.data)) return undefined;
  if (call.dialect === 'openai') return answer;
  const rows = answer.data.filter(isJsonObject).sort((a, b) => Number(a.index) - Number(b.index));
  const vectors = rows.map(({ embedding }) => (Array.isArray(embedding) ? embedding.map(Number) : []));
  return formatEmbeddings(call, { vectors, inputTokens });
}

function textOrTokens({ text, tokens, image }: EmbeddingInput): string | readonly number[] {
  if (image !== undefined)
    throw new Fault('ValidationException', 'This model embeds texts alone. Leave out the image.');
  return tokens ?? text ?? '';
}
