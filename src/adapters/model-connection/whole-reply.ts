import type { Dispatcher } from 'undici';
import type { Fault } from '../../kernel/fault.ts';
import { connectionFault, isMisuse } from './upstream-fault.ts';

export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface Reply {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReplyHeaders;
  readonly body: Buffer;
}

/** A reply broke off or never came. */
export class NoReply extends Error {
  override readonly name = 'NoReply';
  readonly fault: Fault;
  /** The model has probably worked for it: headers had come, or we gave up waiting. */
  readonly mayHaveRun: boolean;

  constructor(fault: Fault, mayHaveRun: boolean) {
    super(fault.message);
    this.fault = fault;
    this.mayHaveRun = mayHaveRun;
  }
}

/** Collects one reply. The pool bounds its size and its silences. */
export class WholeReply implements Dispatcher.DispatchHandler {
  readonly #outcome = Promise.withResolvers<Reply>();
  readonly #chunks: Buffer[] = [];
  #status = 0;
  #headers: ReplyHeaders = {};

  get promise(): Promise<Reply> {
    return this.#outcome.promise;
  }

  /** Undici wants one. */
  onRequestStart(): void {}

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
    const hasStarted = this.#status !== 0;
    const fault = connectionFault(error, hasStarted);
    this.#outcome.reject(new NoReply(fault, hasStarted || fault.code === 'ModelTimeoutException'));
  }
}
