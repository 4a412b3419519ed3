/**
 * Room for what waits to be written, in bytes. An account takes no more than is left for all others together, so that one that
 * comes always finds some; what is alone in its account may take all that is left.
 */
export class WaitingRoom {
  readonly #bytesMax: number;
  #bytes = 0;
  readonly #ofAccount = new Map<string, number>();

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** False when there is no room. */
  take(accountId: string, bytes: number): boolean {
    const left = this.#bytesMax - this.#bytes;
    const own = this.#ofAccount.get(accountId) ?? 0;
    if (bytes > left || (own > 0 && own + bytes > left)) return false;
    this.#bytes += bytes;
    this.#ofAccount.set(accountId, own + bytes);
    return true;
  }

  give(accountId: string, bytes: number): void {
    this.#bytes -= bytes;
    const own = (this.#ofAccount.get(accountId) ?? 0) - bytes;
    if (own > 0) this.#ofAccount.set(accountId, own);
    else this.#ofAccount.delete(accountId);
  }
}
