import type { JsonObject } from '../../inference/model-call.ts';

/** An answer's body, and the `request-id` header that Anthropic's clients show. */
export interface VendorAnswer {
  readonly body: JsonObject;
  readonly requestId: string;
}
