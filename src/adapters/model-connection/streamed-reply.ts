import type { Dispatcher } from 'undici';
import type { ModelEvent, UpstreamFacts } from '../../inference/model-backend.ts';
import type { CallStop } from '../../inference/model-call.ts';
import type { TokenUsage } from '../../inference/token-usage.ts';
import { Fault } from '../../kernel/fault.ts';
import { EventQueue } from './event-queue.ts';
import type { Reply, ReplyHeaders } from './reply.ts';
import { EventTooLong, SseSplitter } from './sse-splitter.ts';
import { connectionFault, isMisuse, isTimeout, streamBreakOf, streamFault } from './upstream-fault.ts';

/** Longest event: a tool call's arguments may come in one. */
const MAX_EVENT_BYTES = 4 * 1_024 * 1_024;
/** Of an error's body no more is read: it is only shown. */
const MAX_ERROR_BYTES = 65_536;

/** Thrown for an event that says that the model failed, or that makes no sense. */
export class BrokenStream extends Error {
  override readonly name = 'BrokenStream';
  /** For the caller, where the upstream names one. Absent: a ModelStreamErrorException with the message. */
  readonly fault: Fault | undefined;

  constructor(message: string, fault?: Fault) {
    super(message);
    this.fault = fault;
  }
}

/** How a stream ended, all but its usage. */
export type StreamStop = Omit<Extract<ModelEvent, { type: 'end' }>, 'type' | 'usage'>;

/** Turns one vendor's stream into our events, which it pushes into the reply's queue. */
export interface StreamReader {
  /** The reply has begun, with success. */
  begin(headers: ReplyHeaders): void;
  /** The end marker has come. */
  readonly isDone: boolean;
  /** A reason to finish has come: an end of the connection is then no accident. */
  readonly isFinished: boolean;
  /** Closes what is open; asked once, when it is done or finished. */
  finish(): StreamStop;
}

export interface SseReader extends StreamReader {
  /** The data of one event. Throws BrokenStream; a Fault where the failure means more than that. */
  read(data: string): void;
}

/** Cuts what comes into events and has them read. */
export interface Splitter {
  push(chunk: Buffer): void;
  end(): void;
}

/** For a stream of server-sent events. */
export function sseSplitter(reader: SseReader): Splitter {
  return new SseSplitter(MAX_EVENT_BYTES, (data) => reader.read(data));
}

export interface StreamedReplyOptions<Reader extends StreamReader> {
  /** Ends the stream, with its reason as the fault. */
  readonly stop: CallStop | undefined;
  /** The fault of a reply that is no success. */
  readonly refusalOf: (reply: Reply) => Fault;
  readonly readerOf: (emit: (event: ModelEvent) => void) => Reader;
  readonly splitterOf: (reader: Reader) => Splitter;
  /** Usage of what has come by now, reported or counted. */
  readonly usageOf: (reader: Reader) => TokenUsage | Promise<TokenUsage>;
  /** What only metering needs, of a stream that ended or broke off. Absent: nothing. */
  readonly factsOf?: (reader: Reader, headers: ReplyHeaders) => UpstreamFacts;
  /** Called once, when the connection is free again. */
  readonly onClosed: () => void;
}

/**
 * Follows one streamed reply and hands its events to one consumer, who slows the upstream down by being slow. A consumer
 * that leaves early ends the request; one that only wants the usage iterates to the end.
 */
export class StreamedReply<Reader extends StreamReader> implements Dispatcher.DispatchHandler {
  readonly events: EventQueue<ModelEvent>;
  readonly #options: StreamedReplyOptions<Reader>;
  readonly #reader: Reader;
  readonly #splitter: Splitter;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: ReplyHeaders = {};
  readonly #errorBody: Buffer[] = [];
  #errorBytes = 0;
  /** `settling` from the moment the outcome is known until its usage has been counted. */
  #state: 'running' | 'settling' | 'abandoned' = 'running';

