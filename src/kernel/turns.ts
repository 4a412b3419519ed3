/** Work that is done one after another, in the order in which it was asked for, whatever became of what was before it. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Rejects as the work does. */
  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Resolves when all that was asked for until now has ended. */
  ended(): Promise<unknown> {
    return this.#last;
  }
}
