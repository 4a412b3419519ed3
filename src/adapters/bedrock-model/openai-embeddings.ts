import { embeddedVectors, formatEmbeddings, nativeEmbeddingBodies } from '../../inference/embeddings.ts';
import type { NativeAnswer } from '../../inference/model-backend.ts';
import type { NativeCall } from '../../inference/native-call.ts';
import type { TokenUsage } from '../../inference/token-usage.ts';
import { Fault } from '../../kernel/fault.ts';
import { answerFault } from '../model-connection/upstream-fault.ts';

/** Requests for one caller's list of texts at the same time: Titan takes one text each. */
const AT_ONCE = 8;

/** The calls of InvokeModel that one request in OpenAI's words comes to. Throws ValidationException. */
export function splitEmbeddings(call: NativeCall): readonly NativeCall[] {
  return nativeEmbeddingBodies(call).map((body) => ({ ...call, dialect: 'native', body }));
}

/** Their answers as one. A failure says what the others had used by then. */
export async function joinedEmbeddings(
  call: NativeCall,
  parts: readonly NativeCall[],
  invoke: (part: NativeCall) => Promise<NativeAnswer>,
): Promise<NativeAnswer> {
  const answers: NativeAnswer[] = [];
  try {
    for (let from = 0; from < parts.length; from += AT_ONCE) {
      const settled = await Promise.allSettled(parts.slice(from, from + AT_ONCE).map(invoke));
      for (const one of settled) if (one.status === 'fulfilled') answers.push(one.value);
      const failed = settled.find((one) => one.status === 'rejected');
      if (failed) throw failed.reason;
    }
    const vectors = answers.flatMap(({ body }) => embeddedVectors(call.modelId, body) ?? []);
    const usage = summed(answers);
    if (vectors.length === 0) throw answerFault('the answer has no vectors');
    const { upstream } = answers.at(-1)!;
    return {
      body: formatEmbeddings(call, { vectors, inputTokens: usage.inputTokens }),
      usage,
      ...(upstream && { upstream }),
    };
  } catch (error) {
    if (!(error instanceof Fault) || answers.length === 0) throw error;
    throw new Fault(error.code, error.message, { ...error.fields, usage: summed(answers) });
  }
}

function summed(answers: readonly NativeAnswer[]): TokenUsage {
  return {
    inputTokens: answers.reduce((sum, { usage }) => sum + usage.inputTokens, 0),
    outputTokens: 0,
    isEstimated: answers.some(({ usage }) => usage.isEstimated),
    raw: '',
  };
}
