import { readEmbeddings } from '../inference/embeddings.ts';
import { guardrailOf, namedGuardrail } from '../inference/guardrail-headers.ts';
import type { ModelAnswer, ModelEvent } from '../inference/model-backend.ts';
import type { BodyFormat, JsonObject, ModelPrompt } from '../inference/model-call.ts';
import { nativeKindOf } from '../inference/model-catalog.ts';
import { tierContext } from '../inference/service-tier.ts';
import type { CallableModelParts } from '../paths/callable-models.ts';
import type { AnswerFacts, InferenceHandler, InferenceTable, StreamFacts } from '../paths/inference-handler.ts';
import type { OperationTable } from '../paths/operation-handler.ts';
import { tokenCountHeaders } from '../paths/token-count-headers.ts';
import { WordedBody } from '../wire/encode.ts';
import type { ServerSentEvent } from '../wire/server-sent-event.ts';
import { chatEvents, formatChatCompletion } from './openai/chat-answer.ts';
import { readChatPrompt } from './openai/chat-prompt.ts';
import { invalidRequest, requireShallow } from './openai/invalid-request.ts';
import { modelOperations } from './openai/models.ts';
import { type OpenAiInput, requestFacts, tierNamed } from './openai/request-facts.ts';
import { formatResponse, responseEvents } from './openai/responses-answer.ts';
import { readResponsesPrompt } from './openai/responses-prompt.ts';

const base = {
  requestedModelId: ({ body }: OpenAiInput): string => {
    if (typeof body.model === 'string' && body.model !== '') return body.model;
    throw invalidRequest('model', 'you must provide a model parameter');
  },
  accessContext: (input: OpenAiInput) => tierContext(tierNamed(input)),
  guardrail: namedGuardrail,
};

/** What the operations whose answer is text do each in its own way. */
interface TextOperation {
  readonly operation: 'ChatCompletions' | 'Responses';
  /** An answer that came in it goes back as it came. */
  readonly dialect: BodyFormat;
  readonly readPrompt: (body: JsonObject, modelId: string) => ModelPrompt;
  readonly format: (answer: ModelAnswer, body: JsonObject, facts: AnswerFacts) => JsonObject;
  readonly events: (
    events: AsyncIterable<ModelEvent>,
    body: JsonObject,
    facts: StreamFacts,
  ) => AsyncIterable<ServerSentEvent>;
}

/** Streamed answers take the permission that they take on Bedrock Runtime. */
function textRow(text: TextOperation): (input: OpenAiInput) => InferenceHandler<OpenAiInput> {
  const { operation, dialect, readPrompt } = text;
  const common: Omit<InferenceHandler<OpenAiInput>, 'action' | 'answer'> = {
    ...base,
    operation,
    forModel: (model) => {
      if (!nativeKindOf(model)) return undefined;
      throw invalidRequest('model', `the model \`${model.modelId}\` does not chat: use another endpoint or model`);
    },
    read: (input, modelId) => ({
      prompt: { ...readPrompt(input.body, modelId), ...guardrailOf(input) },
      ...requestFacts(input),
    }),
  };
  return ({ body }) =>
    body.stream === true
      ? {
          ...common,
          action: 'bedrock:InvokeModelWithResponseStream',
          answer: {
            kind: 'stream',
            write: (events, facts) => ({
              output: { body: text.events(events, body, facts), requestId: facts.requestId },
            }),
          },
        }
      : {
          ...common,
          action: 'bedrock:InvokeModel',
          answer: {
            kind: 'whole',
            write: (answer, facts) => {
              const { requestId, timing } = facts;
              const original = answer.original?.format === dialect ? answer.original : undefined;
              const headers = { ...tokenCountHeaders(answer.usage, timing.latencyMs), 'x-request-id': requestId };
              if (original?.bytes) return { output: new WordedBody(original.bytes), headers };
              return { output: { body: original?.body ?? text.format(answer, body, facts) }, headers };
            },
          },
        };
}

const embeddings: InferenceHandler<OpenAiInput> = {
  ...base,
  operation: 'Embeddings',
  action: 'bedrock:InvokeModel',
  forModel: (model) => {
    if (nativeKindOf(model) === 'embedding') return undefined;
    throw invalidRequest('model', `the model \`${model.modelId}\` makes no embeddings: use another endpoint or model`);
  },
  read: (input, modelId) => {
    const { body } = input;
    requireShallow(body);
    readEmbeddings({ modelId, dialect: 'openai', body });
    return { prompt: { kind: 'embedding', dialect: 'openai', body, ...guardrailOf(input) }, ...requestFacts(input) };
  },
  answer: {
    kind: 'native',
    write: ({ body, usage }, { requestId, timing }) => ({
      output: { body, requestId },
      headers: tokenCountHeaders(usage, timing.latencyMs),
    }),
  },
};

/** The metered operations. */
export const OPENAI_INFERENCE: InferenceTable = {
  ChatCompletions: textRow({
    operation: 'ChatCompletions',
    dialect: 'openai-chat',
    readPrompt: readChatPrompt,
    format: formatChatCompletion,
    events: chatEvents,
  }),
  Responses: textRow({
    operation: 'Responses',
    dialect: 'openai-responses',
    readPrompt: readResponsesPrompt,
    format: formatResponse,
    events: responseEvents,
  }),
  Embeddings: embeddings,
};

/** The operations that cost nothing. */
export function openAiOperations(parts: CallableModelParts): OperationTable {
  return modelOperations(parts);
}
