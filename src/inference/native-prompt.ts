import { readEmbeddings } from './embeddings.ts';
import { parseJsonBody } from './native.ts';
import type { NativeKind, NativePrompt } from './native-call.ts';

/** Reads an InvokeModel body of a model whose answer is no text. Throws ValidationException. */
export function parseNativePrompt(kind: NativeKind, modelId: string, bytes: Buffer): NativePrompt {
  const body = parseJsonBody(bytes);
  if (kind === 'embedding') readEmbeddings({ modelId, dialect: 'native', body });
  return { kind, dialect: 'native', body };
}
