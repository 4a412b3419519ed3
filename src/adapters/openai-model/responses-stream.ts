import { isJsonObject } from '../../inference/json-value.ts';
import type { Json, JsonObject } from '../../inference/model-call.ts';
import { BrokenStream, type StreamStop } from '../model-connection/streamed-reply.ts';
import { errorText } from '../model-connection/upstream-fault.ts';
import { asItCame, parseChunk, type ReportedStream, type StreamOptions } from './reported-stream.ts';
import { responseStop } from './responses-answer.ts';
import { upstreamFacts } from './upstream-facts.ts';

/** The last event of a stream that ended well. */
const ENDINGS: ReadonlySet<Json | undefined> = new Set(['response.completed', 'response.incomplete']);

/** Names that stay on their line of a server-sent event. */
const EVENT_NAME = /^[\w.]+$/;

/** Follows the events of a Responses stream, which always go on as they came. */
export class ResponsesStream implements ReportedStream {
  readonly #options: StreamOptions;
  /** The last Responses object seen. */
  #response: JsonObject = {};
  isDone = false;
  generated = '';

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  get isFinished(): boolean {
    return this.isDone;
  }

  get usage(): Json | undefined {
    return this.#response.usage;
  }

  begin(): void {
    this.#options.emit({ type: 'start' });
  }

  read(text: string): void {
    if (this.isDone || text === '[DONE]') return;
    const event = parseChunk(text);
    const { type, response, delta } = event;
    if (isJsonObject(response)) this.#response = response;
    if (type === 'error') throw new BrokenStream(errorText(event.error ?? event, this.#options.secret));
    if (type === 'response.failed') throw new BrokenStream(errorText(this.#response.error, this.#options.secret));
    const outputCharacters = typeof delta === 'string' ? delta.length : 0;
    if (typeof delta === 'string') this.generated += delta;
    const data = {
      ...asItCame(event, text),
      ...(typeof type === 'string' && EVENT_NAME.test(type) && { event: type }),
    };
    this.#options.emit({ type: 'original', format: 'openai-responses', ...data, outputCharacters });
    this.isDone = ENDINGS.has(type);
  }

  finish(): StreamStop {
    const { id, service_tier } = this.#response;
    return { stopReason: responseStop(this.#response), upstream: upstreamFacts(id, service_tier) };
  }
}
