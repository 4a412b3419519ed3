import { createHash } from 'node:crypto';
import { questionOf } from '../../inference/knowledge-base.ts';
import type { JsonObject } from '../../inference/model-call.ts';
import { sharedWords } from './simulated-ranking.ts';

export interface SimulatedKnowledgeBase {
  readonly documents: readonly { readonly uri: string; readonly text: string }[];
  /** True: its passages are rows of a table. */
  readonly isStructured?: boolean;
}

/** What a knowledge base holds that nobody configured. */
const SAMPLE: SimulatedKnowledgeBase = {
  documents: [
    { uri: 's3://sample/holidays.txt', text: 'Everybody has thirty days of paid holidays a year.' },
    { uri: 's3://sample/expenses.txt', text: 'Expenses are paid back with the next salary.' },
    { uri: 's3://sample/remote-work.txt', text: 'Remote work is agreed with the team.' },
  ],
};

const RESULTS_DEFAULT = 5;

export type KnowledgeBases = Readonly<Record<string, SimulatedKnowledgeBase>>;

/** The results of Retrieve: documents by the share of the question's words that they have. */
export function simulatedPassages(
  body: JsonObject,
  knowledgeBaseId: string,
  bases: KnowledgeBases,
  limit = RESULTS_DEFAULT,
): JsonObject[] {
  const { documents, isStructured = false } = Object.hasOwn(bases, knowledgeBaseId) ? bases[knowledgeBaseId]! : SAMPLE;
  const question = questionOf(body);
  return documents
    .map(({ uri, text }) => ({ uri, text, score: sharedWords(question, text) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ uri, text, score }) => ({
      content: isStructured
        ? { type: 'ROW', row: [{ columnName: 'text', columnValue: text, type: 'STRING' }] }
        : { type: 'TEXT', text },
      location: { type: 'S3', s3Location: { uri } },
      score,
    }));
}

/** The answer of RetrieveAndGenerate, cited as a whole. */
export function simulatedGeneration(body: JsonObject, text: string, passages: readonly JsonObject[]): JsonObject {
  const { sessionId = createHash('sha256').update(questionOf(body)).digest('hex').slice(0, 32) } = body;
  const part = { textResponsePart: { text, span: { start: 0, end: Math.max(0, text.length - 1) } } };
  const references = passages.map(({ content, location }) => ({ content: content!, location: location! }));
  return {
    sessionId,
    output: { text },
    citations: references.length === 0 ? [] : [{ generatedResponsePart: part, retrievedReferences: references }],
  };
}
