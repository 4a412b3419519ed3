import { MessageStream } from '../../inference/anthropic-messages.ts';
import { isJsonObject } from '../../inference/json-value.ts';
import type { ModelEvent } from '../../inference/model-backend.ts';
import type { BodyFormat, Json, JsonObject, ServiceTier } from '../../inference/model-call.ts';
import type { ReportedUsage } from '../../inference/vendor-usage.ts';
import type { ReplyHeaders } from '../model-connection/reply.ts';
import { BrokenStream, type StreamStop } from '../model-connection/streamed-reply.ts';
import { withGuardrailUnits } from './converse-usage.ts';
import type { FrameReader } from './frame-reader.ts';
import { tierOfHeaders } from './invoke-headers.ts';
import { writtenText } from './native-text.ts';
import { agreedUsage, type BedrockCounts, countsOfMetrics, nativeUsage } from './native-usage.ts';

const METRICS = 'amazon-bedrock-invocationMetrics';

/**
 * The chunks of InvokeModelWithResponseStream, handed on as they came: the frames to a caller of InvokeModel, what is in
 * them to one who speaks the model's dialect at another door.
 */
export class InvokeReader implements FrameReader {
  readonly #format: BodyFormat;
  readonly #emit: (event: ModelEvent) => void;
  /** Anthropic's streams are read event by event: what they report is spread over several. */
  readonly #message: MessageStream | undefined;
  #vendor: ReportedUsage | undefined;
  #counts: BedrockCounts = {};
  #trace: Json | undefined;
  #headerTier: ServiceTier | undefined;
  #lastFrame: Buffer | undefined;
  hasBegun = false;
  generated = '';

  constructor(format: BodyFormat, modelId: string, emit: (event: ModelEvent) => void) {
    this.#format = format;
    this.#emit = emit;
    // Its own words are handed on here, with their frames.
    if (modelId.startsWith('anthropic.')) this.#message = new MessageStream(undefined, () => {});
  }

  begin(headers: ReplyHeaders): void {
    this.#headerTier = tierOfHeaders(headers);
  }

  read(name: string, payload: JsonObject, bytes: Buffer): void {
    if (name !== 'chunk') return;
    const { [METRICS]: metrics, ...chunk } = parseChunk(payload.bytes);
    if (!this.hasBegun) {
      this.hasBegun = true;
      const tier = this.#headerTier;
      this.#emit({
        ...{ type: 'start', ...(tier !== undefined && { tier }) },
        // The model's first words are in its first chunk.
        ...(this.#format === 'native' && { original: [] }),
      });
    }
    this.#note(chunk);
    const isLast = metrics !== undefined;
    if (isLast) {
      this.#counts = countsOfMetrics(metrics);
      this.#lastFrame = bytes;
    }
    // The frame that ends the answer waits for the meter.
    if (!isLast || this.#format !== 'native') this.#handOn(chunk, bytes);
  }

  get isDone(): boolean {
    return this.#lastFrame !== undefined;
  }

  /** Bedrock's counts are in the last chunk of every model; a stream without them has been cut. */
  get isFinished(): boolean {
    return this.isDone;
  }

  get usage(): ReportedUsage {
    return withGuardrailUnits(agreedUsage(this.#message?.usage ?? this.#vendor, this.#counts), this.#trace);
  }

  get tier(): ServiceTier | undefined {
    return this.#headerTier ?? this.#message?.tier;
  }

  finish(): StreamStop {
    const stop = this.#message?.stop ?? { stopReason: 'end_turn' as const };
    return this.#format === 'native' && this.#lastFrame ? { ...stop, original: [this.#lastFrame] } : stop;
  }

  #note(chunk: JsonObject): void {
    this.#trace = chunk['amazon-bedrock-trace'] ?? this.#trace;
    this.#message?.read(chunk);
    this.#vendor = nativeUsage(chunk) ?? this.#vendor;
  }

  #handOn(chunk: JsonObject, bytes: Buffer): void {
    const written = writtenText(chunk);
    this.generated += written;
    this.#emit({
      ...{ type: 'original', format: this.#format, data: chunk, outputCharacters: written.length },
      ...(typeof chunk.type === 'string' && { event: chunk.type }),
      ...(this.#format === 'native' && { bytes }),
    });
  }
}

function parseChunk(base64: Json | undefined): JsonObject {
  try {
    const chunk: Json = JSON.parse(Buffer.from(String(base64), 'base64').toString('utf8'));
    if (isJsonObject(chunk)) return chunk;
  } catch {
    // Answered below, as any other thing that is no chunk.
  }
  throw new BrokenStream('a chunk is not a JSON object');
}
