/** The parameters of one query. Values go in, typed placeholders come out; no value ever enters the text. */
export class Parameters {
  readonly #values: Record<string, unknown> = {};
  #count = 0;

  /** A placeholder such as `{p3:String}`. */
  add(type: string, value: unknown): string {
    const name = `p${this.#count++}`;
    this.#values[name] = value;
    return `{${name}:${type}}`;
  }

  get values(): Readonly<Record<string, unknown>> {
    return this.#values;
  }
}
