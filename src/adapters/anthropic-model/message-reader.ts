import { MessageStream } from '../../inference/anthropic-messages.ts';
import { isJsonObject } from '../../inference/json-value.ts';
import type { ModelEvent } from '../../inference/model-backend.ts';
import type { BodyFormat, Json, JsonObject, ServiceTier } from '../../inference/model-call.ts';
import type { ReportedUsage } from '../../inference/vendor-usage.ts';
import { BrokenStream, type SseReader, type StreamStop } from '../model-connection/streamed-reply.ts';
import { errorText, statusFault } from '../model-connection/upstream-fault.ts';

/** Statuses of the errors that may come as the first event of a reply which has already begun with success. */
const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  rate_limit_error: 429,
  overloaded_error: 529,
  timeout_error: 504,
};

/** Reads the server-sent events of a streamed message. */
export class MessageReader implements SseReader {
  readonly #secret: string | undefined;
  readonly #stream: MessageStream;

  constructor(passedOnAs: BodyFormat | undefined, secret: string | undefined, emit: (event: ModelEvent) => void) {
    this.#secret = secret;
    this.#stream = new MessageStream(passedOnAs, emit);
  }

  /** The message begins with an event of its own. */
  begin(): void {}

  read(data: string): void {
    if (this.isDone) return;
    const event = parseEvent(data);
    if (event.type === 'error') throw this.#failure(event);
    if (!this.#stream.hasBegun && event.type !== 'message_start' && event.type !== 'ping') {
      throw new BrokenStream('the upstream sent an event before the message began');
    }
    this.#stream.read(event, data);
  }

  get isDone(): boolean {
    return this.#stream.isDone;
  }

  get isFinished(): boolean {
    return this.#stream.isFinished;
  }

  get usage(): ReportedUsage {
    return this.#stream.usage;
  }

  get generated(): string {
    return this.#stream.generated;
  }

  get tier(): ServiceTier | undefined {
    return this.#stream.tier;
  }

  finish(): StreamStop {
    return this.#stream.stop;
  }

  /** Before the message began it is as if the reply had another status; then it may be tried again. */
  #failure({ error }: JsonObject): Error {
    const type = isJsonObject(error) ? String(error.type) : '';
    const status = this.#stream.hasBegun ? undefined : STATUSES[type];
    if (status === undefined) return new BrokenStream(errorText(error, this.#secret));
    return statusFault({ status, headers: {}, body: Buffer.from(JSON.stringify({ error })) }, this.#secret);
  }
}

function parseEvent(data: string): JsonObject {
  let event: Json;
  try {
    event = JSON.parse(data);
  } catch {
    throw new BrokenStream('the upstream sent an event that is not JSON');
  }
  if (!isJsonObject(event)) throw new BrokenStream('the upstream sent an event that is not an object');
  return event;
}
