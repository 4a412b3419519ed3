import { readEmbeddings } from '../../inference/embeddings.ts';
import { guardrailUnits, type Units, unreportedUnits } from '../../inference/guardrail-usage.ts';
import { imagesOf, readImages } from '../../inference/images.ts';
import { isJsonObject } from '../../inference/json-value.ts';
import {
  generatedText,
  generationSource,
  passagesOf,
  questionOf,
  retrievalMeter,
  searchGuardrails,
} from '../../inference/knowledge-base.ts';
import type { JsonObject } from '../../inference/model-call.ts';
import type { NativeCall } from '../../inference/native-call.ts';
import { billedQueries, readRerank } from '../../inference/reranking.ts';
import type { TokenCounter } from '../../inference/token-counter.ts';
import type { TokenUsage } from '../../inference/token-usage.ts';
import { completeUsage } from '../../inference/vendor-usage.ts';
import type { ReplyHeaders } from '../model-connection/reply.ts';
import { writtenText } from './native-text.ts';
import { agreedUsage, countsOfHeaders, nativeUsage } from './native-usage.ts';

/** What a call that is no conversation used. Nobody reports searches: they follow from the request. */
export async function nativeCallUsage(
  call: NativeCall,
  answer: JsonObject,
  headers: ReplyHeaders,
  counter: TokenCounter,
): Promise<TokenUsage> {
  switch (call.kind) {
    case 'embedding': {
      const reported = agreedUsage(nativeUsage(answer), countsOfHeaders(headers));
      const images = readEmbeddings(call).inputs.filter(({ image }) => image !== undefined).length;
      const known = { ...reported, outputTokens: 0, ...(images > 0 && { units: { input_image: images } }) };
      const countInput = () => counter.count([writtenText(call.body) || JSON.stringify(call.body)]);
      return completeUsage(known, countInput, async () => 0);
    }
    case 'image': {
      const images = imagesOf(answer)?.length ?? 0;
      return unitsAlone(images > 0 ? { [readImages(call.modelId, call.body).meter]: images } : {});
    }
    case 'rerank':
      return unitsAlone({ query: billedQueries(readRerank(call)) });
    case 'guardrail':
      return unitsAlone(guardrailUnits(isJsonObject(answer.usage) ? [answer.usage] : []) ?? {});
    case 'retrieval':
      return retrievalUsage(call, answer);
    case 'retrieval_and_generation':
      return generationUsage(call, answer, counter);
  }
}

function unitsAlone(units: Units): TokenUsage {
  const hasUnits = Object.keys(units).length > 0;
  return { inputTokens: 0, outputTokens: 0, ...(hasUnits && { units }), isEstimated: false, raw: '' };
}

/** The answer says nothing of what its guardrail counted: that is estimated, and flagged. */
function retrievalUsage({ body }: NativeCall, answer: JsonObject): TokenUsage {
  const guarded = searchGuardrails(body).length > 0 ? unreportedUnits([questionOf(body)], []) : {};
  const usage = unitsAlone({ [retrievalMeter(answer)]: 1, ...guarded });
  return { ...usage, isEstimated: Object.keys(guarded).length > 0 };
}

/**
 * AWS's answer says nothing of tokens, nor of what a guardrail counted: the question, what was quoted of what was found and
 * what was written are counted, and flagged. Where the model worked on the question before the search, it read that twice.
 */
async function generationUsage({ body }: NativeCall, answer: JsonObject, counter: TokenCounter): Promise<TokenUsage> {
  const passages = passagesOf(answer).map((passage) => writtenText(passage) || JSON.stringify(passage));
  const { knowledgeBaseId, isOrchestrated } = generationSource(body);
  const [question, written] = [questionOf(body), generatedText(answer)];
  const units = {
    ...(knowledgeBaseId !== undefined && { [retrievalMeter(answer)]: 1 }),
    ...(searchGuardrails(body).length > 0 && unreportedUnits([question, written], passages)),
  };
  return {
    inputTokens: await counter.count([question, ...(isOrchestrated ? [question] : []), ...passages]),
    outputTokens: await counter.count([written]),
    ...(Object.keys(units).length > 0 && { units }),
    isEstimated: true,
    raw: '',
  };
}
