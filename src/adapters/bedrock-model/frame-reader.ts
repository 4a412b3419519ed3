import type { ModelEvent } from '../../inference/model-backend.ts';
import type { JsonObject, ServiceTier } from '../../inference/model-call.ts';
import type { ReportedUsage } from '../../inference/vendor-usage.ts';

/** Turns the events of one of Bedrock's streams into ours. */
export interface FrameReader {
  /** One event: its name, its payload, and the whole frame. */
  read(name: string, payload: JsonObject, bytes: Buffer): void;
  /** The model has begun to answer. */
  readonly hasBegun: boolean;
  /** The last event has come: an end of the stream is then no accident. */
  readonly isFinished: boolean;
  /** What has been reported so far. */
  readonly usage: ReportedUsage;
  /** Undefined where AWS has not said. */
  readonly tier: ServiceTier | undefined;
  /** All text that the model wrote, for counting where nothing is reported. */
  readonly generated: string;
  /** What the last event says beside usage. */
  ending(): Omit<Extract<ModelEvent, { type: 'end' }>, 'type' | 'usage' | 'upstream'>;
}
