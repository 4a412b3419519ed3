import { isJsonObject } from '../../inference/json-value.ts';
import type { ModelEvent } from '../../inference/model-backend.ts';
import type { Json, JsonObject } from '../../inference/model-call.ts';
import { BrokenStream, type StreamStop } from '../model-connection/streamed-reply.ts';
import { errorText } from '../model-connection/upstream-fault.ts';
import { readStop, reasoningOf, toolUseIdOf } from './chat-answer.ts';
import { asItCame, parseChunk, type ReportedStream, type StreamOptions } from './reported-stream.ts';
import { upstreamFacts } from './upstream-facts.ts';

/** Turns the chunks of a chat completion stream into events. The blocks that OpenAI does not mark are found by their kind. */
export class ChatStream implements ReportedStream {
  readonly #options: StreamOptions;
  #blockIndex = -1;
  /** Kind of the open block; of a tool call, its index and id. */
  #open: 'none' | 'text' | 'reasoning' | { readonly callIndex: number; readonly id: Json | undefined } = 'none';
  #toolCalls = 0;
  #lastChoice: JsonObject | undefined;
  isDone = false;
  /** Servers send it once, or in every chunk and growing; never added up. */
  usage: Json | undefined;
  generated = '';
  #id: Json | undefined;
  #serviceTier: Json | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#options.emit({ type: 'start' });
  }

  get isFinished(): boolean {
    return this.#lastChoice !== undefined;
  }

  read(data: string): void {
    if (this.isDone) return;
    if (data === '[DONE]') {
      this.isDone = true;
      return;
    }
    const chunk = parseChunk(data);
    if (chunk.error !== undefined && chunk.error !== null) {
      throw new BrokenStream(errorText(chunk.error, this.#options.secret));
    }
    const known = this.generated.length;
    this.#readChunk(chunk);
    if (!this.#options.isPassedOn) return;
    const outputCharacters = this.generated.length - known;
    this.#options.emit({ type: 'original', format: 'openai-chat', ...asItCame(chunk, data), outputCharacters });
  }

  finish(): StreamStop {
    this.#closeBlock();
    const upstream = upstreamFacts(this.#id, this.#serviceTier);
    return { ...readStop(this.#lastChoice ?? {}, this.#toolCalls > 0), upstream };
  }

  #readChunk(chunk: JsonObject): void {
    this.#id ??= chunk.id;
    this.#serviceTier = chunk.service_tier ?? this.#serviceTier;
    if (isJsonObject(chunk.usage)) this.usage = chunk.usage;
    const choice = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
    if (!isJsonObject(choice)) return;
    if (isJsonObject(choice.delta)) this.#readDelta(choice.delta);
    if (typeof choice.finish_reason === 'string') this.#lastChoice = choice;
  }

  #readDelta(delta: JsonObject): void {
    const { content, refusal, tool_calls } = delta;
    const reasoning = reasoningOf(delta);
    if (reasoning !== '') {
      this.#openBlock('reasoning');
      this.#emitDelta(reasoning, { reasoningContent: { text: reasoning } });
    }
    for (const text of [content, refusal]) {
      if (typeof text !== 'string' || text === '') continue;
      this.#openBlock('text');
      this.#emitDelta(text, { text });
    }
    if (!Array.isArray(tool_calls)) return;
    for (const call of tool_calls) if (isJsonObject(call)) this.#readToolCall(call);
  }

  #readToolCall(call: JsonObject): void {
    const { name, arguments: input } = isJsonObject(call.function) ? call.function : {};
    if (this.#isNewCall(call)) {
      this.#closeBlock();
      this.#blockIndex += 1;
      this.#open = { callIndex: Number(call.index ?? 0), id: call.id };
      const toolUseId = toolUseIdOf(call.id, this.#options.requestId, this.#toolCalls++);
      const start = { toolUse: { toolUseId, name: name ?? '' } };
      this.#emit({ type: 'blockStart', index: this.#blockIndex, start });
    }
    if (typeof input === 'string' && input !== '') this.#emitDelta(input, { toolUse: { input } });
  }

  /** By index, and by id for servers that give every call the index 0 (Ollama). */
  #isNewCall({ index, id }: JsonObject): boolean {
    if (typeof this.#open === 'string') return true;
    const hasOtherId = typeof id === 'string' && id !== '' && id !== this.#open.id;
    return hasOtherId || Number(index ?? 0) !== this.#open.callIndex;
  }

  #openBlock(kind: 'text' | 'reasoning'): void {
    if (this.#open === kind) return;
    this.#closeBlock();
    this.#blockIndex += 1;
    this.#open = kind;
  }

  #closeBlock(): void {
    if (this.#open === 'none') return;
    this.#open = 'none';
    this.#emit({ type: 'blockStop', index: this.#blockIndex });
  }

  #emitDelta(written: string, delta: JsonObject): void {
    this.generated += written;
    this.#emit({ type: 'blockDelta', index: this.#blockIndex, delta });
  }

  #emit(event: ModelEvent): void {
    if (!this.#options.isPassedOn) this.#options.emit(event);
  }
}
