import type { Socket } from 'node:net';

interface Use {
  requests: number;
  /** Milliseconds of a clock that nobody sets. */
  lastUsedMs: number;
}

/** How often all of them are looked at, as a share of the time that they may be idle. */
const LOOKS = 8;

/**
 * Closes the connections that have carried no request for so long. Node's own way makes a timer at every answer and takes it off at
 * the next request, which is 2 microseconds of each (Node 24).
 */
export class IdleConnections {
  readonly #timeoutMs: number;
  readonly #uses = new Map<Socket, Use>();
  readonly #timer: NodeJS.Timeout;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#timer = setInterval(() => this.#closeIdle(performance.now()), timeoutMs / LOOKS).unref();
  }

  add(socket: Socket): void {
    this.#uses.set(socket, { requests: 0, lastUsedMs: performance.now() });
    socket.once('close', () => this.#uses.delete(socket));
  }

  /** A request of the connection begins; one that was never added is nobody's concern here. */
  begin(socket: Socket): void {
    const use = this.#uses.get(socket);
    if (use) use.requests += 1;
  }

  end(socket: Socket): void {
    const use = this.#uses.get(socket);
    if (!use) return;
    use.requests -= 1;
    use.lastUsedMs = performance.now();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #closeIdle(nowMs: number): void {
    for (const [socket, { requests, lastUsedMs }] of this.#uses) {
      if (requests === 0 && nowMs - lastUsedMs > this.#timeoutMs) socket.destroySoon();
    }
  }
}
