import { isJsonObject } from './json-value.ts';
import type { Json, JsonObject } from './model-call.ts';
import type { UnitMeter } from './token-usage.ts';

/** Which knowledge base is asked, and which model writes; of external sources there is no knowledge base. */
export interface GenerationSource {
  readonly knowledgeBaseId?: string;
  /** ARN or id; empty when the request names none. */
  readonly modelArn: string;
  /** The model works on the question before the search, and takes it apart if it likes. */
  readonly isOrchestrated: boolean;
}

/** Reads the input of RetrieveAndGenerate. */
export function generationSource({ retrieveAndGenerateConfiguration }: JsonObject): GenerationSource {
  const { knowledgeBaseConfiguration, externalSourcesConfiguration } = objectOf(retrieveAndGenerateConfiguration);
  const ofBase = objectOf(knowledgeBaseConfiguration);
  const id = textOf(ofBase.knowledgeBaseId);
  return {
    ...(id !== '' && { knowledgeBaseId: id }),
    isOrchestrated: ofBase.orchestrationConfiguration !== undefined,
    modelArn: textOf(ofBase.modelArn) || textOf(objectOf(externalSourcesConfiguration).modelArn),
  };
}

/** The guardrails that a search, or what is written of it, is to be run with. */
export function searchGuardrails({ guardrailConfiguration, retrieveAndGenerateConfiguration }: JsonObject) {
  const { knowledgeBaseConfiguration, externalSourcesConfiguration } = objectOf(retrieveAndGenerateConfiguration);
  const ofAnswer = [knowledgeBaseConfiguration, externalSourcesConfiguration].map(
    (source) => objectOf(objectOf(source).generationConfiguration).guardrailConfiguration,
  );
  return [guardrailConfiguration, ...ofAnswer].flatMap((one) => {
    const { guardrailId, guardrailVersion } = objectOf(one);
    return guardrailId === undefined ? [] : [{ identifier: textOf(guardrailId), version: textOf(guardrailVersion) }];
  });
}

/** The question of Retrieve (`retrievalQuery`) or of RetrieveAndGenerate (`input`). */
export function questionOf({ retrievalQuery, input }: JsonObject): string {
  return textOf(objectOf(retrievalQuery ?? input).text);
}

/** What one search is metered as: rows come from structured data alone. */
export function retrievalMeter(answer: JsonObject): UnitMeter {
  return passagesOf(answer).some(({ type }) => type === 'ROW') ? 'structured_retrieval' : 'retrieval';
}

/** Contents that were found: of Retrieve all results, of RetrieveAndGenerate what its citations quote. */
export function passagesOf({ retrievalResults, citations }: JsonObject): readonly JsonObject[] {
  const quoted = objectsIn(citations).flatMap(({ retrievedReferences }) => objectsIn(retrievedReferences));
  return [...objectsIn(retrievalResults), ...quoted].map(({ content }) => objectOf(content));
}

/** What the model wrote. */
export function generatedText({ output }: JsonObject): string {
  return textOf(objectOf(output).text);
}

function objectsIn(list: Json | undefined): readonly JsonObject[] {
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
