import { Fault } from '../kernel/fault.ts';
import { isJsonObject } from './json-value.ts';
import type { Json, JsonObject } from './model-call.ts';
import { checkFields, malformedInput, objectsOf } from './native/malformed-input.ts';
import type { NativeCall } from './native-call.ts';

/** Documents to be put in the order in which they answer a question. */
export interface RerankRequest {
  readonly query: string;
  readonly documents: readonly string[];
  /** How many come back. */
  readonly topN: number;
}

/** One document of the answer, the most relevant first. */
export interface RankedDocument {
  /** Place in the request. */
  readonly index: number;
  readonly score: number;
}

/** Documents that one query pays for (AWS pricing page, read 2026-11; how longer documents count is not published). */
const DOCUMENTS_PER_QUERY = 100;

type Dialect = Pick<NativeCall, 'dialect' | 'body'>;

/** Throws ValidationException. */
export function readRerank({ dialect, body }: Dialect): RerankRequest {
  return dialect === 'operation' ? readOperation(body) : readNative(body);
}

/** The answer to a request in its own dialect. */
export function formatRerank({ dialect, body }: Dialect, ranked: readonly RankedDocument[]): JsonObject {
  if (dialect !== 'operation')
    return { results: ranked.map(({ index, score }) => ({ index, relevance_score: score })) };
  const sources = objectsOf(body.sources, '#/sources');
  return {
    results: ranked.map(({ index, score }) => {
      const document = sources[index]!.inlineDocumentSource;
      return { index, relevanceScore: score, ...(isJsonObject(document) && { document }) };
    }),
  };
}

export function billedQueries({ documents }: RerankRequest): number {
  return Math.ceil(documents.length / DOCUMENTS_PER_QUERY);
}

/** The body that Amazon's and Cohere's rerankers take on InvokeModel. */
function readNative(body: JsonObject): RerankRequest {
  checkFields(body, {
    query: { types: ['String'], isRequired: true },
    documents: { types: ['JSONArray'], isRequired: true },
    top_n: { types: ['Integer'], min: 1 },
  });
  const documents = (body.documents as readonly Json[]).map(documentText);
  if (documents.length === 0) throw malformedInput('#/documents: expected minimum item count: 1, found: 0');
  return { query: body.query as string, documents, topN: limit(body.top_n, documents) };
}

/** The input of Bedrock Agent Runtime's Rerank. */
function readOperation({ queries, sources, rerankingConfiguration }: JsonObject): RerankRequest {
  const [query] = objectsOf(queries, '#/queries');
  const texts = objectsOf(sources, '#/sources').map(({ inlineDocumentSource }) => {
    const { textDocument, jsonDocument } = isJsonObject(inlineDocumentSource) ? inlineDocumentSource : {};
    return documentText((isJsonObject(textDocument) ? textDocument.text : jsonDocument) ?? '');
  });
  const text = isJsonObject(query?.textQuery) ? query.textQuery.text : undefined;
  if (typeof text !== 'string' || texts.length === 0) {
    throw new Fault('ValidationException', 'The request needs a text query and at least one source.');
  }
  const settings = isJsonObject(rerankingConfiguration) ? rerankingConfiguration.bedrockRerankingConfiguration : {};
  return {
    query: text,
    documents: texts,
    topN: limit(isJsonObject(settings) ? settings.numberOfResults : undefined, texts),
  };
}

function documentText(document: Json): string {
  return typeof document === 'string' ? document : JSON.stringify(document);
}

function limit(asked: Json | undefined, documents: readonly string[]): number {
  return Math.min(typeof asked === 'number' ? asked : documents.length, documents.length);
}
