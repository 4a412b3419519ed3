import { countEmbeddingTokens, readEmbeddings } from '../inference/embeddings.ts';
import type { ModelAnswer, ModelBackend, ModelEvent, NativeAnswer } from '../inference/model-backend.ts';
import type { CallFacts, ContentBlock, Json, JsonObject, ModelCall } from '../inference/model-call.ts';
import type { NativeCall } from '../inference/native-call.ts';
import { countInputTokens, countOutputTokens, type TokenCounter } from '../inference/token-counter.ts';
import type { TokenUsage } from '../inference/token-usage.ts';
import { completeUsage, openaiUsage } from '../inference/vendor-usage.ts';
import { Fault } from '../kernel/fault.ts';
import { jsonObjectOf } from './model-connection/reply.ts';
import { StreamedReply, sseSplitter } from './model-connection/streamed-reply.ts';
import { type ConnectionOptions, UpstreamConnection } from './model-connection/upstream-connection.ts';
import { answerFault, errorText, isTimeout, statusFault } from './model-connection/upstream-fault.ts';
import { NoReply, WholeReply } from './model-connection/whole-reply.ts';
import type { MaxTokensField } from './openai-model/chat-request.ts';
import { embeddingsAnswer, embeddingsRequest } from './openai-model/embeddings.ts';
import { type Exchange, type ExchangeOptions, exchangeOf, type UpstreamRequest } from './openai-model/exchange.ts';
import { upstreamFacts } from './openai-model/upstream-facts.ts';

/** The URL is up to and with the version: `http://127.0.0.1:8000/v1`. */
export interface OpenAiModelOptions extends ConnectionOptions {
  /** Name in the configuration. */
  readonly name: string;
  /** Absent: no authorization header. */
  readonly apiKey?: string;
  readonly counter: TokenCounter;
  /** Absent: `max_tokens`. */
  readonly maxTokensField?: MaxTokensField;
  /** True: it answers at `/responses` as well. Absent: Responses requests are put to it as chat completions. */
  readonly hasResponses?: boolean;
}

/** Any server that speaks OpenAI's chat completions: vLLM, Ollama, llama.cpp, OpenAI itself. */
export class OpenAiModel implements ModelBackend {
  readonly name: string;
  readonly #connection: UpstreamConnection;
  readonly #secret: string | undefined;
  readonly #counter: TokenCounter;
  readonly #exchange: ExchangeOptions;

  constructor(options: OpenAiModelOptions) {
    const { name, apiKey, counter, maxTokensField = 'max_tokens', hasResponses = false } = options;
    this.name = name;
    this.#counter = counter;
    this.#exchange = { maxTokensField, hasResponses };
    this.#secret = apiKey;
    this.#connection = new UpstreamConnection(options, {
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    });
  }

  async complete(call: ModelCall): Promise<ModelAnswer> {
    const exchange = exchangeOf(call, this.#exchange, false);
    const inputUsage = (reported: Json | undefined) => this.#usageOf(call, reported, []);
    return this.#ask(call, exchange, inputUsage, async (body, bytes) => {
      const answer = exchange.readAnswer(body);
      if (!answer) return undefined;
      const usage = await this.#usageOf(call, answer.usage, answer.content);
      return { ...answer, usage, ...(exchange.passesOn && { original: { format: exchange.passesOn, body, bytes } }) };
    });
  }

  async invoke(call: NativeCall): Promise<NativeAnswer> {
    const request = { path: '/embeddings', body: embeddingsRequest(call), answerName: 'list of embeddings' } as const;
    const usageOf = (reported: Json | undefined) => this.#embeddingUsage(call, reported);
    return this.#ask(call, request, usageOf, async (answer) => {
      const usage = await usageOf(answer.usage);
      const body = embeddingsAnswer(call, answer, usage.inputTokens);
      return body && { body, usage, upstream: upstreamFacts(answer.id, undefined) };
    });
  }

  /** Whatever is wrong, with the call or with the upstream, is thrown where the events are read. */
  stream(call: ModelCall): AsyncIterable<ModelEvent> {
    let exchange: Exchange;
    try {
      exchange = exchangeOf(call, this.#exchange, true);
    } catch (error) {
      return failing(error);
    }
    const secret = this.#secret;
    const reply = new StreamedReply({
      stop: call.stop,
      refusalOf: (received) => statusFault(received, secret),
      splitterOf: sseSplitter,
      readerOf: (emit) => exchange.readerOf({ secret, emit }),
      usageOf: ({ usage, generated }) => this.#usageOf(call, usage, [{ text: generated }]),
      onClosed: () => this.#connection.release(),
    });
    try {
      this.#connection.send(call, exchange, reply);
    } catch (error) {
      reply.events.fail(error);
    }
    return reply.events;
  }

  async countTokens(call: ModelCall): Promise<number> {
    return countInputTokens(call, this.#counter);
  }

  /** A server that has no list of its models answers all the same. */
  async probe(): Promise<void> {
    const reply = new WholeReply();
    this.#connection.ask('/models', reply);
    const replied = await reply.promise.catch((error: unknown) => {
      throw error instanceof NoReply ? error.fault : error;
    });
    if (replied.status !== 200 && replied.status !== 404) throw statusFault(replied, this.#secret);
  }

  /** Waits for the requests under way. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  /** Asks for an answer in one piece. A failure of a request that may have run carries what it used, if only its input. */
  async #ask<Answer>(
    call: CallFacts,
    request: UpstreamRequest,
    inputUsage: (reported: Json | undefined) => TokenUsage | Promise<TokenUsage>,
    read: (body: JsonObject, bytes: Buffer) => Promise<Answer | undefined>,
  ): Promise<Answer> {
    const reply = new WholeReply(call.stop);
    this.#connection.send(call, request, reply);
    try {
      const replied = await reply.promise;
      if (replied.status !== 200) throw new NoReply(statusFault(replied, this.#secret), isTimeout(replied));
      const parsed = jsonObjectOf(replied.body);
      const answer = parsed && (await read(parsed, replied.body));
      if (answer) return answer;
      const hasError = parsed?.error !== undefined && parsed.error !== null;
      const detail = hasError ? errorText(parsed.error, this.#secret) : `the answer is not a ${request.answerName}`;
      throw withUsage(answerFault(detail), await inputUsage(parsed?.usage));
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      throw error.mayHaveRun ? withUsage(error.fault, await inputUsage(undefined)) : error.fault;
    } finally {
      this.#connection.release();
    }
  }

  #usageOf(
    call: ModelCall,
    reported: Json | undefined,
    content: readonly ContentBlock[],
  ): TokenUsage | Promise<TokenUsage> {
    return completeUsage(
      openaiUsage(reported),
      () => countInputTokens(call, this.#counter),
      () => countOutputTokens(content, this.#counter),
    );
  }

  /** Vectors are no tokens. */
  #embeddingUsage(call: NativeCall, reported: Json | undefined): TokenUsage | Promise<TokenUsage> {
    return completeUsage(
      { ...openaiUsage(reported), outputTokens: 0 },
      () => countEmbeddingTokens(readEmbeddings(call).inputs, this.#counter),
      async () => 0,
    );
  }
}

/** What the model has probably read; what it wrote is unknown. */
function withUsage(fault: Fault, usage: TokenUsage): Fault {
  return new Fault(fault.code, fault.message, { ...fault.fields, usage });
}

// biome-ignore lint/correctness/useYield: it fails before its first event
async function* failing(error: unknown): AsyncGenerator<ModelEvent> {
  throw error;
}
