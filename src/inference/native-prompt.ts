import { readEmbeddings } from './embeddings.ts';
import { readImages } from './images.ts';
import { parseJsonBody } from './native.ts';
import type { ModelKind, NativePrompt } from './native-call.ts';
import { readRerank } from './reranking.ts';

/** Reads an InvokeModel body of a model whose answer is no text. Throws ValidationException. */
export function parseNativePrompt(kind: ModelKind, modelId: string, bytes: Buffer): NativePrompt {
  const body = parseJsonBody(bytes);
  const prompt = { kind, dialect: 'native', body } as const;
  if (kind === 'embedding') readEmbeddings({ ...prompt, modelId });
  if (kind === 'image') readImages(modelId, body);
  if (kind === 'rerank') readRerank(prompt);
  return prompt;
}
