import { guardrailUsageBlock } from '../../inference/guardrail-usage.ts';
import { isJsonObject } from '../../inference/json-value.ts';
import { generationSource, questionOf, retrievalMeter } from '../../inference/knowledge-base.ts';
import type { ModelAnswer, NativeAnswer } from '../../inference/model-backend.ts';
import type { JsonObject, ModelCall } from '../../inference/model-call.ts';
import type { NativeCall } from '../../inference/native-call.ts';
import type { TokenCounter } from '../../inference/token-counter.ts';
import { simulatedEmbeddings } from './simulated-embeddings.ts';
import { applyGuardrail, type Guardrails, guardrailNamed } from './simulated-guardrail.ts';
import { simulatedImages } from './simulated-images.ts';
import { type KnowledgeBases, simulatedGeneration, simulatedPassages } from './simulated-knowledge-base.ts';
import { simulatedRanking } from './simulated-ranking.ts';

export interface InvocationParts {
  readonly counter: TokenCounter;
  readonly guardrails: Guardrails;
  readonly knowledgeBases: KnowledgeBases;
  /** Has the model write. */
  readonly complete: (call: ModelCall) => Promise<ModelAnswer>;
}

/** Answers a call whose answer is no conversation. `inputTokens` stands in for the count of what is embedded. */
export async function simulatedInvocation(
  call: NativeCall,
  parts: InvocationParts,
  inputTokens: number | undefined,
): Promise<NativeAnswer> {
  switch (call.kind) {
    case 'embedding':
      return simulatedEmbeddings(call, parts.counter, inputTokens);
    case 'image':
      return simulatedImages(call);
    case 'rerank':
      return simulatedRanking(call);
    case 'guardrail':
      return guarded(call, parts.guardrails);
    case 'retrieval':
      return retrieved(call, parts.knowledgeBases);
    case 'retrieval_and_generation':
      return generated(call, parts);
  }
}

/** The answer of ApplyGuardrail. */
function guarded({ body }: NativeCall, guardrails: Guardrails): NativeAnswer {
  const guardrail = guardrailNamed(guardrails, String(body.guardrailIdentifier));
  const applied = applyGuardrail(guardrail, guardedTexts(body), body.source === 'OUTPUT' ? 'OUTPUT' : 'INPUT');
  const hasIntervened = applied.isBlocked || applied.isMasked;
  const usage = guardrailUsageBlock(applied.units);
  return {
    body: {
      usage,
      action: hasIntervened ? 'GUARDRAIL_INTERVENED' : 'NONE',
      ...(hasIntervened && { actionReason: applied.isBlocked ? 'Guardrail blocked.' : 'Guardrail masked.' }),
      outputs: hasIntervened ? applied.texts.map((text) => ({ text })) : [],
      assessments: [applied.assessment],
    },
    usage: { inputTokens: 0, outputTokens: 0, units: applied.units, isEstimated: false, raw: JSON.stringify(usage) },
  };
}

function guardedTexts({ content }: JsonObject): string[] {
  const blocks = Array.isArray(content) ? content.filter(isJsonObject) : [];
  return blocks.flatMap(({ text }) => (isJsonObject(text) && typeof text.text === 'string' ? [text.text] : []));
}

function retrieved({ body }: NativeCall, bases: KnowledgeBases): NativeAnswer {
  const { vectorSearchConfiguration } = isJsonObject(body.retrievalConfiguration) ? body.retrievalConfiguration : {};
  const search = isJsonObject(vectorSearchConfiguration) ? vectorSearchConfiguration : {};
  const limit = typeof search.numberOfResults === 'number' ? search.numberOfResults : undefined;
  const answer = { retrievalResults: simulatedPassages(body, String(body.knowledgeBaseId), bases, limit) };
  const units = { [retrievalMeter(answer)]: 1 };
  return { body: answer, usage: { inputTokens: 0, outputTokens: 0, units, isEstimated: false, raw: '' } };
}

/** What was found goes to the model with the question. */
async function generated(call: NativeCall, { complete, knowledgeBases }: InvocationParts): Promise<NativeAnswer> {
  const { kind: _, dialect: __, body, ...facts } = call;
  const { knowledgeBaseId } = generationSource(body);
  const passages = knowledgeBaseId === undefined ? [] : simulatedPassages(body, knowledgeBaseId, knowledgeBases);
  const found = passages.map(({ content }) => JSON.stringify(content)).join('\n');
  const question = { role: 'user', content: [{ text: questionOf(body) }] } as const;
  const { content, usage } = await complete({
    ...facts,
    ...{ messages: [question], system: found === '' ? [] : [{ text: found }], additionalFields: {} },
  });
  const text = content.map((block) => (typeof block.text === 'string' ? block.text : '')).join('');
  const answer = simulatedGeneration(body, text, passages);
  return { body: answer, usage: knowledgeBaseId === undefined ? usage : { ...usage, units: searched(answer) } };
}

function searched(answer: JsonObject) {
  return { [retrievalMeter(answer)]: 1 };
}
