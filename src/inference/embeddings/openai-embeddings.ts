import { Fault } from '../../kernel/fault.ts';
import type { Json } from '../model-call.ts';
import type { EmbeddingFormat, EmbeddingInput } from './embedding-format.ts';

/** Inputs of one request, at most (OpenAI API reference, embeddings, read 2026-11). */
const INPUTS_MAX = 2_048;

/** `POST /v1/embeddings`. OpenAI's own clients ask for base64 unless the program says `float`. */
export const openaiEmbeddings: EmbeddingFormat = {
  read: ({ input, dimensions }) => {
    const inputs = inputsOf(input);
    if (inputs === undefined || inputs.length === 0) {
      throw new Fault('ValidationException', '`input` must be a text, a list of texts, or lists of tokens');
    }
    if (inputs.length > INPUTS_MAX) {
      throw new Fault('ValidationException', `\`input\` has ${inputs.length} elements: send at most ${INPUTS_MAX}`);
    }
    if (dimensions === undefined || dimensions === null) return { inputs };
    if (!Number.isSafeInteger(dimensions) || (dimensions as number) < 1) {
      throw new Fault('ValidationException', '`dimensions` must be a whole number above zero');
    }
    return { inputs, dimensions: dimensions as number };
  },
  format: ({ model, encoding_format }, { vectors, inputTokens }) => ({
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: encoding_format === 'base64' ? base64Floats(vector) : vector,
    })),
    model: model ?? '',
    usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
  }),
};

function inputsOf(input: Json | undefined): EmbeddingInput[] | undefined {
  if (typeof input === 'string') return [{ text: input }];
  if (!Array.isArray(input)) return undefined;
  if (isTokens(input)) return [{ tokens: input }];
  if (input.every((text) => typeof text === 'string')) return input.map((text) => ({ text }));
  return input.every(isTokens) ? input.map((tokens) => ({ tokens })) : undefined;
}

function isTokens(value: Json): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((token) => Number.isSafeInteger(token));
}

/** Little-endian 32-bit floats. */
function base64Floats(vector: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
