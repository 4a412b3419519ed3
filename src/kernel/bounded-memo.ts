/**
 * Results by text, bounded by the length of the texts held. Two generations: what is asked for again moves to the young
 * one; when that is full the old one is dropped. So what is in use stays, and a flood of texts that come once (session
 * policies, made-up paths) only costs their own place.
 */
export class BoundedMemo<Result> {
  readonly #generationLength: number;
  #young = new Map<string, Result>();
  #old = new Map<string, Result>();
  #youngLength = 0;

  /** `maxTextLength`: UTF-16 code units of all texts together. */
  constructor(maxTextLength: number) {
    this.#generationLength = maxTextLength / 2;
  }

  get(text: string, make: () => Result): Result {
    const known = this.#young.get(text);
    if (known !== undefined) return known;
    const result = this.#old.get(text) ?? make();
    if (this.#youngLength + text.length > this.#generationLength) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngLength = 0;
    }
    this.#young.set(text, result);
    this.#youngLength += text.length;
    return result;
  }
}
