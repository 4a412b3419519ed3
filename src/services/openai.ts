import { readEmbeddings } from '../inference/embeddings.ts';
import type { JsonObject } from '../inference/model-call.ts';
import { type FoundationModel, nativeKindOf } from '../inference/model-catalog.ts';
import { tierContext } from '../inference/service-tier.ts';
import type { InferenceHandler, InferenceTable } from '../paths/inference-handler.ts';
import type { OperationTable } from '../paths/operation-handler.ts';
import { tokenCountHeaders } from '../paths/token-count-headers.ts';
import { chatEvents, formatChatCompletion } from './openai/chat-answer.ts';
import { readChatPrompt } from './openai/chat-prompt.ts';
import { invalidRequest, requireShallow } from './openai/invalid-request.ts';
import { type ModelParts, modelOperations } from './openai/models.ts';
import { requestFacts } from './openai/request-facts.ts';
import { formatResponse, responseEvents } from './openai/responses-answer.ts';
import { readResponsesPrompt } from './openai/responses-prompt.ts';

/** Every operation takes its JSON body as it is. */
export interface OpenAiInput {
  readonly body: JsonObject;
}

/** What the metered operations have in common. Streamed answers take the permission that they take on Bedrock Runtime. */
const base = {
  requestedModelId: ({ body }: OpenAiInput): string => {
    if (typeof body.model === 'string' && body.model !== '') return body.model;
    throw invalidRequest('model', 'you must provide a model parameter');
  },
  accessContext: ({ body }: OpenAiInput) =>
    tierContext(requestFacts(body).tier === 'standard' ? undefined : requestFacts(body).tier),
};

function action({ body }: OpenAiInput): string {
  return body.stream === true ? 'bedrock:InvokeModelWithResponseStream' : 'bedrock:InvokeModel';
}

/** A row for models that write. */
function writing(input: OpenAiInput) {
  return {
    ...base,
    action: action(input),
    forModel: (model: FoundationModel) => {
      if (!nativeKindOf(model)) return undefined;
      throw invalidRequest('model', `the model \`${model.modelId}\` does not chat: use another endpoint or model`);
    },
  };
}

function chatCompletions(input: OpenAiInput): InferenceHandler<OpenAiInput> {
  const { body } = input;
  return {
    ...writing(input),
    operation: 'ChatCompletions',
    read: (_input, modelId) => ({ prompt: readChatPrompt(body, modelId), ...requestFacts(body) }),
    answer:
      body.stream === true
        ? {
            kind: 'stream',
            write: (events, facts) => ({
              output: { body: chatEvents(events, body, facts), requestId: facts.requestId },
            }),
          }
        : {
            kind: 'whole',
            write: (answer, facts) => ({
              output: { body: formatChatCompletion(answer, body, facts), requestId: facts.requestId },
              headers: tokenCountHeaders(answer.usage, facts.timing.latencyMs),
            }),
          },
  };
}

function responses(input: OpenAiInput): InferenceHandler<OpenAiInput> {
  const { body } = input;
  return {
    ...writing(input),
    operation: 'Responses',
    read: (_input, modelId) => ({ prompt: readResponsesPrompt(body, modelId), ...requestFacts(body) }),
    answer:
      body.stream === true
        ? {
            kind: 'stream',
            write: (events, facts) => ({
              output: { body: responseEvents(events, body, facts), requestId: facts.requestId },
            }),
          }
        : {
            kind: 'whole',
            write: (answer, facts) => ({
              output: { body: formatResponse(answer, body, facts), requestId: facts.requestId },
              headers: tokenCountHeaders(answer.usage, facts.timing.latencyMs),
            }),
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
  read: ({ body }, modelId) => {
    requireShallow(body);
    readEmbeddings({ modelId, dialect: 'openai', body });
    return { prompt: { kind: 'embedding', dialect: 'openai', body }, ...requestFacts(body) };
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
  ChatCompletions: chatCompletions,
  Responses: responses,
  Embeddings: embeddings,
};

/** The operations that cost nothing. */
export function openAiOperations(parts: ModelParts): OperationTable {
  return modelOperations(parts);
}
