import type { Dispatcher } from 'undici';
import { isJsonObject } from '../../inference/json-value.ts';
import type { ModelEvent } from '../../inference/model-backend.ts';
import type { Json, JsonObject } from '../../inference/model-call.ts';
import type { TokenUsage } from '../../inference/token-usage.ts';
import type { ReportedUsage } from '../../inference/vendor-usage.ts';
import { Fault } from '../../kernel/fault.ts';
import { EventStreamDecoder, type ReceivedMessage } from '../../wire/event-stream.ts';
import { EventQueue } from '../model-connection/event-queue.ts';
import { connectionFault, isMisuse, streamBreakOf, streamFault } from '../model-connection/upstream-fault.ts';
import type { Reply, ReplyHeaders } from '../model-connection/whole-reply.ts';
import type { FrameReader } from './frame-reader.ts';
import { callFault } from './refusal.ts';

/** A fault that the stream itself named. */
class NamedFault extends Error {
  override readonly name = 'NamedFault';
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }
}

/** Of an error's body no more is read: it is only shown. */
const MAX_ERROR_BYTES = 65_536;

export interface StreamedReplyOptions {
  readonly reader: (emit: (event: ModelEvent) => void) => FrameReader;
  /** Fills in what was not reported. */
  readonly usageOf: (reported: ReportedUsage, generated: string) => Promise<TokenUsage>;
  /** What of the end only the reply's headers and the reader know. */
  readonly upstreamOf: (headers: ReplyHeaders, reader: FrameReader) => Extract<ModelEvent, { type: 'end' }>['upstream'];
  /** The fault of a reply that is no stream. */
  readonly refusal: (reply: Reply) => Fault;
  /** Called once, when the connection is free again. */
  readonly onClosed: () => void;
}

/**
 * Follows one event stream and hands its events to one consumer, who slows the upstream down by being slow. A consumer
 * that leaves early ends the request; one that only wants the usage iterates to the end.
 */
export class StreamedReply implements Dispatcher.DispatchHandler {
  readonly events: EventQueue<ModelEvent>;
  readonly #options: StreamedReplyOptions;
  readonly #reader: FrameReader;
  readonly #decoder = new EventStreamDecoder();
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: ReplyHeaders = {};
  readonly #errorBody: Buffer[] = [];
  #errorBytes = 0;
  /** `settling` from the moment the outcome is known until its usage has been counted. */
  #state: 'running' | 'settling' | 'abandoned' = 'running';

  constructor(options: StreamedReplyOptions) {
    this.#options = options;
    this.events = new EventQueue({
      pause: () => this.#controller?.pause(),
      resume: () => this.#controller?.resume(),
      abandon: () => this.#abandon(),
    });
    this.#reader = options.reader((event) => this.events.push(event));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#state === 'abandoned') controller.abort(new Error('the consumer has left'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ReplyHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#state !== 'running') return;
    if (this.#status !== 200) {
      if (this.#errorBytes < MAX_ERROR_BYTES) this.#errorBody.push(chunk);
      this.#errorBytes += chunk.length;
      return;
    }
    try {
      for (const message of this.#decoder.decode(chunk)) this.#read(message);
    } catch (error) {
      this.#stop(error);
      controller.abort(error as Error);
    }
  }

  onResponseEnd(): void {
    this.#options.onClosed();
    if (this.#state !== 'running') return;
    if (this.#status !== 200) {
      this.#state = 'settling';
      const body = Buffer.concat(this.#errorBody);
      this.events.fail(this.#options.refusal({ status: this.#status, headers: this.#headers, body }));
    } else if (this.#reader.isFinished) this.#finish();
    else this.#breakOff('the upstream ended the stream before the answer');
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#options.onClosed();
    if (this.#state !== 'running') return;
    // What is behind the last event is of no use to anybody.
    if (this.#reader.isFinished) this.#finish();
    else if (this.#status === 200) this.#breakOff(streamBreakOf(error));
    else {
      this.#state = 'settling';
      this.events.fail(isMisuse(error) ? error : connectionFault(error, this.#status !== 0));
    }
  }

  /** A request that could not be sent. */
  fail(error: unknown): void {
    this.#state = 'settling';
    this.events.fail(error);
  }

  /** Throws NamedFault, and SerializationException for what is no event. */
  #read({ headers, payload, bytes }: ReceivedMessage): void {
    const data = parsePayload(payload);
    switch (headers[':message-type']) {
      case 'event':
        this.#reader.read(String(headers[':event-type']), data, bytes);
        return;
      case 'exception': {
        const name = String(headers[':exception-type']);
        const code = name.charAt(0).toUpperCase() + name.slice(1);
        throw new NamedFault(callFault(500, code, typeof data.message === 'string' ? data.message : code, data));
      }
      case 'error':
        throw new NamedFault(
          callFault(500, String(headers[':error-code']), String(headers[':error-message'] ?? ''), data),
        );
    }
  }

  #finish(): void {
    this.#settle(async () => {
      const { usage, generated } = this.#reader;
      const upstream = this.#options.upstreamOf(this.#headers, this.#reader);
      const ending = { ...this.#reader.ending(), ...(upstream && { upstream }) };
      this.events.push({ type: 'end', ...ending, usage: await this.#options.usageOf(usage, generated) });
      this.events.end();
    });
  }

  /** Anything but what the stream named and a broken stream is a bug and is shown as one. */
  #stop(error: unknown): void {
    if (error instanceof NamedFault) this.#stopNamed(error.fault);
    else if (error instanceof Fault) this.#breakOff(error.message);
    else this.#settle(() => Promise.reject(error));
  }

  /** What is refused before the model said a word costs nothing, as outside a stream. */
  #stopNamed(fault: Fault): void {
    if (this.#reader.hasBegun) this.#fail(fault);
    else this.#settle(() => Promise.reject(fault));
  }

  #breakOff(reason: string): void {
    this.#fail(streamFault(reason));
  }

  /** What the upstream reported before it broke off may lag behind what it did, so it is flagged as well. */
  #fail(fault: Fault): void {
    this.#settle(async () => {
      const { usage, generated } = this.#reader;
      const known = await this.#options.usageOf(usage, generated);
      this.events.fail(
        new Fault(fault.code, fault.message, { ...fault.fields, usage: { ...known, isEstimated: true } }),
      );
    });
  }

  #settle(settle: () => Promise<void>): void {
    this.#state = 'settling';
    settle().catch((error: unknown) => this.events.fail(error));
  }

  #abandon(): void {
    if (this.#state === 'running') this.#state = 'abandoned';
    this.#controller?.abort(new Error('the consumer has left'));
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
  throw new Fault('SerializationException', 'the event stream is damaged: an event is not a JSON object');
}
