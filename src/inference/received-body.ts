import type { BodyFormat, JsonObject, OriginalBody } from './model-call.ts';

/** A body that has been found to be a JSON object, parsed once more only where somebody reads it. */
export class ReceivedBody implements OriginalBody {
  readonly format: BodyFormat;
  readonly bytes: Buffer;
  readonly headers = {};
  #body: JsonObject | undefined;

  constructor(format: BodyFormat, bytes: Buffer) {
    this.format = format;
    this.bytes = bytes;
  }

  get body(): JsonObject {
    this.#body ??= JSON.parse(this.bytes.toString('utf8')) as JsonObject;
    return this.#body;
  }
}
