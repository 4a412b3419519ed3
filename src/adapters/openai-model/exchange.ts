import type { BodyFormat, JsonObject, ModelCall } from '../../inference/model-call.ts';
import type { JsonRequest } from '../model-connection/upstream-connection.ts';
import { type ChatAnswer, readChatAnswer } from './chat-answer.ts';
import { chatRequest, type MaxTokensField, passedOnChatRequest } from './chat-request.ts';
import { ChatStream } from './chat-stream.ts';
import type { ReportedStream, StreamOptions } from './reported-stream.ts';
import { readResponse } from './responses-answer.ts';
import { ResponsesStream } from './responses-stream.ts';

export interface UpstreamRequest extends JsonRequest {
  /** What comes back, for the words of an error. */
  readonly answerName: 'chat completion' | 'response' | 'list of embeddings';
}

/** How a call is put to the upstream, and how its answer is read. */
export interface Exchange extends UpstreamRequest {
  /** The dialect in which the body went as it came and the answer comes back so. Absent: both are translated. */
  readonly passesOn?: BodyFormat;
  /** Undefined when the body is no answer. */
  readonly readAnswer: (body: JsonObject) => ChatAnswer | undefined;
  readonly readerOf: (options: Pick<StreamOptions, 'secret' | 'emit'>) => ReportedStream;
}

export interface ExchangeOptions {
  readonly maxTokensField: MaxTokensField;
  /** The upstream answers at `/responses`. */
  readonly hasResponses: boolean;
}

/** Throws ValidationException for what the upstream's dialect cannot say. */
export function exchangeOf(call: ModelCall, options: ExchangeOptions, isStream: boolean): Exchange {
  const { original, requestId } = call;
  const isPassedOn = original?.format === 'openai-chat';
  if (original?.format === 'openai-responses' && options.hasResponses) {
    return {
      path: '/responses',
      body: responsesRequest(original.body, call, isStream),
      answerName: 'response',
      passesOn: original.format,
      readAnswer: readResponse,
      readerOf: (stream) => new ResponsesStream({ ...stream, requestId, isPassedOn: true }),
    };
  }
  return {
    path: '/chat/completions',
    body: isPassedOn
      ? passedOnChatRequest(original.body, call, options.maxTokensField, isStream)
      : chatRequest(call, options.maxTokensField, isStream),
    answerName: 'chat completion',
    ...(isPassedOn && { passesOn: original.format }),
    readAnswer: (body) => readChatAnswer(body, requestId),
    readerOf: (stream) => new ChatStream({ ...stream, requestId, isPassedOn }),
  };
}

/** Nothing is kept at the upstream: a later request could not be told whose it is. */
function responsesRequest(body: JsonObject, { upstreamModelId, maxTokens }: ModelCall, isStream: boolean): string {
  const limit = maxTokens === undefined ? {} : { max_output_tokens: maxTokens };
  return JSON.stringify({ ...body, ...limit, model: upstreamModelId, stream: isStream, store: false });
}
