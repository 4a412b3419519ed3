import type { NativeAnswer } from '../../inference/model-backend.ts';
import type { NativeCall } from '../../inference/native-call.ts';
import { billedQueries, formatRerank, readRerank } from '../../inference/reranking.ts';

/** Documents by the share of the question's words that they have; equal ones in their order. */
export function simulatedRanking(call: NativeCall): NativeAnswer {
  const request = readRerank(call);
  const ranked = request.documents
    .map((document, index) => ({ index, score: sharedWords(request.query, document) }))
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, request.topN);
  const query = billedQueries(request);
  return {
    body: formatRerank(call, ranked),
    usage: {
      ...{ inputTokens: 0, outputTokens: 0, units: { query }, isEstimated: false },
      raw: JSON.stringify({ searchUnits: query }),
    },
  };
}

/** From 0 to 1. */
export function sharedWords(question: string, text: string): number {
  const asked = words(question);
  const found = words(text);
  return asked.size === 0 ? 0 : [...asked].filter((word) => found.has(word)).length / asked.size;
}

function words(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}
