import type { Dispatcher } from 'undici';
import type { CallStop } from '../../inference/model-call.ts';
import type { Fault } from '../../kernel/fault.ts';
import type { Reply, ReplyHeaders } from './reply.ts';
import { connectionFault, isMisuse } from './upstream-fault.ts';

/** A reply broke off or never came. */
export class NoReply extends Error {
  override readonly name = 'NoReply';
  readonly fault: Fault;
  /** It was sent, so that the model may have worked for it. */
  readonly mayHaveRun: boolean;

  constructor(fault: Fault, mayHaveRun: boolean) {
    super(fault.message);
    this.fault = fault;
    this.mayHaveRun = mayHaveRun;
  }
}

/** Collects one reply. The pool bounds its size and its silences; a stop ends it, with its reason as the fault. */
export class WholeReply implements Dispatcher.DispatchHandler {
  readonly #outcome = Promise.withResolvers<Reply>();
  readonly #chunks: Buffer[] = [];
  #status = 0;
  readonly #stop: CallStop | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #headers: ReplyHeaders = {};

  constructor(stop?: CallStop) {
    this.#stop = stop;
    // It may fail before whoever sends it has come to wait for it.
    this.#outcome.promise.catch(() => {});
    if (stop?.reason) this.#end(stop.reason);
    else stop?.listen((reason) => this.#end(reason));
  }

  get promise(): Promise<Reply> {
    return this.#outcome.promise;
  }

  /** Called when there is a connection, before anything is written to it. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#stop?.reason) controller.abort(this.#stop.reason);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ReplyHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const body = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    this.#outcome.resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (isMisuse(error)) {
      this.#outcome.reject(error);
      return;
    }
    this.#outcome.reject(new NoReply(connectionFault(error, this.#status !== 0), this.#controller !== undefined));
  }

  #end(reason: Fault): void {
    if (this.#controller) this.#controller.abort(reason);
    else this.#outcome.reject(new NoReply(reason, false));
  }
}
