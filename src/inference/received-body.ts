import type { BodyFormat, JsonObject, OriginalBody } from './model-call.ts';

/** A body that has been found to be a JSON object, parsed once more only where somebody reads it. */
export class ReceivedBody implements OriginalBody {
  readonly format: BodyFormat;
  readonly headers = {};
  readonly #received: Buffer;
  #body: JsonObject | undefined;

  constructor(format: BodyFormat, received: Buffer) {
    this.format = format;
    this.#received = received;
  }

  get body(): JsonObject {
    this.#body ??= JSON.parse(this.#received.toString('utf8')) as JsonObject;
    return this.#body;
  }
}
