import { isJsonObject } from '../../inference/json-value.ts';
import type { ModelEvent } from '../../inference/model-backend.ts';
import type { Json, JsonObject, ServiceTier } from '../../inference/model-call.ts';
import type { ReportedUsage } from '../../inference/vendor-usage.ts';
import type { StreamStop } from '../model-connection/streamed-reply.ts';
import { stopReasonOf, usedTier } from './converse-answer.ts';
import { converseReportedUsage } from './converse-usage.ts';
import type { FrameReader } from './frame-reader.ts';

/** The events of ConverseStream: read into ours, or handed on as they came to a caller who speaks Converse as well. */
export class ConverseReader implements FrameReader {
  readonly #isHandedOn: boolean;
  readonly #emit: (event: ModelEvent) => void;
  #stopReason: Json | undefined;
  #metadata: { readonly payload: JsonObject; readonly bytes: Buffer } | undefined;
  hasBegun = false;
  generated = '';

  constructor(isHandedOn: boolean, emit: (event: ModelEvent) => void) {
    this.#isHandedOn = isHandedOn;
    this.#emit = emit;
  }

  read(name: string, payload: JsonObject, bytes: Buffer): void {
    if (name === 'messageStart') {
      this.hasBegun = true;
      this.#emit(this.#isHandedOn ? { type: 'start', original: [bytes] } : { type: 'start' });
      return;
    }
    if (name === 'metadata') {
      this.#metadata = { payload, bytes };
      return;
    }
    if (name === 'messageStop') this.#stopReason = payload.stopReason;
    const written = name === 'contentBlockDelta' ? textOf(payload.delta) : '';
    this.generated += written;
    if (this.#isHandedOn) {
      const outputCharacters = written.length;
      this.#emit({ type: 'original', format: 'converse', event: name, data: payload, bytes, outputCharacters });
    } else this.#translate(name, payload);
  }

  /** The headers say nothing that the events do not. */
  begin(): void {}

  get isDone(): boolean {
    return this.#metadata !== undefined;
  }

  get isFinished(): boolean {
    return this.isDone;
  }

  get usage(): ReportedUsage {
    const { usage, trace } = this.#metadata?.payload ?? {};
    return converseReportedUsage(usage, trace);
  }

  get tier(): ServiceTier | undefined {
    return this.#metadata && usedTier(this.#metadata.payload);
  }

  finish(): StreamStop {
    const stopReason = stopReasonOf(this.#stopReason);
    return this.#isHandedOn && this.#metadata ? { stopReason, original: [this.#metadata.bytes] } : { stopReason };
  }

  #translate(name: string, { contentBlockIndex, start, delta }: JsonObject): void {
    const index = typeof contentBlockIndex === 'number' ? contentBlockIndex : 0;
    if (name === 'contentBlockStart' && isJsonObject(start)) this.#emit({ type: 'blockStart', index, start });
    if (name === 'contentBlockDelta' && isJsonObject(delta)) this.#emit({ type: 'blockDelta', index, delta });
    if (name === 'contentBlockStop') this.#emit({ type: 'blockStop', index });
  }
}

/** What the model wrote in one delta: text, reasoning or a piece of a tool's input. */
function textOf(delta: Json | undefined): string {
  if (!isJsonObject(delta)) return '';
  const { text, toolUse, reasoningContent } = delta;
  const inner = isJsonObject(toolUse) ? toolUse.input : isJsonObject(reasoningContent) ? reasoningContent.text : text;
  return typeof inner === 'string' ? inner : '';
}
