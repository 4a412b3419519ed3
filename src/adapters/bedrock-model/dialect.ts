import type { ModelAnswer, ModelEvent } from '../../inference/model-backend.ts';
import type { ContentBlock, JsonObject, ServiceTier } from '../../inference/model-call.ts';
import type { ReportedUsage } from '../../inference/vendor-usage.ts';
import type { Reply } from '../model-connection/reply.ts';
import type { FrameReader } from './frame-reader.ts';

/** How one call is put to Bedrock, and how its answer is read. */
export interface Dialect {
  /** Last segment of the path. */
  readonly wholeOperation: 'converse' | 'invoke';
  readonly streamOperation: 'converse-stream' | 'invoke-with-response-stream';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Undefined when the body is no answer. */
  readonly read: (body: JsonObject, reply: Reply) => ReadAnswer | undefined;
  readonly reader: (emit: (event: ModelEvent) => void) => FrameReader;
}

export interface ReadAnswer {
  readonly answer: Omit<ModelAnswer, 'usage' | 'upstream'>;
  readonly reported: ReportedUsage;
  /** What the model wrote, for counting where nothing is reported. */
  readonly written: readonly ContentBlock[];
  readonly tier: ServiceTier | undefined;
}
