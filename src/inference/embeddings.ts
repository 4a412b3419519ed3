import { Fault } from '../kernel/fault.ts';
import { cohereEmbed } from './embeddings/cohere-embed.ts';
import type {
  EmbeddingFormat,
  EmbeddingInput,
  EmbeddingRequest,
  Embeddings,
  NativeEmbeddingFormat,
} from './embeddings/embedding-format.ts';
import { openaiEmbeddings } from './embeddings/openai-embeddings.ts';
import { titanMultimodal, titanText } from './embeddings/titan-embed.ts';
import type { JsonObject } from './model-call.ts';
import type { NativeDialect } from './native-call.ts';
import type { TokenCounter } from './token-counter.ts';

export type { EmbeddingInput, EmbeddingRequest, Embeddings } from './embeddings/embedding-format.ts';

/** Whose words an embedding request is in: what its call says of it. */
export interface EmbeddingBody {
  readonly modelId: string;
  readonly dialect: NativeDialect;
  readonly body: JsonObject;
}

/** Native bodies by the beginning of a foundation model id; the first match counts. */
const FORMATS: readonly (readonly [prefix: string, format: NativeEmbeddingFormat])[] = [
  ['amazon.titan-embed-image', titanMultimodal],
  ['amazon.titan-embed', titanText],
  ['cohere.embed', cohereEmbed],
];

/** What is to be embedded. Throws ValidationException. */
export function readEmbeddings(request: EmbeddingBody): EmbeddingRequest {
  return formatOf(request).read(request.body);
}

/** The answer to a request in its own dialect. */
export function formatEmbeddings(request: EmbeddingBody, embeddings: Embeddings): JsonObject {
  return formatOf(request).format(request.body, embeddings);
}

/** The same request in the words of the model itself, in as many bodies as that takes. Throws ValidationException. */
export function nativeEmbeddingBodies(request: EmbeddingBody): readonly JsonObject[] {
  return nativeFormatOf(request.modelId).write(readEmbeddings(request));
}

/** The vectors of the model's own answer; undefined where it is none. */
export function embeddedVectors(modelId: string, answer: JsonObject): readonly (readonly number[])[] | undefined {
  return nativeFormatOf(modelId).vectors(answer);
}

/** Numbers in a vector where the request does not say: what the model makes. */
export function defaultDimensions(modelId: string): number {
  return /^(amazon\.titan-embed-(text-v1|g1)|cohere\.embed-v4|openai\.)/.test(modelId) ? 1_536 : 1_024;
}

/** Tokens of all inputs together. */
export async function countEmbeddingTokens(inputs: readonly EmbeddingInput[], counter: TokenCounter): Promise<number> {
  const given = inputs.reduce((sum, { tokens }) => sum + (tokens?.length ?? 0), 0);
  return given + (await counter.count(inputs.map(({ text }) => text ?? '')));
}

function formatOf({ dialect, modelId }: EmbeddingBody): EmbeddingFormat {
  return dialect === 'openai' ? openaiEmbeddings : nativeFormatOf(modelId);
}

function nativeFormatOf(modelId: string): NativeEmbeddingFormat {
  const match = FORMATS.find(([prefix]) => modelId.startsWith(prefix));
  if (match) return match[1];
  throw new Fault('ValidationException', `the native body of \`${modelId}\` is not supported`);
}
