import { isJsonObject } from '../../inference/json-value.ts';
import { generatedText } from '../../inference/knowledge-base.ts';
import type { JsonObject } from '../../inference/model-call.ts';

/** The union events of RetrieveAndGenerateStream out of a whole answer: the text, its citations, and what a guardrail did. */
export async function* generationEvents(body: JsonObject): AsyncGenerator<object> {
  yield { output: { text: generatedText(body) } };
  for (const citation of Array.isArray(body.citations) ? body.citations : []) {
    if (isJsonObject(citation)) yield { citation };
  }
  if (typeof body.guardrailAction === 'string') yield { guardrail: { action: body.guardrailAction } };
}
