import { isJsonObject } from '../json-value.ts';
import type { ModelAnswer, ModelEvent } from '../model-backend.ts';
import type { BodyFormat, ContentBlock, JsonObject, ServiceTier } from '../model-call.ts';
import { anthropicUsage, type ReportedUsage } from '../vendor-usage.ts';
import { readCitation } from './citations.ts';
import { readStop, usedTier } from './message-reading.ts';
import { streamedUsage } from './streamed-usage.ts';

/**
 * Reads the events of a streamed message into ours; or hands them on as they came, where the caller speaks Anthropic's
 * dialect as well. Either way it knows at every moment what was reported and what the model wrote.
 */
export class MessageStream {
  readonly #handedOnAs: BodyFormat | undefined;
  readonly #emit: (event: ModelEvent) => void;
  #started: JsonObject | undefined;
  #lastDelta: JsonObject | undefined;
  #isStopped = false;
  /** Blocks that have a form in Converse, by their index. */
  readonly #blocks = new Set<number>();
  /** All that the model wrote, for counting where it reports nothing. */
  generated = '';

  constructor(handedOnAs: BodyFormat | undefined, emit: (event: ModelEvent) => void) {
    this.#handedOnAs = handedOnAs;
    this.#emit = emit;
  }

  /** One event, and its text where it is at hand; what means nothing here (`ping`, new ones) is only handed on. */
  read(event: JsonObject, text?: string): void {
    const written = writtenIn(event);
    this.generated += written;
    if (event.type === 'message_start') this.#begin(event);
    if (event.type === 'message_delta') this.#lastDelta = event;
    if (event.type === 'message_stop') this.#isStopped = true;
    if (this.#handedOnAs) {
      const name = String(event.type);
      this.#emit({
        ...{ type: 'original', format: this.#handedOnAs, event: name, data: event, outputCharacters: written.length },
        ...(text !== undefined && { text }),
      });
    } else this.#translate(event);
  }

  get hasBegun(): boolean {
    return this.#started !== undefined;
  }

  /** The last event has come. */
  get isDone(): boolean {
    return this.#isStopped;
  }

  /** A reason to stop has come: an end of the connection is then no accident. */
  get isFinished(): boolean {
    return isJsonObject(this.#lastDelta?.delta) && typeof this.#lastDelta.delta.stop_reason === 'string';
  }

  get stop(): Pick<ModelAnswer, 'stopReason' | 'stopSequence'> {
    return readStop(isJsonObject(this.#lastDelta?.delta) ? this.#lastDelta.delta : {});
  }

  get usage(): ReportedUsage {
    return streamedUsage(this.#started?.usage, this.#lastDelta?.usage);
  }

  /** Undefined where the answer does not say. */
  get tier(): ServiceTier | undefined {
    return usedTier(this.#lastDelta?.usage) ?? usedTier(this.#started?.usage);
  }

  #begin({ message }: JsonObject): void {
    this.#started = isJsonObject(message) ? message : {};
    const { tier } = this;
    const { inputTokens, outputTokens = 0, ...known } = anthropicUsage(this.#started.usage);
    this.#emit({
      type: 'start',
      ...(inputTokens !== undefined && { usage: { ...known, inputTokens, outputTokens } }),
      ...(tier && { tier }),
    });
  }

  #translate(event: JsonObject): void {
    const index = typeof event.index === 'number' ? event.index : 0;
    if (event.type === 'content_block_start' && isJsonObject(event.content_block)) {
      this.#startBlock(index, event.content_block);
    }
    if (!this.#blocks.has(index)) return;
    if (event.type === 'content_block_delta' && isJsonObject(event.delta)) {
      const delta = readDelta(event.delta);
      if (delta) this.#emit({ type: 'blockDelta', index, delta });
    }
    if (event.type === 'content_block_stop') this.#emit({ type: 'blockStop', index });
  }

  #startBlock(index: number, block: JsonObject): void {
    if (!CONVERSE_BLOCKS.has(String(block.type))) return;
    this.#blocks.add(index);
    if (block.type === 'tool_use') {
      const start = { toolUse: { toolUseId: block.id ?? '', name: block.name ?? '' } };
      this.#emit({ type: 'blockStart', index, start });
    }
    if (block.type === 'redacted_thinking') {
      this.#emit({ type: 'blockDelta', index, delta: { reasoningContent: { redactedContent: block.data ?? '' } } });
    }
  }
}

const CONVERSE_BLOCKS: ReadonlySet<string> = new Set(['text', 'tool_use', 'thinking', 'redacted_thinking']);

function readDelta({ type, text, partial_json, thinking, signature, citation }: JsonObject): ContentBlock | undefined {
  switch (type) {
    case 'text_delta':
      return { text: text ?? '' };
    case 'input_json_delta':
      return { toolUse: { input: partial_json ?? '' } };
    case 'thinking_delta':
      return { reasoningContent: { text: thinking ?? '' } };
    case 'signature_delta':
      return { reasoningContent: { signature: signature ?? '' } };
    case 'citations_delta':
      return isJsonObject(citation) ? { citation: readCitation(citation) } : undefined;
    default:
      return undefined;
  }
}

/** Text, reasoning, or a piece of a tool's input. */
function writtenIn({ type, delta }: JsonObject): string {
  if (type !== 'content_block_delta' || !isJsonObject(delta)) return '';
  const written = delta.text ?? delta.thinking ?? delta.partial_json;
  return typeof written === 'string' ? written : '';
}
