import { isJsonObject } from '../../inference/json-value.ts';
import type { ModelEvent } from '../../inference/model-backend.ts';
import type { Json, JsonObject } from '../../inference/model-call.ts';
import { BrokenStream, type SseReader } from '../model-connection/streamed-reply.ts';

export interface StreamOptions {
  readonly requestId: string;
  /** Masked where the upstream's words are passed on. */
  readonly secret: string | undefined;
  /** True: every chunk goes on as it came, instead of what it says in Converse's form. */
  readonly isPassedOn: boolean;
  readonly emit: (event: ModelEvent) => void;
}

/** A reader of one of OpenAI's dialects, with what metering needs of the stream. */
export interface ReportedStream extends SseReader {
  /** Last usage object seen, in the upstream's words. */
  readonly usage: Json | undefined;
  /** All that the model wrote, for counting where it reports nothing. */
  readonly generated: string;
}

export function parseChunk(data: string): JsonObject {
  let chunk: Json;
  try {
    chunk = JSON.parse(data);
  } catch {
    throw new BrokenStream('the upstream sent a chunk that is not JSON');
  }
  if (!isJsonObject(chunk)) throw new BrokenStream('the upstream sent a chunk that is not an object');
  return chunk;
}

/** Data over several lines cannot be written on one again. */
export function asItCame(data: JsonObject, text: string): { readonly data: JsonObject; readonly text?: string } {
  return /[\r\n]/.test(text) ? { data } : { data, text };
}
