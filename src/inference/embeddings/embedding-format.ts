import { Fault } from '../../kernel/fault.ts';
import type { JsonObject } from '../model-call.ts';

/** One thing that becomes one vector: a text, an image, or both. */
export interface EmbeddingInput {
  readonly text?: string;
  /** Base64. */
  readonly image?: string;
  /** A text that the caller has already cut into tokens of the model's own vocabulary; then there is no text. */
  readonly tokens?: readonly number[];
}

/** What every embedding request comes to, whatever its dialect. */
export interface EmbeddingRequest {
  /** At least one. */
  readonly inputs: readonly EmbeddingInput[];
  /** Numbers in a vector. Absent: as many as the model makes. */
  readonly dimensions?: number;
}

export interface Embeddings {
  /** One for each input, in their order. */
  readonly vectors: readonly (readonly number[])[];
  readonly inputTokens: number;
}

/** One vendor's request and answer. */
export interface EmbeddingFormat {
  /** Throws ValidationException. */
  readonly read: (body: JsonObject) => EmbeddingRequest;
  readonly format: (body: JsonObject, embeddings: Embeddings) => JsonObject;
}

/** One that a model speaks on InvokeModel: requests can be put to it, too. */
export interface NativeEmbeddingFormat extends EmbeddingFormat {
  /** As many requests as it takes; their vectors together are the inputs' in order. Throws ValidationException. */
  readonly write: (request: EmbeddingRequest) => readonly JsonObject[];
  /** Undefined for what is no answer. */
  readonly vectors: (answer: JsonObject) => readonly (readonly number[])[] | undefined;
}

/** Throws for tokens, which only their own vocabulary can read. */
export function textOf({ text, tokens }: EmbeddingInput): string {
  if (tokens === undefined) return text ?? '';
  throw new Fault('ValidationException', 'This model does not take tokens. Send the text.');
}
