import type { Fault } from '../kernel/fault.ts';
import type { TagSet } from '../kernel/tags.ts';

/** The verified caller as an upstream may name it, for instance in a session of its own; see identity's `Caller`. */
export interface ModelCaller {
  readonly kind: 'user' | 'assumed-role' | 'federated-user' | 'root';
  /** `line_item_iam_principal`. */
  readonly arn: string;
  readonly principalArn: string;
  readonly accountId: string;
  readonly principalId: string;
  readonly userId: string;
  readonly userName?: string;
  readonly roleName?: string;
  readonly sessionName?: string;
  readonly sourceIdentity?: string;
  readonly tags: TagSet;
}

/** The dialects in which bodies can go through untouched. `native` is the model's own body on InvokeModel. */
export type BodyFormat = 'converse' | 'native' | 'openai-chat' | 'openai-responses' | 'anthropic-messages';

/**
 * A request's body as the caller wrote it: an upstream that speaks the same dialect gets it as it is, so that members
 * nobody here knows survive. Everything else is translated from the call.
 */
export interface OriginalBody {
  readonly format: BodyFormat;
  readonly body: JsonObject;
  /** The same as received, for upstreams that change nothing in it. Absent: `body` is all there is. */
  readonly bytes?: Buffer;
  /** Headers that change what the body means, lower-case names: `anthropic-beta`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Service tier, by Bedrock's names; `standard` is Bedrock's `default`. */
export type ServiceTier = 'standard' | 'priority' | 'flex' | 'reserved' | 'latency_optimized';

/** Longest silences of an upstream, where the call has its own. Absent members: the upstream's. */
export interface CallTimeouts {
  /** Until the answer begins. */
  readonly headersTimeoutMs?: number;
  /** Between two pieces of it. */
  readonly idleTimeoutMs?: number;
}

/** What every call has, whatever its form. */
export interface CallFacts {
  readonly requestId: string;
  /** Foundation model id as the price book knows it. */
  readonly modelId: string;
  /** Name of the model at the upstream; equal to `modelId` unless the configuration maps it. */
  readonly upstreamModelId: string;
  readonly caller: ModelCaller;
  /** The inference profile that was named, system or application. Absent: none. */
  readonly inferenceProfileArn?: string;
  /** The provisioned or imported model that was named. Absent: none. */
  readonly heldModelArn?: string;
  /** The system inference profile that was named or that the named one was copied from: `us.` and a model id. Absent: none. */
  readonly systemProfileId?: string;
  /** How often the call is being made, from 1 on. Absent: 1. */
  readonly attempt?: number;
  /** The caller's own annotations. Absent: none. */
  readonly requestMetadata?: readonly (readonly [string, string])[];
  /** The region that the caller addressed. */
  readonly region: string;
  readonly route: 'in_region' | 'geo' | 'global';
  readonly tier: ServiceTier;
  readonly timeouts?: CallTimeouts;
  /** Absent: nobody ends the call before its answer has come. */
  readonly stop?: CallStop;
}

/** What ends a call. No `AbortSignal`, for the reason that `ClientPresence` gives. */
export interface CallStop {
  /** The Fault to end it with, to which its usage so far is added; undefined while the call may go on. */
  readonly reason: Fault | undefined;
  /** Told at most once, with the reason, if that is still to come. */
  listen(listener: (reason: Fault) => void): void;
}

/**
 * One inference in the shape of Bedrock's Converse API: the form into which every front door translates and which every
 * upstream understands. JSON only; blobs are base64 strings here.
 */
export interface ModelCall extends CallFacts {
  readonly messages: readonly ModelMessage[];
  readonly system: readonly ContentBlock[];
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly stopSequences?: readonly string[];
  /** Converse's `toolConfig`, as received. */
  readonly toolConfig?: JsonObject;
  /** Converse's `outputConfig` (structured output), as received. */
  readonly outputConfig?: JsonObject;
  /** Converse's `additionalModelRequestFields`, or the members of a native body that have no Converse name. */
  readonly additionalFields: JsonObject;
  /** Converse's `guardrailConfig`, or what InvokeModel's headers say of it. */
  readonly guardrail?: JsonObject;
  readonly original?: OriginalBody;
  /** The original body is one that nobody here reads: only a backend that takes native bodies as they are can answer. */
  readonly isOpaque?: true;
}

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export interface ModelMessage {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: readonly ContentBlock[];
}

/** A Converse content block, one member set: `{text}`, `{image}`, `{toolUse}`, `{toolResult}`, `{cachePoint}`, ... */
export type ContentBlock = JsonObject;

export type StopReason =
  | 'end_turn'
  | 'tool_use'
  | 'max_tokens'
  | 'stop_sequence'
  | 'guardrail_intervened'
  | 'content_filtered'
  | 'model_context_window_exceeded';

/** What the caller asked, before it is decided which model answers: what a front door reads from a request body. */
export type ModelPrompt = Omit<ModelCall, keyof CallFacts>;
