import { isJsonObject } from '../../inference/json-value.ts';
import type { Json, JsonObject } from '../../inference/model-call.ts';

export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** A reply that has come to its end. */
export interface Reply {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReplyHeaders;
  readonly body: Buffer;
}

/** Undefined for what is no JSON object: a proxy's page, half of a body. */
export function jsonObjectOf(body: Buffer): JsonObject | undefined {
  try {
    const value: Json = JSON.parse(body.toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
