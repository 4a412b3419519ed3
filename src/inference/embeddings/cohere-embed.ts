import { isJsonObject } from '../json-value.ts';
import type { Json, JsonObject } from '../model-call.ts';
import { checkFields, malformedInput, objectsOf, stringsOf } from '../native/malformed-input.ts';
import { type EmbeddingInput, type NativeEmbeddingFormat, textOf } from './embedding-format.ts';

/** Texts, images or inputs of one request, at most (Bedrock User Guide, Cohere Embed, read 2026-11). */
const INPUTS_MAX = 96;

/** Cohere Embed v3 and v4. Its body has no usage: Bedrock says it in a header. */
export const cohereEmbed: NativeEmbeddingFormat = {
  read: (body) => {
    checkFields(body, {
      texts: { types: ['JSONArray'] },
      images: { types: ['JSONArray'] },
      inputs: { types: ['JSONArray'] },
      input_type: { types: ['String'], isRequired: true },
      output_dimension: { types: ['Integer'], min: 1 },
      embedding_types: { types: ['JSONArray'] },
    });
    if (body.embedding_types !== undefined) stringsOf(body.embedding_types, '#/embedding_types');
    const inputs = inputsOf(body);
    if (inputs.length === 0) throw malformedInput('#: required key [texts] not found');
    if (inputs.length > INPUTS_MAX) {
      throw malformedInput(`#/texts: expected maximum item count: ${INPUTS_MAX}, found: ${inputs.length}`);
    }
    return {
      inputs,
      ...(body.output_dimension !== undefined && { dimensions: body.output_dimension as number }),
    };
  },
  format: ({ texts, embedding_types }, { vectors }) => ({
    id: '',
    ...(embedding_types === undefined
      ? { response_type: 'embeddings_floats', embeddings: vectors }
      : { response_type: 'embeddings_by_type', embeddings: byType(vectors, embedding_types as readonly string[]) }),
    ...(texts !== undefined && { texts }),
  }),
  write: ({ inputs, dimensions }) => {
    const shared = { input_type: 'search_document', ...(dimensions !== undefined && { output_dimension: dimensions }) };
    const texts = inputs.map(textOf);
    return Array.from({ length: Math.ceil(texts.length / INPUTS_MAX) }, (_, part) => ({
      texts: texts.slice(part * INPUTS_MAX, (part + 1) * INPUTS_MAX),
      ...shared,
    }));
  },
  vectors: ({ embeddings }) => {
    const vectors = isJsonObject(embeddings) ? embeddings.float : embeddings;
    return Array.isArray(vectors) ? (vectors as readonly (readonly number[])[]) : undefined;
  },
};

function inputsOf({ texts, images, inputs }: JsonObject): EmbeddingInput[] {
  return [
    ...(texts === undefined ? [] : stringsOf(texts, '#/texts').map((text) => ({ text }))),
    ...(images === undefined ? [] : stringsOf(images, '#/images').map((image) => ({ image }))),
    ...objectsOf(inputs, '#/inputs').map(mixedInput),
  ];
}

/** An input of v4: pieces of text and images that become one vector. */
function mixedInput({ content }: JsonObject, index: number): EmbeddingInput {
  const pieces = objectsOf(content, `#/inputs/${index}/content`);
  const text = pieces.map((piece) => (typeof piece.text === 'string' ? piece.text : '')).join('');
  const image = pieces.map(({ image_url }) => imageOf(image_url)).find((found) => found !== undefined);
  return { text, ...(image !== undefined && { image }) };
}

function imageOf(imageUrl: Json | undefined): string | undefined {
  const url = isJsonObject(imageUrl) ? imageUrl.url : imageUrl;
  return typeof url === 'string' ? url : undefined;
}

function byType(vectors: readonly (readonly number[])[], types: readonly string[]): JsonObject {
  return Object.fromEntries(types.map((type) => [type, vectors.map((vector) => quantized(vector, type))]));
}

/** The smaller number types that Cohere offers; bits are packed eight to a number, the first one highest. */
function quantized(vector: readonly number[], type: string): readonly number[] {
  switch (type) {
    case 'float':
      return vector;
    case 'int8':
      return vector.map(int8);
    case 'uint8':
      return vector.map((value) => int8(value) + 128);
    case 'ubinary':
      return packedBits(vector);
    case 'binary':
      return packedBits(vector).map((bits) => bits - 128);
    default:
      throw malformedInput(`#/embedding_types: ${type.slice(0, 64)} is not a valid enum value`);
  }
}

function int8(value: number): number {
  return Math.max(-128, Math.min(127, Math.round(value * 127)));
}

function packedBits(vector: readonly number[]): number[] {
  const packed = new Array<number>(Math.ceil(vector.length / 8)).fill(0);
  for (const [index, value] of vector.entries()) if (value > 0) packed[index >> 3]! |= 128 >> (index & 7);
  return packed;
}