  constructor(options: StreamedReplyOptions<Reader>) {
    this.#options = options;
    this.events = new EventQueue({
      pause: () => this.#controller?.pause(),
      resume: () => this.#controller?.resume(),
      abandon: () => this.#abandon(),
    });
    this.#reader = options.readerOf((event) => this.events.push(event));
    this.#splitter = options.splitterOf(this.#reader);
    const { stop } = options;
    if (stop?.reason) this.#end(stop.reason);
    else stop?.listen((reason) => this.#end(reason));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#state !== 'running') controller.abort(new Error('the consumer has left'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ReplyHeaders): void {
    this.#status = status;
    this.#headers = headers;
    if (status === 200) this.#reader.begin(headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#state !== 'running') return;
    if (this.#status !== 200) {
      if (this.#errorBytes < MAX_ERROR_BYTES) this.#errorBody.push(chunk);
      this.#errorBytes += chunk.length;
      return;
    }
    try {
      this.#splitter.push(chunk);
      if (this.#reader.isDone) this.#finish();
    } catch (error) {
      this.#stop(error);
      controller.abort(error as Error);
    }
  }

  onResponseEnd(): void {
    this.#options.onClosed();
    if (this.#state !== 'running') return;
    if (this.#status !== 200) {
      const reply = { status: this.#status, headers: this.#headers, body: Buffer.concat(this.#errorBody) };
      const fault = this.#options.refusalOf(reply);
      this.#settle(() => this.#noReply(fault, isTimeout(reply)));
      return;
    }
    try {
      this.#splitter.end();
    } catch (error) {
      this.#stop(error);
      return;
    }
    if (this.#reader.isDone || this.#reader.isFinished) this.#finish();
    else this.#breakOff(streamFault('the upstream ended the stream before the answer'));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#options.onClosed();
    if (this.#state !== 'running') return;
    if (this.#status === 200) this.#breakOff(streamFault(streamBreakOf(error)));
    else if (isMisuse(error)) this.#settle(() => Promise.reject(error));
    else this.#settle(() => this.#noReply(connectionFault(error, this.#status !== 0), this.#controller !== undefined));
  }

  #finish(): void {
    this.#settle(async () => {
      const stop = this.#reader.finish();
      const upstream = this.#options.factsOf?.(this.#reader, this.#headers);
      const usage = await this.#options.usageOf(this.#reader);
      this.events.push({ type: 'end', ...stop, ...(upstream && { upstream }), usage });
      this.events.end();
    });
  }

  /** Anything but a broken stream is a Fault that says all, or a bug, and is shown as it is. */
  #stop(error: unknown): void {
    if (error instanceof BrokenStream) this.#breakOff(error.fault ?? streamFault(error.message));
    else if (error instanceof EventTooLong) {
      this.#breakOff(streamFault('the upstream sent an event that is longer than allowed'));
    } else this.#settle(() => Promise.reject(error));
  }

  /** What the upstream reported before it broke off may lag behind what it did, so it is flagged as well. */
  #breakOff(fault: Fault): void {
    this.#settle(async () => {
      const known = await this.#options.usageOf(this.#reader);
      const upstream = this.#options.factsOf?.(this.#reader, this.#headers);
      const usage = { ...known, isEstimated: true };
      const fields = { ...fault.fields, usage, ...(upstream && { upstream }) };
      this.events.fail(new Fault(fault.code, fault.message, fields));
    });
  }

  async #noReply(fault: Fault, mayHaveRun: boolean): Promise<void> {
    if (!mayHaveRun) throw fault;
    const usage = await this.#options.usageOf(this.#reader);
    throw new Fault(fault.code, fault.message, { ...fault.fields, usage });
  }

  #settle(settle: () => Promise<void>): void {
    this.#state = 'settling';
    settle().catch((error: unknown) => this.events.fail(error));
  }

  #end(reason: Fault): void {
    if (this.#state !== 'running') return;
    if (this.#controller) this.#controller.abort(reason);
    else this.#settle(() => Promise.reject(reason));
  }

  #abandon(): void {
    if (this.#state === 'running') this.#state = 'abandoned';
    this.#controller?.abort(new Error('the consumer has left'));
  }
}
