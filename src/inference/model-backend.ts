import type { BatchUpstream } from './batch-upstream.ts';
import type { BodyFormat, ContentBlock, JsonObject, ModelCall, ServiceTier, StopReason } from './model-call.ts';
import type { NativeCall } from './native-call.ts';
import type { TokenUsage } from './token-usage.ts';

/** What the upstream did that only metering needs. */
export interface UpstreamFacts {
  /** The upstream's own request id. */
  readonly requestId?: string;
  /** Principal that the upstream's bill names for the call. Absent: its bill names none. */
  readonly principalArn?: string;
  /** True where that principal is the gateway's and not the caller's. */
  readonly isGatewayPrincipal?: boolean;
  /** Tier that was used. Absent: the one asked for. */
  readonly tier?: ServiceTier;
}

/** A complete answer. */
export interface ModelAnswer {
  readonly content: readonly ContentBlock[];
  readonly stopReason: StopReason;
  /** The sequence that stopped it, where the upstream names it. Never part of the content. */
  readonly stopSequence?: string;
  readonly usage: TokenUsage;
  /** Converse's `trace`: what a guardrail did. Absent: none was asked for, or it is in `original`. */
  readonly trace?: JsonObject;
  readonly upstream?: UpstreamFacts;
  /** The answer as the upstream wrote it, in the dialect of the call's original body. */
  readonly original?: {
    readonly format: BodyFormat;
    readonly body: JsonObject;
    /** The same as it came, where it can be sent on without being written anew. */
    readonly bytes?: Buffer;
  };
}

/** An answer that is no text. */
export interface NativeAnswer {
  /** In the dialect of the call. */
  readonly body: JsonObject;
  readonly usage: TokenUsage;
  readonly upstream?: UpstreamFacts;
}

/**
 * A streamed answer, event by event, in Converse's order: a `blockStart` only where Converse sends one (tool use, not
 * text). `end` comes exactly once and last, and its usage is the one that counts; `start` may carry what the upstream
 * already knows of the input, for vendors whose first chunk names it.
 *
 * An upstream that passes a stream on in the dialect of the call's original body sends `original` events for all between
 * `start` and `end`: one for every piece, as it came, `[DONE]` and the like left out.
 */
export type ModelEvent =
  | {
      readonly type: 'start';
      readonly usage?: TokenUsage;
      /** Tier that is used, where the upstream says so before it answers. */
      readonly tier?: ServiceTier;
      /** The first pieces as they came, none at times; they stand in for all that a door would say at the beginning. */
      readonly original?: readonly Buffer[];
    }
  | { readonly type: 'blockStart'; readonly index: number; readonly start: JsonObject }
  | { readonly type: 'blockDelta'; readonly index: number; readonly delta: JsonObject }
  | { readonly type: 'blockStop'; readonly index: number }
  | {
      readonly type: 'original';
      readonly format: BodyFormat;
      /** Name of the server-sent event; absent: it has none. */
      readonly event?: string;
      readonly data: JsonObject;
      /** The piece as it came, where it can be sent on without being written anew: Bedrock's, frames of an event stream. */
      readonly bytes?: Buffer;
      /** The same as it came, on one line. Absent: it is not at hand. */
      readonly text?: string;
      /** Characters of text in it that the model wrote. */
      readonly outputCharacters: number;
    }
  | {
      readonly type: 'end';
      readonly stopReason: StopReason;
      readonly stopSequence?: string;
      readonly usage: TokenUsage;
      /** As in `ModelAnswer`. */
      readonly trace?: JsonObject;
      readonly upstream?: UpstreamFacts;
      /** The last pieces as they came, none at times; they stand in for all that a door would say at the end. */
      readonly original?: readonly Buffer[];
    };

/**
 * Port: something that runs models. Implementations throw a Fault of Bedrock's catalogue: ThrottlingException,
 * ModelTimeoutException, ModelErrorException, ServiceUnavailableException, ValidationException; while streaming,
 * ModelStreamErrorException. A thrown Fault may carry `fields.usage` (TokenUsage), what was consumed before it
 * failed, and `fields.upstream` (UpstreamFacts).
 */
export interface ModelBackend {
  /** Name in the configuration; on every usage event. */
  readonly name: string;
  /** Native bodies reach the model as they are. Absent: calls are read and translated. */
  readonly takesNativeBodies?: true;
  /** Guardrails that calls name are applied. Absent: such calls are refused before they come here. */
  readonly appliesGuardrails?: true;
  /** Runs models that are paid for by the hour. Absent: calls of these are refused, for their tokens would cost here. */
  readonly runsHeldModels?: true;
  complete(call: ModelCall): Promise<ModelAnswer>;
  stream(call: ModelCall): AsyncIterable<ModelEvent>;
  /** Answers a call whose answer is no text. Absent: it has no such models. */
  invoke?(call: NativeCall): Promise<NativeAnswer>;
  /** Runs whole batches at a price for batches. Absent: a batch is made of single calls. */
  readonly batches?: BatchUpstream;
  /** True where its bill counts the single calls of a batch like any other call. Absent: false. */
  readonly billsBatchesAsCalls?: boolean;
  /** Input tokens that `call` would be charged for. */
  countTokens(call: ModelCall): Promise<number>;
  /** Throws a Fault when it does not work; asks no model for anything. Absent: only calls show. */
  probe?(): Promise<void>;
  close(): Promise<void>;
}
