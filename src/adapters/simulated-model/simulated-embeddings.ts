import { createHash } from 'node:crypto';
import {
  countEmbeddingTokens,
  defaultDimensions,
  formatEmbeddings,
  readEmbeddings,
} from '../../inference/embeddings.ts';
import type { JsonObject } from '../../inference/model-call.ts';
import type { NativeCall } from '../../inference/native-call.ts';
import type { TokenCounter } from '../../inference/token-counter.ts';
import type { TokenUsage } from '../../inference/token-usage.ts';

/** Longest vector that is made. */
const DIMENSIONS_MAX = 4_096;

/** Vectors of length one: the same input, the same vector. `askedTokens` stands in for the count of all inputs. */
export async function simulatedEmbeddings(
  call: NativeCall,
  counter: TokenCounter,
  askedTokens: number | undefined,
): Promise<{ readonly body: JsonObject; readonly usage: TokenUsage }> {
  const { inputs, dimensions = defaultDimensions(call.modelId) } = readEmbeddings(call);
  const inputTokens = askedTokens ?? (await countEmbeddingTokens(inputs, counter));
  const length = Math.min(dimensions, DIMENSIONS_MAX);
  const vectors = inputs.map((input) => unitVector(JSON.stringify([call.modelId, input]), length));
  const images = inputs.filter(({ image }) => image !== undefined).length;
  return {
    body: formatEmbeddings(call, { vectors, inputTokens }),
    usage: {
      inputTokens,
      outputTokens: 0,
      ...(images > 0 && { units: { input_image: images } }),
      isEstimated: false,
      raw: JSON.stringify({ inputTokens, ...(images > 0 && { images }) }),
    },
  };
}

/** Bytes of repeated digests as numbers, scaled to length one. */
function unitVector(seed: string, length: number): number[] {
  const bytes: number[] = [];
  for (let block = 0; bytes.length < length; block++) {
    bytes.push(...createHash('sha256').update(`${block}/${seed}`).digest());
  }
  const values = bytes.slice(0, length).map((byte) => byte - 127.5);
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
}
