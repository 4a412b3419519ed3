import type { JsonObject } from '../model-call.ts';
import { checkFields, malformedInput, stringsOf } from '../native/malformed-input.ts';
import { type NativeEmbeddingFormat, textOf } from './embedding-format.ts';

/** Titan Text Embeddings: one text, one vector (Bedrock User Guide, model parameters, read 2026-11). */
export const titanText: NativeEmbeddingFormat = {
  read: (body) => {
    checkFields(body, {
      inputText: { types: ['String'], isRequired: true },
      dimensions: { types: ['Integer'], min: 1 },
      embeddingTypes: { types: ['JSONArray'] },
    });
    if (body.embeddingTypes !== undefined) stringsOf(body.embeddingTypes, '#/embeddingTypes');
    return {
      inputs: [{ text: body.inputText as string }],
      ...(body.dimensions !== undefined && { dimensions: body.dimensions as number }),
    };
  },
  format: ({ embeddingTypes }, { vectors: [vector = []], inputTokens }) => ({
    embedding: vector,
    embeddingsByType: byType(vector, (embeddingTypes as readonly string[] | undefined) ?? ['float']),
    inputTextTokenCount: inputTokens,
  }),
  write: ({ inputs, dimensions }) =>
    inputs.map((input) => ({ inputText: textOf(input), ...(dimensions !== undefined && { dimensions }) })),
  vectors: vectorOf,
};

function vectorOf({ embedding }: JsonObject): readonly (readonly number[])[] | undefined {
  return Array.isArray(embedding) ? [embedding as readonly number[]] : undefined;
}

function byType(vector: readonly number[], types: readonly string[]): JsonObject {
  return {
    ...(types.includes('float') && { float: vector }),
    ...(types.includes('binary') && { binary: vector.map((value) => (value > 0 ? 1 : 0)) }),
  };
}

/** Titan Multimodal Embeddings: a text, an image, or both as one vector. */
export const titanMultimodal: NativeEmbeddingFormat = {
  read: (body) => {
    checkFields(body, {
      inputText: { types: ['String'] },
      inputImage: { types: ['String'] },
      embeddingConfig: { types: ['JSONObject'] },
    });
    const { inputText, inputImage } = body;
    if (inputText === undefined && inputImage === undefined) {
      throw malformedInput('#: required key [inputText] not found');
    }
    const config = (body.embeddingConfig ?? {}) as JsonObject;
    checkFields(config, { outputEmbeddingLength: { types: ['Integer'], min: 1 } }, '#/embeddingConfig');
    return {
      inputs: [
        {
          ...(inputText !== undefined && { text: inputText as string }),
          ...(inputImage !== undefined && { image: inputImage as string }),
        },
      ],
      ...(config.outputEmbeddingLength !== undefined && { dimensions: config.outputEmbeddingLength as number }),
    };
  },
  format: (_body, { vectors: [vector = []], inputTokens }) => ({
    embedding: vector,
    inputTextTokenCount: inputTokens,
    message: null,
  }),
  write: ({ inputs, dimensions }) =>
    inputs.map((input) => ({
      inputText: textOf(input),
      ...(dimensions !== undefined && { embeddingConfig: { outputEmbeddingLength: dimensions } }),
    })),
  vectors: vectorOf,
};
