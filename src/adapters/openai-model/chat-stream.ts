import { isJsonObject } from '../../inference/json-value.ts';
import type { ModelEvent } from '../../inference/model-backend.ts';
import type { Json, JsonObject } from '../../inference/model-call.ts';
import { BrokenStream, type SseReader } from '../model-connection/streamed-reply.ts';
import { errorText } from '../model-connection/upstream-fault.ts';
import { readStop, reasoningOf, toolUseIdOf } from './chat-answer.ts';

/** Turns the chunks of a chat completion stream into events. The blocks that OpenAI does not mark are found by their kind. */
export class ChatStream implements SseReader {
  readonly #requestId: string;
  /** Masked where the upstream's words are passed on. */
  readonly #secret: string | undefined;
  readonly #emit: (event: ModelEvent) => void;
  #blockIndex = -1;
  /** Kind of the open block; of a tool call, its index and id. */
  #open: 'none' | 'text' | 'reasoning' | { readonly callIndex: number; readonly id: Json | undefined } = 'none';
  #toolCalls = 0;
  #lastChoice: JsonObject | undefined;
  isDone = false;
  /** Last usage object seen: servers send it once, or in every chunk and growing; never added up. */
  usage: Json | undefined;
  /** All that the model wrote, for counting where it reports nothing. */
  generated = '';

  constructor(requestId: string, secret: string | undefined, emit: (event: ModelEvent) => void) {
    this.#requestId = requestId;
    this.#secret = secret;
    this.#emit = emit;
  }

  begin(): void {
    this.#emit({ type: 'start' });
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
    if (chunk.error !== undefined && chunk.error !== null) throw new BrokenStream(errorText(chunk.error, this.#secret));
    if (isJsonObject(chunk.usage)) this.usage = chunk.usage;
    const choice = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
    if (!isJsonObject(choice)) return;
    if (isJsonObject(choice.delta)) this.#readDelta(choice.delta);
    if (typeof choice.finish_reason === 'string') this.#lastChoice = choice;
  }

  finish(): ReturnType<typeof readStop> {
    this.#closeBlock();
    return readStop(this.#lastChoice ?? {}, this.#toolCalls > 0);
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
      const toolUseId = toolUseIdOf(call.id, this.#requestId, this.#toolCalls++);
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
}

function parseChunk(data: string): JsonObject {
  let chunk: Json;
  try {
    chunk = JSON.parse(data);
  } catch {
    throw new BrokenStream('the upstream sent a chunk that is not JSON');
  }
  if (!isJsonObject(chunk)) throw new BrokenStream('the upstream sent a chunk that is not an object');
  return chunk;
}
