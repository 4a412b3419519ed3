import { readMessage } from '../inference/anthropic-messages.ts';
import type { ModelAnswer, ModelBackend, ModelEvent, UpstreamFacts } from '../inference/model-backend.ts';
import type { ContentBlock, ModelCall, ServiceTier } from '../inference/model-call.ts';
import { countInputTokens, countOutputTokens, type TokenCounter } from '../inference/token-counter.ts';
import type { TokenUsage } from '../inference/token-usage.ts';
import { anthropicUsage, completeUsage, type ReportedUsage } from '../inference/vendor-usage.ts';
import { Fault } from '../kernel/fault.ts';
import { MessageReader } from './anthropic-model/message-reader.ts';
import { countBody, messagesRequest, passedOnAs } from './anthropic-model/messages-request.ts';
import { jsonObjectOf, type Reply, type ReplyHeaders } from './model-connection/reply.ts';
import { StreamedReply, sseSplitter } from './model-connection/streamed-reply.ts';
import {
  type ConnectionOptions,
  type JsonRequest,
  UpstreamConnection,
} from './model-connection/upstream-connection.ts';
import { answerFault, errorText, isTimeout, statusFault } from './model-connection/upstream-fault.ts';
import { NoReply, WholeReply } from './model-connection/whole-reply.ts';

/** The URL is without the version: `https://api.anthropic.com`. */
export interface AnthropicModelOptions extends ConnectionOptions {
  /** Name in the configuration. */
  readonly name: string;
  /** Absent: no key is sent. */
  readonly apiKey?: string;
  /** `anthropic-version` of requests that name none. */
  readonly version: string;
  readonly counter: TokenCounter;
}

/** Any server that speaks Anthropic's Messages API: Anthropic itself, and gateways in front of it. */
export class AnthropicModel implements ModelBackend {
  readonly name: string;
  readonly billsBatchesAsCalls = true;
  readonly #connection: UpstreamConnection;
  readonly #secret: string | undefined;
  readonly #counter: TokenCounter;

  constructor(options: AnthropicModelOptions) {
    const { name, apiKey, version, counter } = options;
    this.name = name;
    this.#counter = counter;
    this.#secret = apiKey;
    this.#connection = new UpstreamConnection(options, {
      'anthropic-version': version,
      ...(apiKey !== undefined && { 'x-api-key': apiKey }),
    });
  }

  async complete(call: ModelCall): Promise<ModelAnswer> {
    try {
      return await this.#readAnswer(call, await this.#ask(call, messagesRequest(call, false)));
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      throw error.mayHaveRun ? await this.#withInputUsage(error.fault, call) : error.fault;
    }
  }

  /** Whatever is wrong, with the call or with the upstream, is thrown where the events are read. */
  stream(call: ModelCall): AsyncIterable<ModelEvent> {
    const reply = new StreamedReply({
      stop: call.stop,
      refusalOf: (refused) => statusFault(refused, this.#secret),
      splitterOf: sseSplitter,
      readerOf: (emit) => new MessageReader(passedOnAs(call), this.#secret, emit),
      usageOf: ({ usage, generated }) => this.#usageOf(call, usage, [{ text: generated }]),
      factsOf: ({ tier }, headers) => upstreamFacts(headers, tier),
      onClosed: () => this.#connection.release(),
    });
    try {
      this.#connection.send(call, messagesRequest(call, true), reply);
    } catch (error) {
      reply.events.fail(error);
    }
    return reply.events;
  }

  async countTokens(call: ModelCall): Promise<number> {
    try {
      const { body } = await this.#ask(call, countBody(call));
      const { input_tokens: tokens } = jsonObjectOf(body) ?? {};
      if (Number.isSafeInteger(tokens) && (tokens as number) >= 0) return tokens as number;
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      // Not every server of the API counts.
      if (error.fault.fields.originalStatusCode === 404) return countInputTokens(call, this.#counter);
      throw error.fault;
    }
    throw answerFault('the answer is no count of tokens');
  }

  /** Waits for the requests under way. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  /** A successful reply. Throws NoReply, and a Fault for every other status. */
  async #ask(call: ModelCall, request: JsonRequest): Promise<Reply> {
    const handler = new WholeReply(call.stop);
    this.#connection.send(call, request, handler);
    try {
      const reply = await handler.promise;
      if (reply.status !== 200) throw new NoReply(statusFault(reply, this.#secret), isTimeout(reply));
      return reply;
    } finally {
      this.#connection.release();
    }
  }

  async #readAnswer(call: ModelCall, { body, headers }: Reply): Promise<ModelAnswer> {
    const parsed = jsonObjectOf(body);
    const message = parsed && readMessage(parsed);
    if (!message) {
      const hasError = parsed?.error !== undefined && parsed.error !== null;
      const detail = hasError ? errorText(parsed.error, this.#secret) : 'the answer is not a message';
      throw await this.#withInputUsage(answerFault(detail), call);
    }
    const { tier, usage, ...answer } = message;
    const format = passedOnAs(call);
    return {
      ...answer,
      usage: await this.#usageOf(call, anthropicUsage(usage), answer.content),
      upstream: upstreamFacts(headers, tier),
      ...(format && { original: { format, body: parsed, bytes: body } }),
    };
  }

  #usageOf(
    call: ModelCall,
    reported: ReportedUsage,
    content: readonly ContentBlock[],
  ): TokenUsage | Promise<TokenUsage> {
    return completeUsage(
      reported,
      () => countInputTokens(call, this.#counter),
      () => countOutputTokens(content, this.#counter),
    );
  }

  /** The model has probably read its input, and what it wrote is unknown. */
  async #withInputUsage(fault: Fault, call: ModelCall): Promise<Fault> {
    const usage = await this.#usageOf(call, anthropicUsage(undefined), []);
    return new Fault(fault.code, fault.message, { ...fault.fields, usage });
  }
}

function upstreamFacts({ 'request-id': requestId }: ReplyHeaders, tier: ServiceTier | undefined): UpstreamFacts {
  return { ...(typeof requestId === 'string' && { requestId }), ...(tier && { tier }) };
}
