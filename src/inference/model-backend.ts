import type { ContentBlock, JsonObject, ModelCall, StopReason } from './model-call.ts';
import type { TokenUsage } from './token-usage.ts';

/** A complete answer. */
export interface ModelAnswer {
  readonly content: readonly ContentBlock[];
  readonly stopReason: StopReason;
  /** The sequence that stopped it, where the upstream names it. Never part of the content. */
  readonly stopSequence?: string;
  readonly usage: TokenUsage;
}

/**
 * A streamed answer, event by event, in Converse's order: a `blockStart` only where Converse sends one (tool use, not
 * text). `end` comes exactly once and last, and its usage is the one that counts; `start` may carry what the upstream
 * already knows of the input, for vendors whose first chunk names it.
 */
export type ModelEvent =
  | { readonly type: 'start'; readonly usage?: TokenUsage }
  | { readonly type: 'blockStart'; readonly index: number; readonly start: JsonObject }
  | { readonly type: 'blockDelta'; readonly index: number; readonly delta: JsonObject }
  | { readonly type: 'blockStop'; readonly index: number }
  | {
      readonly type: 'end';
      readonly stopReason: StopReason;
      readonly stopSequence?: string;
      readonly usage: TokenUsage;
    };

/**
 * Port: something that runs models. Implementations throw a Fault of Bedrock's catalogue: ThrottlingException,
 * ModelTimeoutException, ModelErrorException, ServiceUnavailableException, ValidationException; while streaming,
 * ModelStreamErrorException. A thrown Fault may carry `fields.usage` (TokenUsage): what was consumed before it failed.
 */
export interface ModelBackend {
  /** Name in the configuration; on every usage event. */
  readonly name: string;
  complete(call: ModelCall): Promise<ModelAnswer>;
  stream(call: ModelCall): AsyncIterable<ModelEvent>;
  /** Input tokens that `call` would be charged for. */
  countTokens(call: ModelCall): Promise<number>;
  close(): Promise<void>;
}
