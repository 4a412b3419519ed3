import { isJsonObject } from '../../inference/json-value.ts';
import type { Json, JsonObject, ServiceTier } from '../../inference/model-call.ts';
import type { ReportedUsage } from '../../inference/vendor-usage.ts';
import { Fault } from '../../kernel/fault.ts';
import { EventStreamDecoder, type ReceivedMessage } from '../../wire/event-stream.ts';
import { BrokenStream, type Splitter, type StreamReader } from '../model-connection/streamed-reply.ts';
import { callFault } from './refusal.ts';

/** Turns the events of one of Bedrock's streams into ours. */
export interface FrameReader extends StreamReader {
  /** One event: its name, its payload, and the whole frame. Throws BrokenStream. */
  read(name: string, payload: JsonObject, bytes: Buffer): void;
  /** The model has begun to answer. */
  readonly hasBegun: boolean;
  /** What has been reported so far. */
  readonly usage: ReportedUsage;
  /** Undefined where AWS has not said. */
  readonly tier: ServiceTier | undefined;
  /** All text that the model wrote, for counting where nothing is reported. */
  readonly generated: string;
}

/** Cuts an event stream into frames and has them read. */
export class FrameSplitter implements Splitter {
  readonly #decoder = new EventStreamDecoder();
  readonly #reader: FrameReader;

  constructor(reader: FrameReader) {
    this.#reader = reader;
  }

  push(chunk: Buffer): void {
    this.#guarded(() => {
      for (const message of this.#decoder.decode(chunk)) this.#read(message);
    });
  }

  end(): void {
    this.#guarded(() => this.#decoder.end());
  }

  #read({ headers, payload, bytes }: ReceivedMessage): void {
    if (this.#reader.isDone) return;
    const data = parsePayload(payload);
    const type = headers[':message-type'];
    if (type === 'event') this.#reader.read(String(headers[':event-type']), data, bytes);
    if (type === 'exception') {
      const name = String(headers[':exception-type']);
      const code = name.charAt(0).toUpperCase() + name.slice(1);
      this.#refuse(code, typeof data.message === 'string' ? data.message : code, data);
    }
    if (type === 'error') this.#refuse(String(headers[':error-code']), String(headers[':error-message'] ?? ''), data);
  }

  /** What is refused before the model has begun costs nothing, as where an HTTP status says so. */
  #refuse(code: string, message: string, members: JsonObject): never {
    const fault = callFault(500, code, message, members);
    throw this.#reader.hasBegun ? new BrokenStream(message, fault) : fault;
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw error instanceof Fault && error.code === 'SerializationException' ? new BrokenStream(error.message) : error;
    }
  }
}

function parsePayload(payload: Buffer): JsonObject {
  if (payload.length === 0) return {};
  try {
    const value: Json = JSON.parse(payload.toString('utf8'));
    if (isJsonObject(value)) return value;
  } catch {
    // Answered below, as any other thing that is no event.
  }
  throw new BrokenStream('the event stream is damaged: an event is not a JSON object');
}
